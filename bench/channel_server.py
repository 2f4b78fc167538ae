"""The public server, as it runs, beside a clock that watches it.

    python -m bench.channel_server <port>
"""

from __future__ import annotations

import asyncio
import socket
import sys
import time

import uvicorn
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.channel_load import WEBHOOK
from bench.watched import WATCHED, Watch
from segunda_via import app as composition
from segunda_via.server import application, serve
from segunda_via.server.workers import Workers


class Watched:
    """A middleware before everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._watch = Watch()
        self._loop: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._loop = self._loop or asyncio.create_task(self._watch.the_loop())
        if scope["type"] == "http" and scope["path"] == WATCHED:
            await JSONResponse(self._watch.told())(scope, receive, send)
            return
        began = time.perf_counter()
        await self._app(scope, receive, send)
        if scope["type"] == "http" and scope["path"] == WEBHOOK:
            self._watch.handled.append(time.perf_counter() - began)


def main() -> None:
    app = composition.build()
    asgi = Watched(application.create(app, Workers(app)))
    with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=2048) as listener:
        uvicorn.Server(serve.config(asgi, app)).run([listener])


if __name__ == "__main__":
    main()
