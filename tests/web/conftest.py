"""Real servers on free ports, spoken to over loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from support.serving import serving
from web.operator import NAME, PASSWORD, Operator, new_app

from sandbox.server import RunningSandbox
from segunda_via.app import App

OpenBrowser = Callable[[App], Awaitable[Operator]]


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
