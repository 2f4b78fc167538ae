"""The channel that `credentials.yml` names. Twilio's calls are checked, written down, and acknowledged; no more.

    POST /webhooks/whatsapp/webhook          a customer's message          204
    POST /webhooks/whatsapp/status           what became of one of ours    204
    GET  /webhooks/whatsapp/media/<token>    the QR code and the PDF
    GET  /webhooks/whatsapp/                 whether the channel is there

The workers of inbox and outbox start and stop with the Rasa server.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json, text

from segunda_via.app import App
from segunda_via.company import COMPANY
from segunda_via.rasa_plugin import http_api
from segunda_via.rasa_plugin.channel.whatsapp_output import NAME, WhatsAppPush
from segunda_via.rasa_plugin.channel.workers import ChannelWorkers
from segunda_via.rasa_plugin.patches import action_schema, tracker_store_in_force
from segunda_via.rasa_plugin.process import configured_or_exit, process_app
from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.web import binding, media_routes, request_bounds
from segunda_via.whatsapp import inbound, twilio_signature
from segunda_via.whatsapp.receiver import Receiver

logger = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"


class WhatsAppInput(InputChannel):
    @classmethod
    def name(cls) -> str:
        return NAME

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WhatsAppInput:
        """A malformed or half-set configuration, or an API open to everyone, ends the start with its one line."""
        if http_api.is_open(http_api.of_rasa_run(sys.argv)):
            raise SystemExit(http_api.OPEN)
        action_schema.install()
        tracker_store_in_force.install()
        with configured_or_exit():
            app = process_app()
            number = app.whatsapp(COMPANY)
        if number is None:
            logger.warning("WhatsApp is not configured: its routes answer 503 until it is")
        return cls(app)

    def __init__(self, app: App) -> None:
        self._app = app
        self._receiver = Receiver(app.engine, app.inbox, app.now, app.environment.messages_per_minute, COMPANY)
        self._service = ChannelWorkers(app)

    def get_output_channel(self) -> OutputChannel:
        """For what Rasa says outside a turn of the inbox, such as `trigger_intent`."""
        number = self._app.whatsapp_number.get(COMPANY)
        return WhatsAppPush(self._app.reply_drafts, COMPANY, number, self._service.queued)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("segunda_via_whatsapp")

        # Functions, since Sanic 21.12 writes on its handlers, which bound methods do not bear.
        async def health(request: Request) -> HTTPResponse:
            return await self._health(request)

        async def webhook(request: Request) -> HTTPResponse:
            return await self._webhook(request)

        async def status(request: Request) -> HTTPResponse:
            return await self._status(request)

        blueprint.add_route(health, "/", methods=["GET"])
        blueprint.add_route(webhook, "/webhook", methods=["POST"])
        blueprint.add_route(status, "/status", methods=["POST"])
        media_routes.mount(blueprint, lambda: self._app)
        request_bounds.install(blueprint, largest_body)

        @blueprint.listener("before_server_start")
        async def tell(server: Sanic, loop: asyncio.AbstractEventLoop) -> None:
            advice = "Start it with `--interface 127.0.0.1`, behind a proxy that passes on /webhooks/whatsapp/ alone."
            binding.warn("the Rasa server", server.state.host, advice)

        @blueprint.listener("after_server_start")
        async def start(server: Sanic, loop: asyncio.AbstractEventLoop) -> None:
            self._service.start(server, on_new_message)

        @blueprint.listener("before_server_stop")
        async def stop(server: Sanic, loop: asyncio.AbstractEventLoop) -> None:
            await self._service.stop()

        return blueprint

    async def _health(self, request: Request) -> HTTPResponse:
        number = await self._app.whatsapp_number.soon(COMPANY)
        return json({"status": "ok", "channel": NAME, "configured": number is not None})

    async def _webhook(self, request: Request) -> HTTPResponse:
        number = await self._app.whatsapp_number.soon(COMPANY)
        pairs = self._admitted(request, number, number.webhook_url if number else "")
        if isinstance(pairs, HTTPResponse):
            return pairs
        message = inbound.read(pairs)
        if message is None or message.kind in inbound.SILENT:
            return empty(204)
        try:
            await self._receiver.receive(message)
        except Exception as error:
            logger.error("a message could not be written down (%s); Twilio is told so", type(error).__name__)
            return text("try again\n", 503)
        self._service.received()
        return empty(204)

    async def _status(self, request: Request) -> HTTPResponse:
        number = await self._app.whatsapp_number.soon(COMPANY)
        pairs = self._admitted(request, number, number.status_url if number else "")
        if isinstance(pairs, HTTPResponse):
            return pairs
        form = dict(pairs)
        sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "").lower()
        if sid and status:
            try:
                await self._app.sender.status(sid[:64], status[:32], (form.get("ErrorCode") or "")[:32] or None)
            except Exception as error:
                logger.error("a status could not be written down (%s)", type(error).__name__)
                return text("try again\n", 503)
        return empty(204)

    @staticmethod
    def _admitted(request: Request, number: WhatsAppNumber | None, url: str) -> twilio_signature.Pairs | HTTPResponse:
        """The form, if Twilio signed it; else the answer that refuses it."""
        if number is None:
            return text("WhatsApp is not configured\n", 503)
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM:
            return text("a form is expected\n", 415)
        pairs = twilio_signature.parse(request.body)
        given = request.headers.get("x-twilio-signature", "")
        if pairs is None or not twilio_signature.is_valid(number.auth_token, _with_query(url, request), pairs, given):
            logger.warning("a call without Twilio's signature was refused")
            return text("forbidden\n", 403)
        return pairs


def _with_query(url: str, request: Request) -> str:
    """The URL as configured; a query that came with the call was signed too."""
    query = request.query_string
    return url if not query or "?" in url else f"{url}?{query}"


def largest_body(path: str) -> int:
    """What may be sent to that route of the Rasa server, in bytes: wherever customers write, little."""
    return request_bounds.CUSTOMERS if path.startswith("/webhooks/") else request_bounds.CALLS
