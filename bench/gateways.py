"""From a document to the bundle at each gateway, the sandbox taking 100 ms for every call and the session being warm.

Beside it, from the same run, the very calls of each delivery made again one after another; and the floor, the fewest
calls that must wait for another as each API stands. Times are seconds.

The messages of the bundle are composed, not sent, in all of them.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
from cryptography.fernet import Fernet

from bench.training import ENVIRONMENT
from scripts.processes import Server, Servers
from segunda_via.app import App, build
from segunda_via.boletos.outcome import Outcome
from segunda_via.gateways import registry

LATENCY_MS = 100
RUNS = 7
MESSAGES = 5
PAUSES = (MESSAGES - 1) * 2.0
"""What bots of this kind sleep between the messages of a bundle: two seconds, whatever the gateway."""

FEWEST = {"asaas": 3, "sga": 3, "cobre_facil": 3, "mk_auth": 1, "mk_solutions": 3}
"""Calls in a row that each API makes necessary: the customer of a document, their invoices, the codes of one. MK-AUTH
lists titles by document, codes included."""

@dataclass(frozen=True)
class Run:
    """One delivery, and its calls made again one after another."""

    calls: int
    round_trips: int
    seconds: float
    in_a_row: float


@dataclass(frozen=True)
class Pace:
    """What was measured of one gateway: the most calls and round trips of any run, the median of the seconds."""

    gateway: str
    calls: int
    round_trips: int
    seconds: float
    in_a_row: float

    @property
    def floor(self) -> float:
        return FEWEST[self.gateway] * LATENCY_MS / 1000


def measure(folder: Path) -> list[Pace]:
    """Every gateway of the table; `folder` is for the databases and the sandbox's log."""
    with Servers(folder / "log") as servers:
        sandbox = servers.start_on_free_port(
            "sandbox", 18085, lambda port: [sys.executable, "-m", "sandbox", "--port", str(port)], ENVIRONMENT
        )
        return [asyncio.run(_measure(sandbox, gateway, folder)) for gateway in FEWEST]


async def _measure(sandbox: Server, gateway: str, folder: Path) -> Pace:
    document = sandbox.read("/personas")[0]["document"]
    async with AsyncExitStack() as stack:
        control = await stack.enter_async_context(httpx.AsyncClient(base_url=sandbox.address))
        app = _app(sandbox, gateway, folder)
        stack.push_async_callback(app.close)
        await _slow_down(control)
        await _deliver(app, gateway, "warm-up", document)  # signs in, and opens the connections
        runs = [await _run(control, app, gateway, f"customer-{number}", document) for number in range(RUNS)]
    return Pace(
        gateway=gateway,
        calls=max(run.calls for run in runs),
        round_trips=max(run.round_trips for run in runs),
        seconds=median(run.seconds for run in runs),
        in_a_row=median(run.in_a_row for run in runs),
    )


async def _run(control: httpx.AsyncClient, app: App, gateway: str, sender: str, document: str) -> Run:
    await _slow_down(control)
    answers: list[httpx.Response] = []

    async def keep(answer: httpx.Response) -> None:
        answers.append(answer)

    app.http.event_hooks = {"response": [keep]}
    seconds = await _deliver(app, gateway, sender, document)
    app.http.event_hooks = {}
    calls = (await control.get("/control/calls")).raise_for_status().json()
    depths = [call["depth"] for call in calls if call["depth"]]
    if len(depths) != len(answers):
        raise RuntimeError(f"{gateway}: {len(answers)} answers to {len(depths)} calls")
    return Run(len(depths), max(depths), seconds, await _in_a_row(app, gateway, answers))


async def _deliver(app: App, gateway: str, sender: str, document: str) -> float:
    """Seconds of one delivery; raises when it was not whole, so that no gateway looks quick by sending less."""
    began = time.perf_counter()
    delivery = await app.deliver("default", sender, document)
    seconds = time.perf_counter() - began
    if delivery.outcome is not Outcome.OVERDUE or len(delivery.messages) != MESSAGES:
        raise RuntimeError(f"{gateway}: not the whole bundle ({delivery.outcome.value})")
    return seconds


def _app(sandbox: Server, gateway: str, folder: Path) -> App:
    credentials = sandbox.read("/health")["gateways"][gateway]
    many = str(10 * RUNS)
    return build(
        {
            "SEGUNDA_VIA_GATEWAY": registry.GATEWAYS[gateway].choice.name,
            "SEGUNDA_VIA_CREDENTIALS": json.dumps(credentials),
            "SEGUNDA_VIA_DATABASE_URL": f"sqlite:///{folder / f'{gateway}.db'}",
            "SEGUNDA_VIA_SECRET_KEY": Fernet.generate_key().decode(),
            "SEGUNDA_VIA_DOCUMENTS_PER_SENDER": many,
            "SEGUNDA_VIA_SENDERS_PER_DOCUMENT": many,
        }
    )


async def _slow_down(control: httpx.AsyncClient) -> None:
    """Forget the calls so far; from now on each takes `LATENCY_MS`."""
    (await control.post("/control/reset")).raise_for_status()
    fault = {"fault": "latency", "latency_ms": LATENCY_MS}
    (await control.post("/control/faults", json=fault)).raise_for_status()


async def _in_a_row(app: App, gateway: str, answers: list[httpx.Response]) -> float:
    """Seconds that the same calls take, over the same connections, each sent when the one before is answered."""
    began = time.perf_counter()
    again = [await app.http.send(answer.request) for answer in answers]
    seconds = time.perf_counter() - began
    if [answer.status_code for answer in again] != [answer.status_code for answer in answers]:
        raise RuntimeError(f"{gateway}: the same calls were answered otherwise")
    return seconds


def rows(paces: list[Pace]) -> list[list[str]]:
    """The table: its head, then a line a gateway."""
    head = [
        "gateway",
        "calls",
        "round trips",
        "fewest the API allows",
        "document to bundle",
        "floor",
        "same calls in a row",
        "one call",
        "with the pauses",
    ]
    lines = [
        [
            registry.GATEWAYS[pace.gateway].title,
            str(pace.calls),
            str(pace.round_trips),
            str(FEWEST[pace.gateway]),
            f"{pace.seconds * 1000:.0f} ms",
            f"{pace.floor * 1000:.0f} ms",
            f"{pace.in_a_row * 1000:.0f} ms",
            f"{pace.in_a_row / pace.calls * 1000:.0f} ms",
            f"{pace.in_a_row + PAUSES:.1f} s",
        ]
        for pace in paces
    ]
    return [head, *lines]
