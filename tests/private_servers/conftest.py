"""Servers on Sanic, on free ports, spoken to over loopback."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from sanic import Sanic
from support.http import local_client

Serve = Callable[[Sanic], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts an app; gives a client whose base URL is that server."""
    opened: list[tuple[httpx.AsyncClient, object]] = []

    async def start(app: Sanic) -> httpx.AsyncClient:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        server = await app.create_server(sock=listener, return_asyncio_server=True, access_log=True)
        await server.startup()
        await server.before_start()
        await server.start_serving()
        client = local_client(f"http://127.0.0.1:{listener.getsockname()[1]}")
        opened.append((client, server))
        return client

    Sanic.test_mode = True
    yield start
    for client, server in opened:
        await client.aclose()
        await server.before_stop()
        server.close()
        await server.wait_closed()
        for connection in server.connections:
            connection.close()
        await server.after_stop()
    Sanic._app_registry.clear()
    Sanic.test_mode = False
