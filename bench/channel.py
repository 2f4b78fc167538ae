"""Our WhatsApp channel beside Rasa's own `twilio` channel: the same messages, simulated Twilio, and turns.

Twilio takes 200 ms for every call. Neither runs a model: a turn is as long a wait as its message says, and one answer,
so what is measured is the channel. Ours is measured on SQLite, and on PostgreSQL where SEGUNDA_VIA_TEST_POSTGRES names
a server. Three times, of which all acknowledgements count, and the median of everything else.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import httpx

from bench.channel_load import Times, at_once, no_pause, steadily
from bench.databases import new_database, postgresql
from bench.serving import resident_mb
from bench.training import ENVIRONMENT
from scripts.processes import Server, Servers, free_port

LATENCY_MS = 200
CUSTOMERS, CONNECTIONS = 200, 10
PACE, SECONDS = 5, 20
SLOW, QUICK = 5.0, 0.05
"""Seconds of a turn: with a gateway that takes its time, and one that does not."""

ROUNDS = 3
TITLES = {"sqlite": "Segunda Via, SQLite", "postgresql": "Segunda Via, PostgreSQL", "rasa": "Rasa's `twilio`"}


@dataclass(frozen=True)
class Figures:
    """Of one round. Seconds, but for `rate` (messages a second) and `memory` (megabytes)."""

    paced: Times
    pressed: Times
    crowd: Times
    rate: float
    stall: float
    memory: float


def measure(folder: Path) -> dict[str, list[Figures]]:
    """Every channel's rounds. Rasa's takes minutes, and what it does in one round it does in all."""
    ours = ["sqlite", "postgresql"] if postgresql() else ["sqlite"]
    rounds: dict[str, list[Figures]] = {which: [] for which in (*ours, "rasa")}
    for number in range(ROUNDS):
        for which in ours if number else rounds:
            place = folder / f"channel-{which}-{number}"
            place.mkdir()
            rounds[which].append(_measure(place, which))
    return rounds


def rows(measured: dict[str, list[Figures]]) -> list[list[str]]:
    columns = measured.values()

    def acknowledged(label: str, name: str) -> list[list[str]]:
        times = [[getattr(figures, name) for figures in rounds] for rounds in columns]
        waited = (_milliseconds([time for each in of_one for time in each.waited]) for of_one in times)
        handled = (_milliseconds([time for each in of_one for time in each.handled]) for of_one in times)
        return [[f"acknowledged, {label}", *waited], ["… of that, inside the server", *handled]]

    def middle(label: str, name: str, form: str, times: float = 1) -> list[str]:
        return [label, *(form.format(median(getattr(each, name) for each in rounds) * times) for rounds in columns)]

    return [
        ["", *(TITLES[which] for which in measured)],
        *acknowledged(f"{PACE} messages a second", "paced"),
        *acknowledged(f"{CONNECTIONS} at a time without a pause", "pressed"),
        *acknowledged(f"{CUSTOMERS} at the same instant", "crowd"),
        middle("messages a second, from the webhook to Twilio", "rate", "{:.1f}"),
        middle("longest stall of the event loop meanwhile", "stall", "{:.0f} ms", 1000),
        middle("memory of the process, without a model", "memory", "{:.0f} MB"),
    ]


def _milliseconds(times: list[float]) -> str:
    return f"{median(times) * 1000:.0f} / {quantiles(times, n=100)[-1] * 1000:.0f} ms"


def _measure(place: Path, which: str) -> Figures:
    with ExitStack() as kept:
        database = kept.enter_context(new_database(which, place))
        servers = kept.enter_context(Servers(place / "log"))
        port = free_port(18185)
        sandbox = servers.start("sandbox", [sys.executable, "-m", "sandbox", "--port", str(port)], port, ENVIRONMENT)
        sandbox.wait()
        twilio = sandbox.read("/health")["twilio"]
        fault = {"gateway": "twilio", "fault": "latency", "latency_ms": LATENCY_MS}
        httpx.post(f"{sandbox.address}/control/faults", json=fault).raise_for_status()
        port = free_port(15105)
        told = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
        command = [sys.executable, "-m", "bench.channel_server", str(port), str(place), database, json.dumps(twilio)]
        server = servers.start("channel", command, port, told)
        server.wait("/watched", seconds=120)
        return asyncio.run(_load(server, twilio))


async def _load(server: Server, twilio: dict[str, str]) -> Figures:
    async with httpx.AsyncClient(trust_env=False, timeout=300) as client:
        await client.get(f"{server.address}/watched")
        began = time.monotonic()
        pressed = await no_pause(server, twilio, CUSTOMERS, CONNECTIONS, QUICK)
        await _until_accepted(client, twilio, CUSTOMERS)
        took = time.monotonic() - began
        watched = (await client.get(f"{server.address}/watched")).json()
        paced = await steadily(server, twilio, PACE, SECONDS, SLOW)
        await _until_accepted(client, twilio, CUSTOMERS + PACE * SECONDS)
        paced_handled = (await client.get(f"{server.address}/watched")).json()["handled"]
        crowd = await at_once(server, twilio, CUSTOMERS, SLOW)
        crowd_handled = (await client.get(f"{server.address}/watched")).json()["handled"]
    return Figures(
        paced=Times(paced, paced_handled),
        pressed=Times(pressed, watched["handled"]),
        crowd=Times(crowd, crowd_handled),
        rate=CUSTOMERS / took,
        stall=watched["stall"],
        memory=resident_mb(server),
    )


async def _until_accepted(client: httpx.AsyncClient, twilio: dict[str, str], count: int) -> None:
    messages = f"{twilio['url']}/2010-04-01/Accounts/{twilio['sid']}/Messages.json?PageSize=1000"
    limit = time.monotonic() + 300
    while time.monotonic() < limit:
        answer = await client.get(messages, auth=(twilio["sid"], twilio["token"]))
        if sum(each["direction"] != "inbound" for each in answer.json()["messages"]) >= count:
            return
        await asyncio.sleep(0.2)
    raise RuntimeError("not every message reached Twilio")
