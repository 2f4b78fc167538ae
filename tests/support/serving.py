"""The public server, listening on loopback inside the test's own loop."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator

import httpx
from starlette.types import ASGIApp

from segunda_via.app import App
from segunda_via.server import application, serve
from support.http import local_client
from support.uvicorn_server import loopback, running


@contextlib.asynccontextmanager
async def serving(
    app: App, asgi: ASGIApp | None = None, *, lifespan: str = "off", listener: socket.socket | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server of `app` (of `asgi`, where only a part of it is served); without its workers."""
    config = serve.config(asgi or application.create(app), app, lifespan=lifespan)
    async with running(config, listener or loopback()) as address, local_client(address, timeout=30) as client:
        yield client
