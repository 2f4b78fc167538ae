"""The channel by which the public server has Rasa run turns. In `credentials.yml`:

    segunda_via.rasa_plugin.channel.turn_channel.TurnChannel:

    POST /webhooks/segunda_via/turn     {conversation_id, message_id, text | intent + entities, metadata, attempt}
         Authorization: Bearer <SEGUNDA_VIA_TURN_SECRET>
    200  {messages: […]}                what was said, in order; the same when it is asked again
    400 401 503                         no turn; no right; no turn now: nothing may be sent, ask again

It stands on Sanic 21.12, which one packet can freeze: Rasa's server belongs on loopback or on a private network.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from segunda_via.rasa_plugin.channel import turn
from segunda_via.rasa_plugin.channel.turn import NAME, TurnCall, TurnCallError, TurnUnavailable
from segunda_via.rasa_plugin.patches import action_schema, tracker_store_in_force
from segunda_via.rasa_plugin.process import configured_or_exit, process_app
from segunda_via.web import request_bounds

logger = logging.getLogger(__name__)


class TurnChannel(InputChannel):
    @classmethod
    def name(cls) -> str:
        return NAME

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TurnChannel:
        action_schema.install()
        tracker_store_in_force.install()
        with configured_or_exit():
            return cls(process_app().turn_secret)

    def __init__(self, secret: str, longest: float = turn.LONGEST_TURN) -> None:
        """`longest` is how many seconds a turn may take."""
        self._bearer = f"Bearer {secret}".encode()
        self._longest = longest

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("segunda_via_turns")

        # A function, since Sanic 21.12 writes on its handlers, which bound methods do not bear.
        async def run(request: Request) -> HTTPResponse:
            return await self._run(request)

        blueprint.add_route(run, "/turn", methods=["POST"])
        request_bounds.install(blueprint, lambda path: request_bounds.CUSTOMERS)
        return blueprint

    async def _run(self, request: Request) -> HTTPResponse:
        given = (request.headers.get("authorization") or "").encode()
        if not hmac.compare_digest(given, self._bearer):
            return json({"error": "unauthorized"}, 401)
        try:
            call = TurnCall.read(request.json)
        except TurnCallError as error:
            return json({"error": str(error)}, 400)
        try:
            messages = await turn.run(request.app.ctx.agent, call, self._longest)
        except TurnUnavailable as error:
            logger.error("a turn could not be run (%s)", error)
            return json({"error": "unavailable"}, 503)
        return json({"messages": messages})
