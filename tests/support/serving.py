"""The public server, listening on loopback inside the test's own loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import httpx
import uvicorn
from starlette.types import ASGIApp

from segunda_via.app import App
from segunda_via.server import application, serve
from support.http import local_client


@contextlib.asynccontextmanager
async def serving(
    app: App, asgi: ASGIApp | None = None, *, lifespan: str = "off", listener: socket.socket | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server of `app` (of `asgi`, where only a part of it is served); without its workers."""
    if listener is None:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(serve.config(asgi or application.create(app), app, lifespan=lifespan))
    running = asyncio.create_task(server.serve([listener]))
    while not server.started and not running.done():  # noqa: ASYNC110  uvicorn sets no event
        await asyncio.sleep(0.005)
    try:
        async with local_client(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        await running
        listener.close()
