"""`POST /desk/<desk>`: the ticket desk says that its people are done, and the assistant answers again.

Understood, each for the desk in force alone:

    any desk    {"event": "ticket.returned", "ticket_id": "…"} (or "conversation_id")
    chatwoot    its webhook `conversation_status_changed`, to `pending` or `resolved`
    whaticket   {"ticket": {"id": …, "status": "closed"}}, or that ticket alone, as forks with webhooks send it

Proved by the desk's `return_secret` (of the webhook desk, its `secret`): our own signature, Chatwoot's, a bearer token,
or the password of an address such as https://desk:secret@….
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from segunda_via.company import COMPANY
from segunda_via.desks import signature
from segunda_via.desks.desk_setting import DeskSettings
from segunda_via.errors import SegundaViaError
from segunda_via.http import exact_json
from segunda_via.tickets.ticket_service import TicketService

logger = logging.getLogger(__name__)

MAX_BODY = 256 * 1024
_CHATWOOT_RETURNS = frozenset({"pending", "resolved"})


class DeskServices(Protocol):
    """What the route needs of the composition root (`segunda_via.app.App`)."""

    @property
    def tickets(self) -> TicketService: ...

    @property
    def now(self) -> Callable[[], datetime]: ...

    def desk_settings(self, company: str) -> DeskSettings: ...


def mount(app: Sanic, services: Callable[[], DeskServices]) -> None:
    """Serve the route on `app`. `services` is asked at each request."""

    async def desk(request: Request, desk: str) -> HTTPResponse:
        use = services()
        if len(request.body) > MAX_BODY:
            return _refused(413, "too large")
        try:
            settings = await asyncio.to_thread(use.desk_settings, COMPANY)
        except SegundaViaError as error:
            logger.error("a return cannot be read: %s", error)
            return _refused(503, "not configured")
        secret = settings.credentials.get("return_secret") or (
            settings.credentials.get("secret") if settings.name == "webhook" else None
        )
        if settings.name != desk or not secret:
            return _refused(404, "this desk returns nothing here")
        if not proved(request.headers, request.body, secret, use.now().timestamp()):
            logger.warning("refused a return from %s: no valid signature or secret", settings.name)
            return _refused(401, "no valid signature or secret")
        body = exact_json.parse(request.body)
        if body is exact_json.NOT_JSON:
            return _refused(400, "not JSON")
        ticket = returned_ticket(settings.name, body)
        changed = ticket is not None and await asyncio.to_thread(use.tickets.returned, COMPANY, ticket)
        return json_response({"returned": changed})

    app.add_route(desk, "/desk/<desk:str>", methods=["POST"], name="segunda_via_desk")


def proved(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> bool:
    """Whether who sends this knows the secret. A signature, where there is one, alone decides."""
    ours = headers.get(signature.HEADER.lower())
    if ours:
        return signature.verify(body, ours, secret, now=now)
    theirs, moment = headers.get("x-chatwoot-signature"), headers.get("x-chatwoot-timestamp", "")
    if theirs:
        expected = f"sha256={signature.digest(body, secret, moment)}"
        return signature.fresh(moment, now) and hmac.compare_digest(expected.encode(), theirs.encode())
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given).decode().partition(":")[2]
        except ValueError:
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode(), secret.encode())


def returned_ticket(desk: str, body: Any) -> str | None:
    """Which ticket, or conversation, comes back; None when the desk tells of something else.

    >>> returned_ticket("webhook", {"event": "ticket.returned", "ticket_id": 481})
    '481'
    >>> returned_ticket("chatwoot", {"event": "conversation_status_changed", "id": 7, "status": "open"})
    >>> returned_ticket("whaticket", {"ticket": {"id": 9, "status": "closed"}})
    '9'
    """
    if not isinstance(body, dict):
        return None
    if body.get("event") == "ticket.returned":
        return _word(body.get("ticket_id")) or _word(body.get("conversation_id"))
    if desk == "chatwoot" and body.get("event") == "conversation_status_changed":
        return _word(body.get("id")) if body.get("status") in _CHATWOOT_RETURNS else None
    ticket = body.get("ticket", body)
    if desk == "whaticket" and isinstance(ticket, dict) and ticket.get("status") == "closed":
        return _word(ticket.get("id"))
    return None


def _word(value: object) -> str | None:
    return str(value)[:255] if isinstance(value, (str, int)) and value else None


def _refused(status: int, reason: str) -> HTTPResponse:
    return json_response({"error": reason}, status=status)
