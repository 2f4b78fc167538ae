"""The channel by which the public server has Rasa run turns. In `credentials.yml`:

    segunda_via.rasa_plugin.channel.turn_channel.TurnChannel:

    POST /webhooks/segunda_via/turn     {conversation_id, message_id, text | intent + entities, metadata, attempt}
    200  {messages: […]}                what was said, in order; the same when it is asked again. The header
                                        X-Event-Loop-Lag tells by how many seconds this loop is late
    500 504                             the turn broke, or took too long: nothing may be sent
    503                                 no turn now: nothing may be sent, ask again
    400                                 no turn at all
    GET  /webhooks/segunda_via/turn
    200 503                             whether a model is loaded
    Both demand `Authorization: Bearer <SEGUNDA_VIA_TURN_SECRET>`, else 401.

It stands on Sanic 21.12, which one packet can freeze: Rasa's server belongs on loopback or on a private network.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

from segunda_via.app import App
from segunda_via.http.rasa_client import LONGEST_TURN, LOOP_LAG
from segunda_via.operations.loop_lag import LoopLag
from segunda_via.private_servers import binding, request_bounds
from segunda_via.rasa_plugin import http_api
from segunda_via.rasa_plugin.channel import turn
from segunda_via.rasa_plugin.channel.push import OutboxOutput
from segunda_via.rasa_plugin.channel.turn import NAME, TurnBroken, TurnCall, TurnCallError, TurnError, TurnTooLong
from segunda_via.rasa_plugin.patches import action_schema, tracker_store_in_force
from segunda_via.rasa_plugin.process import configured_or_exit, process_app

logger = logging.getLogger(__name__)

PATH = "segunda_via"

_STATUSES: Mapping[type[TurnError], int] = {TurnBroken: 500, TurnTooLong: 504}
_UNAVAILABLE = 503


class TurnChannel(InputChannel):
    @classmethod
    def name(cls) -> str:
        return NAME

    def url_prefix(self) -> str:
        return PATH

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TurnChannel:
        """A malformed configuration, or an API open to everyone, ends the start with its one line."""
        if http_api.is_open(http_api.of_rasa_run(sys.argv)):
            raise SystemExit(http_api.OPEN)
        action_schema.install()
        tracker_store_in_force.install()
        with configured_or_exit():
            return cls(process_app())

    def __init__(self, app: App, longest: float = LONGEST_TURN) -> None:
        """`longest` is how many seconds a turn may take."""
        self._app = app
        self._bearer = f"Bearer {app.turn_secret}".encode()
        self._longest = longest
        self._loop_lag = LoopLag()

    def get_output_channel(self) -> OutputChannel:
        """For what Rasa says outside a turn, such as `trigger_intent`."""
        return OutboxOutput(self._app)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("segunda_via_turns")

        # Functions, since Sanic 21.12 writes on its handlers, which bound methods do not bear.
        async def run(request: Request) -> HTTPResponse:
            return await self._run(request) if self._is_admitted(request) else _unauthorized()

        async def status(request: Request) -> HTTPResponse:
            return self._status(request) if self._is_admitted(request) else _unauthorized()

        @blueprint.listener("after_server_start")
        async def measure(server: Sanic, loop: asyncio.AbstractEventLoop) -> None:
            server.add_task(self._loop_lag.measure())

        blueprint.add_route(run, "/turn", methods=["POST"])
        blueprint.add_route(status, "/turn", methods=["GET"])
        request_bounds.install(blueprint, largest_body)

        @blueprint.listener("before_server_start")
        async def tell(server: Sanic, *_: object) -> None:
            binding.warn("the Rasa server", server.state.host, "Start it with `--interface 127.0.0.1`.")

        return blueprint

    def _is_admitted(self, request: Request) -> bool:
        given = (request.headers.get("authorization") or "").encode()
        return hmac.compare_digest(given, self._bearer)

    async def _run(self, request: Request) -> HTTPResponse:
        try:
            call = TurnCall.read(request.json)
        except TurnCallError as error:
            return json({"error": str(error)}, 400)
        try:
            messages = await turn.run(request.app.ctx.agent, call, self._longest)
        except TurnError as error:
            logger.error("a turn could not be run (%s)", error)
            return json({"error": type(error).__name__}, _STATUSES.get(type(error), _UNAVAILABLE))
        return json({"messages": messages}, headers={LOOP_LAG: f"{self._loop_lag.seconds:.3f}"})

    @staticmethod
    def _status(request: Request) -> HTTPResponse:
        agent = getattr(request.app.ctx, "agent", None)
        is_loaded = agent is not None and agent.is_ready()
        return json({"model": "loaded" if is_loaded else None}, 200 if is_loaded else _UNAVAILABLE)


def largest_body(path: str) -> int:
    """What may be sent to that route of the Rasa server, in bytes: wherever customers write, little."""
    return request_bounds.CUSTOMERS if path.startswith("/webhooks/") else request_bounds.CALLS


def _unauthorized() -> HTTPResponse:
    return json({"error": "unauthorized"}, 401)
