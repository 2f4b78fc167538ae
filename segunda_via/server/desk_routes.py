"""`POST /desk/<desk>`: the ticket desk says that its people are done, and the assistant answers again.

Understood, of the desk in force alone: {"event": "ticket.returned", "ticket_id": "…"} (or "conversation_id") from any
desk, and what its own events mean by the desk's description. Proved by its secret for returns: our own signature, the
desk's, a bearer token, or the password of an address such as https://desk:secret@….
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from segunda_via.app import App
from segunda_via.company import COMPANY
from segunda_via.desks import registry, signature
from segunda_via.desks.description import DeskDescription
from segunda_via.errors import SegundaViaError
from segunda_via.http import exact_json

logger = logging.getLogger(__name__)


def routes(app: App) -> list[Route]:
    async def desk(request: Request) -> Response:
        try:
            settings = await asyncio.to_thread(app.desk_settings, COMPANY)
        except SegundaViaError as error:
            logger.error("a return cannot be read: %s", error)
            return _refused(503, "not configured")
        except SQLAlchemyError as error:
            return _without_database(error)
        known = registry.description(settings.name)
        secret = settings.credentials.get(known.returns_by)
        if settings.name != request.path_params["desk"] or not secret:
            return _refused(404, "this desk returns nothing here")
        content = await request.body()
        if not proved(known, request.headers, content, secret, app.now().timestamp()):
            logger.warning("refused a return from %s: no valid signature or secret", settings.name)
            return _refused(401, "no valid signature or secret")
        body = exact_json.parse(content)
        if body is exact_json.NOT_JSON:
            return _refused(400, "not JSON")
        ticket = returned_ticket(known, body)
        try:
            changed = ticket is not None and await asyncio.to_thread(app.tickets.returned, COMPANY, ticket)
        except SQLAlchemyError as error:
            return _without_database(error)
        return JSONResponse({"returned": changed})

    return [Route("/desk/{desk}", desk, methods=["POST"], name="desk")]


def proved(desk: DeskDescription, headers: Mapping[str, str], body: bytes, secret: str, now: float) -> bool:
    """Whether who sends this knows the secret. A signature, where there is one, alone decides."""
    ours = headers.get(signature.HEADER.lower())
    if ours:
        return signature.verify(body, ours, secret, now=now)
    theirs = desk.signed(headers, body, secret, now)
    if theirs is not None:
        return theirs
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given).decode().partition(":")[2]
        except ValueError:
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode(), secret.encode())


def returned_ticket(desk: DeskDescription, body: Any) -> str | None:
    """Which ticket, or conversation, comes back; None when the desk tells of something else.

    >>> returned_ticket(registry.description("webhook"), {"event": "ticket.returned", "ticket_id": 481})
    '481'
    >>> changed = {"event": "conversation_status_changed", "id": 7, "status": "open"}
    >>> returned_ticket(registry.description("chatwoot"), changed)
    >>> returned_ticket(registry.description("whaticket"), {"ticket": {"id": 9, "status": "closed"}})
    '9'
    """
    if not isinstance(body, dict):
        return None
    if body.get("event") == "ticket.returned":
        return _word(body.get("ticket_id")) or _word(body.get("conversation_id"))
    return _word(desk.returned(body))


def _word(value: object) -> str | None:
    return str(value)[:255] if isinstance(value, (str, int)) and value else None


def _without_database(error: SQLAlchemyError) -> Response:
    logger.error("a return could not be written down (%s)", type(error).__name__)
    return _refused(503, "try again")


def _refused(status: int, reason: str) -> Response:
    return JSONResponse({"error": reason}, status)
