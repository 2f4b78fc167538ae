"""Our public server beside Rasa's own `twilio` channel: the same messages, simulated Twilio, and turns.

Twilio takes 200 ms for every call. Neither runs a model: a turn is as long a wait as its message says, and one answer,
so what is measured is the channel. Ours is measured on SQLite, and on PostgreSQL where SEGUNDA_VIA_TEST_POSTGRES names
a server; then the whole assistant, whose turns are real. Three times, of which all acknowledgements count, and the
median of everything else.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
from cryptography.fernet import Fernet

from bench.channel_assistant import ASKS, serve, twilio_settings
from bench.channel_load import Busy, Times, at_once, no_pause, steadily
from bench.databases import new_database, postgresql
from bench.serving import resident_mb
from bench.training import ENVIRONMENT
from bench.watched import WATCHED
from scripts.processes import Server, Servers, free_port

LATENCY_MS = 200
TURN = "/webhooks/segunda_via/turn"
CLEAN = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
CUSTOMERS, CONNECTIONS = 200, 10
PACE, SECONDS = 5, 20
SLOW, QUICK = 5.0, 0.05
"""Seconds of a turn: with a gateway that takes its time, and one that does not."""

ROUNDS = 3
TITLES = {
    "sqlite": "Segunda Via, SQLite",
    "postgresql": "Segunda Via, PostgreSQL",
    "assistant": "… the assistant",
    "rasa": "Rasa's `twilio`",
}


@dataclass(frozen=True)
class Figures:
    """Of one round. Seconds, but for `rate` (messages a second) and `memory` (megabytes)."""

    paced: Times
    busy: Busy
    pressed: Times | None = None
    crowd: Times | None = None
    rate: float | None = None
    stall: float | None = None
    memory: float | None = None


def measure(folder: Path) -> dict[str, list[Figures]]:
    """Every channel's rounds. Rasa's takes minutes, and what it does in one round it does in all."""
    ours = ["sqlite", "postgresql", "assistant"] if postgresql() else ["sqlite", "assistant"]
    rounds: dict[str, list[Figures]] = {which: [] for which in (*ours, "rasa")}
    for number in range(ROUNDS):
        for which in ours if number else rounds:
            place = folder / f"channel-{which}-{number}"
            place.mkdir()
            rounds[which].append(_assistant(place) if which == "assistant" else _channel(place, which))
    return rounds


def rows(measured: dict[str, list[Figures]]) -> list[list[str]]:
    columns = measured.values()

    def each(name: str, form: Callable[[list[Any]], str]) -> list[str]:
        told = [[value for figures in rounds if (value := getattr(figures, name)) is not None] for rounds in columns]
        return [form(values) if values else "–" for values in told]

    def acknowledged(label: str, name: str) -> list[list[str]]:
        waited = each(name, lambda times: _milliseconds([one for some in times for one in some.waited]))
        handled = each(name, lambda times: _milliseconds([one for some in times for one in some.handled]))
        return [[f"acknowledged, {label}", *waited], ["… of that, inside the server", *handled]]

    return [
        ["", *(TITLES[which] for which in measured)],
        *acknowledged(f"{PACE} messages a second", "paced"),
        ["… event loop: computed / kept waiting", *each("busy", _shares)],
        *acknowledged(f"{CONNECTIONS} at a time without a pause", "pressed"),
        *acknowledged(f"{CUSTOMERS} at the same instant", "crowd"),
        ["messages a second, from the webhook to Twilio", *each("rate", lambda rates: f"{median(rates):.1f}")],
        ["longest stall of the event loop meanwhile", *each("stall", lambda stalls: f"{median(stalls) * 1000:.0f} ms")],
        ["memory of the process", *each("memory", lambda sizes: f"{median(sizes):.0f} MB")],
    ]


def _shares(busy: list[Busy]) -> str:
    """Of the time that the messages took to come in."""
    computed, waited = median(each.computed for each in busy), median(each.waited for each in busy)
    return f"{computed / SECONDS:.0%} / {waited / SECONDS:.0%}"


def _milliseconds(times: list[float]) -> str:
    return f"{median(times) * 1000:.0f} / {quantiles(times, n=100)[-1] * 1000:.0f} ms" if times else "–"


def _assistant(place: Path) -> Figures:
    """With its model, its actions and its tracker store: who writes asks for the boleto, and is asked for the CPF."""
    with serve(place) as (server, twilio):
        return asyncio.run(_ask(server, twilio))


async def _ask(server: Server, twilio: dict[str, str]) -> Figures:
    await steadily(server, twilio, 1, 3, ASKS)  # the first turns load what the others find loaded
    before = Busy.of(server)
    paced = await steadily(server, twilio, PACE, SECONDS, ASKS)
    return Figures(Times(paced, []), Busy.of(server) - before, memory=resident_mb(server))


def _channel(place: Path, which: str) -> Figures:
    with ExitStack() as kept:
        database = kept.enter_context(new_database(which, place))
        servers = kept.enter_context(Servers(place / "log"))
        port = free_port(18185)
        sandbox = servers.start("sandbox", [sys.executable, "-m", "sandbox", "--port", str(port)], port, ENVIRONMENT)
        sandbox.wait()
        twilio = sandbox.read("/health")["twilio"]
        fault = {"gateway": "twilio", "fault": "latency", "latency_ms": LATENCY_MS}
        httpx.post(f"{sandbox.address}/control/faults", json=fault).raise_for_status()
        server = _public_server(servers, database, twilio) if database else _stock_channel(servers, twilio)
        server.wait(WATCHED, seconds=120)
        return asyncio.run(_load(server, twilio))


def _public_server(servers: Servers, database: str, twilio: dict[str, str]) -> Server:
    """With somebody who waits in the place of Rasa."""
    port, rasa_port = free_port(15105), free_port(15155)
    told = {
        **CLEAN,
        **twilio_settings(twilio),
        "SEGUNDA_VIA_DATABASE_URL": database,
        "SEGUNDA_VIA_SECRET_KEY": Fernet.generate_key().decode(),
        "SEGUNDA_VIA_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SEGUNDA_VIA_RASA_URL": f"http://127.0.0.1:{rasa_port}",
        "SEGUNDA_VIA_MESSAGES_PER_MINUTE": "1000000",
        "SEGUNDA_VIA_TRUSTED_PROXIES": "127.0.0.1",  # all of them come from this machine
    }
    module = [sys.executable, "-m"]
    servers.start("rasa", [*module, "bench.waiting_rasa", str(rasa_port)], rasa_port, told).wait(TURN)
    return servers.start("server", [*module, "bench.channel_server", str(port)], port, told)


def _stock_channel(servers: Servers, twilio: dict[str, str]) -> Server:
    port = free_port(15105)
    command = [sys.executable, "-m", "bench.stock_channel", str(port), json.dumps(twilio)]
    return servers.start("channel", command, port, CLEAN)


async def _load(server: Server, twilio: dict[str, str]) -> Figures:
    quick, slow = f"{QUICK} mensagem", f"{SLOW} mensagem"
    async with httpx.AsyncClient(trust_env=False, timeout=300) as client:

        async def watched() -> dict[str, Any]:
            return dict((await client.get(f"{server.address}/watched")).json())

        await watched()
        began = time.monotonic()
        pressed = await no_pause(server, twilio, CUSTOMERS, CONNECTIONS, quick)
        await _until_accepted(client, twilio, CUSTOMERS)
        took, under_pressure = time.monotonic() - began, await watched()
        before = Busy.of(server)
        paced = await steadily(server, twilio, PACE, SECONDS, slow)
        busy = Busy.of(server) - before
        await _until_accepted(client, twilio, CUSTOMERS + PACE * SECONDS)
        at_pace = await watched()
        crowd = await at_once(server, twilio, CUSTOMERS, slow)
        in_the_crowd = await watched()
    return Figures(
        paced=Times(paced, at_pace["handled"]),
        busy=busy,
        pressed=Times(pressed, under_pressure["handled"]),
        crowd=Times(crowd, in_the_crowd["handled"]),
        rate=CUSTOMERS / took,
        stall=under_pressure["stall"],
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
