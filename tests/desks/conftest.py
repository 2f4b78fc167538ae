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

COMPANY = "default"
QUEUE = "Segunda Via de Boleto"
CUSTOMER = "whatsapp:+14155238886:whatsapp:+5547999990001"
SECRET = "o segredo do webhook"
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
    """One desk in force, and how a ticket stands there, in one vocabulary: open, closed, with people, its note."""

    desk: str
    app: App
    time: Clock
    whaticket: WhaticketSimulator
    chatwoot: ChatwootSimulator
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

    def status(self) -> str:
        """Of ticket 481 at the desk: `queued`, `with people`, `closed`, `open`."""
        if self.desk == "whaticket":
            ticket = self.whaticket.tickets[481]
            queued = ticket.status == "pending" and ticket.queue_id == 2
            return "queued" if queued else ticket.status
        if self.desk == "chatwoot":
            conversation = self.chatwoot.conversations[481]
            names = {"resolved": "closed", "pending": "queued", "open": "open"}
            return names[conversation.status] if conversation.team_id == 2 else "nowhere"
        if self.desk == "webhook":
            last = self.receiver.events[-1]["event"]
            names = {"ticket.finished": "closed", "ticket.reopened": "open"}
            return names.get(last, "queued")
        entry = self.entry()
        return {"finished": "closed", "handed_over": "queued"}.get(
            entry.status, "queued" if len(self.app.journal.events(entry.ticket)) == 2 else "open"
        )

    def closings(self) -> int:
        if self.desk == "whaticket":
            return self.whaticket.tickets[481].closings
        if self.desk == "chatwoot":
            return self.chatwoot.conversations[481].resolutions
        if self.desk == "webhook":
            return len({event["id"] for event in self.receiver.events if event["event"] == "ticket.finished"})
        return [event for _, event, _ in self.app.journal.events(self.entry().ticket)].count("finished")

    def notes(self) -> list[str]:
        if self.desk == "whaticket":
            return self.whaticket.tickets[481].notes
        if self.desk == "chatwoot":
            return [m["content"] for m in self.chatwoot.conversations[481].messages if m["private"]]
        if self.desk == "webhook":
            handed = {e["id"]: e for e in self.receiver.events if e["event"] == "ticket.handed_over"}
            return [f"{event['summary']} {event['reason']}" for event in handed.values()]
        entry = self.entry()
        return [f"{entry.summary} {entry.reason}"]


DESKS = registry.names()
TOLD = tuple(name for name in DESKS if name != registry.JOURNAL)


@pytest.fixture
async def kit(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    whaticket: WhaticketSimulator,
    chatwoot: ChatwootSimulator,
    sandbox: RunningSandbox,
    receiver: Receiver,
) -> AsyncIterator[Kit]:
    desk = request.param
    whaticket.add_ticket(481)
    chatwoot.add_conversation(481, labels=["vip"])
    credentials = {
        "journal": {},
        "webhook": {"base_url": receiver.url, "secret": SECRET},
        **sandbox.sandbox.desk_credentials(sandbox.base_url),
    }[desk]
    time = Clock()
    app = app_with(tmp_path, desk, credentials, time)
    yield Kit(desk, app, time, whaticket, chatwoot, receiver, sandbox)
    await app.close()
