"""Real servers on free ports, spoken to over loopback."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from sanic import Sanic
from support.http import local_client
from support.serving import serving
from web.operator import NAME, PASSWORD, Operator, new_app

from sandbox.server import RunningSandbox
from segunda_via.app import App

Serve = Callable[[Sanic], Awaitable[httpx.AsyncClient]]
OpenBrowser = Callable[[App], Awaitable[Operator]]


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


@pytest.fixture
async def open_browser() -> AsyncIterator[OpenBrowser]:
    """Serves an app by the public server; gives a fresh browser that nobody has signed in with."""
    async with AsyncExitStack() as opened:

        async def browser(app: App) -> Operator:
            return Operator(await opened.enter_async_context(serving(app)))

        yield browser


@pytest.fixture
def app(tmp_path: Path) -> App:
    """An application in which one operator has an account."""
    made = new_app(tmp_path)
    made.operators.add("default", NAME, PASSWORD, by="test")
    return made


@pytest.fixture
async def operator(app: App, open_browser: OpenBrowser) -> Operator:
    """That operator, signed in."""
    entered = await open_browser(app)
    await entered.sign_in()
    return entered


@pytest.fixture(scope="module")
def running_sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    """The sandbox's gateways, whose faults end with the test."""
    yield running_sandbox
    running_sandbox.reset()
