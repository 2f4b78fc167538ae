"""Who may call the action server, and what it says when something breaks.

With `SEGUNDA_VIA_ACTION_SECRET`, `/webhook` and `/actions` demand it as a bearer token: 401 without. Unset, they answer
this very machine alone, 403 to everyone else, and to whatever came through a proxy or a browser. Who is refused is
refused before the body is read. `/health` is open.

In another bot's action server only the calls of our own actions are guarded (`guard_calls`) and their errors protected;
the others are the bot's.

rasa_sdk answers an exception with the whole request, which holds the conversation and the slots, and Rasa logs that
answer. `protect_errors` puts `{"error", "action_name"}` in its place, with the status the exception asks for.
"""

from __future__ import annotations

import json
import logging
import traceback
import zlib
from collections.abc import Collection
from typing import Any

from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from segunda_via.private_servers.callers import AccessRefusal, refusal

logger = logging.getLogger(__name__)

CALLS = "webhook"
GUARDED = frozenset({CALLS, "actions"})
"""Sanic names a route's path without its slashes."""

_MAX_CALL = 16 * 1024 * 1024


class CallRefused(SanicException):
    """A call that is not served."""

    def __init__(self, refused: AccessRefusal) -> None:
        super().__init__(refused.reason, refused.status)
        self.refused = refused


def install_guard(app: Sanic, secret: str | None) -> None:
    """Refuse calls of the guarded routes as soon as it is known which route they are for."""

    @app.signal("http.routing.after")
    async def guard(request: Request, **_: Any) -> None:
        if request.route is not None and request.route.path.strip("/") in GUARDED:
            _require(request, secret)

    _answer_the_refused(app)


def guard_calls(app: Sanic, secret: str | None, actions: Collection[str]) -> None:
    """Refuse calls of these actions alone."""

    @app.middleware("request")
    def guard(request: Request) -> None:
        is_call = request.route is not None and request.route.path.strip("/") == CALLS
        if is_call and _action_name(request) in actions:
            _require(request, secret)

    _answer_the_refused(app)


def _require(request: Request, secret: str | None) -> None:
    refused = refusal(request.ip, request.headers, secret)
    if refused is not None:
        logger.warning("refused a call of the action server: %s", refused.reason)
        raise CallRefused(refused)


def _answer_the_refused(app: Sanic) -> None:
    @app.exception(CallRefused)
    def answer(request: Request, error: CallRefused) -> HTTPResponse:
        refused = error.refused
        return json_response({"error": refused.reason}, status=refused.status, headers=refused.headers)


def protect_errors(app: Sanic, actions: Collection[str] | None = None) -> None:
    """Answer exceptions without a word of the request, and log where they arose without their text.

    With `actions`, those of their calls alone; the others are answered as the SDK does.
    """
    # The SDK's own handler gives way: newer versions of Sanic refuse a second one. Sanic-Cors may stand before it.
    handlers = getattr(app.error_handler, "orig_handler", app.error_handler).cached_handlers
    of_the_sdk: Any = handlers.pop((Exception, None), None)

    @app.exception(Exception)
    async def answer(request: Request, error: Exception) -> HTTPResponse:
        if of_the_sdk is not None and actions is not None and _action_name(request) not in actions:
            as_ever: HTTPResponse = await of_the_sdk(request, error)
            return as_ever
        if isinstance(error, SanicException):
            status = getattr(error, "status_code", None) or 500
            return json_response({"error": f"HTTP {status}"}, status=status)
        action = _action_name(request)
        frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
        logger.error("%s failed with %s at:\n%s", action or "a request", type(error).__name__, frames)
        body = {"error": f"the action failed with {type(error).__name__}", "action_name": action}
        return json_response(body, status=500)


def _action_name(request: Request) -> str | None:
    """The action that a call names; None when it cannot be told."""
    try:
        if request.headers.get("content-encoding") == "deflate":
            call = json.loads(zlib.decompressobj().decompress(request.body, _MAX_CALL))
        else:
            call = request.json  # read once, for the SDK too
        name = call["next_action"]
    except (ValueError, TypeError, LookupError, zlib.error, SanicException):
        return None
    return name if isinstance(name, str) and name.isidentifier() and len(name) <= 100 else None
