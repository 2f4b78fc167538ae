"""Twilio's calls: checked, written down, and acknowledged; no more.

POST /webhooks/whatsapp/webhook    a customer's message            204
POST /webhooks/whatsapp/status     what became of one of ours      204
503                                not configured, or it could not be written down: Twilio is told so
403 415                            not signed by Twilio; no form
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from segunda_via.app import App
from segunda_via.company import COMPANY
from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.whatsapp import inbound, twilio_signature

logger = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"


def routes(app: App, received: Callable[[], None]) -> list[Route]:
    """`received` is told of each message that was written down."""
    calls = _TwilioCalls(app, received)
    return [
        Route("/webhooks/whatsapp/webhook", calls.webhook, methods=["POST"]),
        Route("/webhooks/whatsapp/status", calls.status, methods=["POST"]),
    ]


class _TwilioCalls:
    def __init__(self, app: App, received: Callable[[], None]) -> None:
        self._app = app
        self._received = received

    async def webhook(self, request: Request) -> Response:
        number = await self._app.whatsapp_number.soon(COMPANY)
        pairs = await _admitted(request, number, number.webhook_url if number else "")
        if isinstance(pairs, Response):
            return pairs
        message = inbound.read(pairs)
        if message is None or message.kind in inbound.SILENT:
            return Response(status_code=204)
        try:
            await self._app.receiver.receive(message)
        except Exception as error:
            logger.error("a message could not be written down (%s); Twilio is told so", type(error).__name__)
            return PlainTextResponse("try again\n", 503)
        self._received()
        return Response(status_code=204)

    async def status(self, request: Request) -> Response:
        number = await self._app.whatsapp_number.soon(COMPANY)
        pairs = await _admitted(request, number, number.status_url if number else "")
        if isinstance(pairs, Response):
            return pairs
        form = dict(pairs)
        sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "").lower()
        if sid and status:
            try:
                await self._app.sender.status(sid[:64], status[:32], (form.get("ErrorCode") or "")[:32] or None)
            except Exception as error:
                logger.error("a status could not be written down (%s)", type(error).__name__)
                return PlainTextResponse("try again\n", 503)
        return Response(status_code=204)


async def _admitted(request: Request, number: WhatsAppNumber | None, url: str) -> twilio_signature.Pairs | Response:
    """The form, if Twilio signed it; else the answer that refuses it."""
    if number is None:
        return PlainTextResponse("WhatsApp is not configured\n", 503)
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM:
        return PlainTextResponse("a form is expected\n", 415)
    pairs = twilio_signature.parse(await request.body())
    given = request.headers.get("x-twilio-signature", "")
    if pairs is None or not twilio_signature.is_valid(number.auth_token, _with_query(url, request), pairs, given):
        logger.warning("a call without Twilio's signature was refused")
        return PlainTextResponse("forbidden\n", 403)
    return pairs


def _with_query(url: str, request: Request) -> str:
    """The URL as configured; a query that came with the call was signed too."""
    query = request.url.query
    return url if not query or "?" in url else f"{url}?{query}"
