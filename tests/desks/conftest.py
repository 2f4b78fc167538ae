"""Every ticket desk beside its simulator over real HTTP, and the whole way from what the dialogue tells to the desk."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from desks.desk_sides import COMPANY, SECRET, SIDES, DeskSide
from support.databases import migrated_sqlite
from support.jobs import nothing_waits
from support.receiver import Receiver, receiving

from sandbox.chatwoot import ChatwootSimulator
from sandbox.server import RunningSandbox
from sandbox.whaticket import WhaticketSimulator
from segunda_via import clock
from segunda_via.app import App
from segunda_via.desks import registry
from segunda_via.desks.relay import RelayWorkers
from segunda_via.settings.environment import Environment
from segunda_via.tickets.journal import JournalEntry
from segunda_via.tickets.ticket import QUEUE

__all__ = ["COMPANY", "CUSTOMER", "DESKS", "KEY", "QUEUE", "SECRET", "TOLD", "Clock", "Kit"]

CUSTOMER = "whatsapp:+14155238886:whatsapp:+5547999990001"
KEY = Fernet.generate_key().decode()


class Clock:
    """The true time, moved ahead by what a test lets pass."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return clock.now() + self.ahead


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def whaticket() -> WhaticketSimulator:
    simulator = WhaticketSimulator()
    simulator.add_queue(QUEUE)
    return simulator


@pytest.fixture
def chatwoot() -> ChatwootSimulator:
    simulator = ChatwootSimulator()
    simulator.add_team(QUEUE)
    return simulator


@pytest.fixture
def sandbox(whaticket: WhaticketSimulator, chatwoot: ChatwootSimulator) -> Iterator[RunningSandbox]:
    with RunningSandbox(desks=(whaticket, chatwoot)) as running:
        yield running


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def app_with(folder: Path, desk: str, credentials: dict[str, str], time: Clock, url: str | None = None) -> App:
    environment = Environment.read(
        {
            "SEGUNDA_VIA_DATABASE_URL": url or migrated_sqlite(folder),
            "SEGUNDA_VIA_SECRET_KEY": KEY,
            "SEGUNDA_VIA_TICKET_DESK": desk,
            **({"SEGUNDA_VIA_TICKET_DESK_CREDENTIALS": json.dumps(credentials)} if credentials else {}),
        }
    )
    return App(environment, now=time.now, home=folder)


@asynccontextmanager
async def telling(app: App) -> AsyncIterator[None]:
    """The relay at work."""
    rounds = RelayWorkers(app.desk_relay, app.tickets, app.desk_queue, app.timer_queue, poll=0.02)
    rounds.start()
    yield
    await rounds.stop()


async def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    async def poll() -> None:
        while not condition():  # noqa: ASYNC110  what is waited for is in the database, or at the desk
            await asyncio.sleep(0.02)

    await asyncio.wait_for(poll(), seconds)


@dataclass
class Kit:
    """One desk in force, and its side of it."""

    desk: str
    app: App
    time: Clock
    side: DeskSide
    receiver: Receiver
    sandbox: RunningSandbox

    @property
    def service(self) -> Any:
        return self.app.tickets

    def entry(self, ticket_id: str = "481") -> JournalEntry:
        entry = self.app.journal.entry(COMPANY, ticket_id)
        assert entry is not None
        return entry

    async def told(self) -> None:
        """Until nothing is left to tell."""
        async with telling(self.app):
            await until(lambda: nothing_waits(self.app.engine, "desk"))


DESKS = registry.names()
TOLD = tuple(name for name in DESKS if name != registry.JOURNAL)


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path, receiver: Receiver) -> AsyncIterator[Kit]:
    desk, time = request.param, Clock()
    with RunningSandbox() as sandbox:
        side = SIDES[desk](sandbox, receiver)
        side.prepare()
        side.app = app_with(tmp_path, desk, side.credentials(), time)
        yield Kit(desk, side.app, time, side, receiver, sandbox)
        await side.app.close()
