"""One line in the log for each request: method, the route's name, status, milliseconds. Nothing of who asked for what.

No path, since links carry tokens in it; no query, no address. An exception that nobody handled ends here: it is told by
its type and place, since its text may quote what it choked on, and the visitor reads that something failed.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Others are a stranger's own words."""


class AccessLog:
    """A middleware of pure ASGI, around everything else."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = self._clock()
        status: int | None = None

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception as error:
            _tell(error, scope)
            if status is None:  # else the server closes the connection in the middle of the answer
                await PlainTextResponse("something failed\n", 500)(scope, receive, answer)
        finally:
            logger.info("%s %s %s %.0f ms", _method(scope), _route(scope), status, (self._clock() - began) * 1000)


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in METHODS else "OTHER"


def _route(scope: Scope) -> str:
    """The name of the route, which is written in the code; a dash where there is none."""
    return getattr(scope.get("route"), "name", None) or "-"


def _tell(error: Exception, scope: Scope) -> None:
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    logger.error("%s failed with %s at:\n%s", _route(scope), type(error).__name__, frames)
