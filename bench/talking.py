"""Conversations over Rasa's REST channel: what a turn takes, what a delivery asks, what a thousand turns cost."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from statistics import median
from typing import Any

import httpx

from bench.serving import Running
from scripts.processes import Server

ASKS = "oi, preciso da segunda via do meu boleto"
HELLO = "bom dia"
CONVERSATIONS = 40
MANY_TURNS = 1000
_HTTP = httpx.Client(timeout=60)


@dataclass(frozen=True)
class Turns:
    """Seconds of each turn, by what was said."""

    hello: list[float]
    asks: list[float]
    document: list[float]
    round_trips: int
    calls: int
    first: float
    last: float
    events_first: int
    events_last: int


def post(server: Server, path: str, body: dict[str, Any]) -> Any:
    return _HTTP.post(f"http://127.0.0.1:{server.port}{path}", json=body).raise_for_status().json()


def say(running: Running, sender: str, text: str) -> tuple[float, list[dict[str, str]]]:
    """Seconds until the whole answer was there, and the answer."""
    began = time.perf_counter()
    answer = post(running.rasa, "/webhooks/rest/webhook", {"sender": sender, "message": text})
    return time.perf_counter() - began, answer


def deliver(running: Running, sender: str, document: str) -> tuple[float, float]:
    """Seconds of asking and of the delivery; raises when nothing was delivered."""
    asks, _ = say(running, sender, ASKS)
    seconds, answer = say(running, sender, document)
    if not any("attachment" in message for message in answer):
        raise RuntimeError("the conversation ended without a PDF: " + " | ".join(map(str, map(sorted, answer))))
    return asks, seconds


def stored_events(running: Running) -> int:
    """Events since the last restart of the conversation that spoke last: what Rasa reads, and sends, at each turn."""
    spoke_last = "select sender_id from events order by id desc limit 1"  # a keyed hash
    with sqlite3.connect(running.tracker) as database:
        rows = database.execute(f"select type_name from events where sender_id = ({spoke_last}) order by id")  # noqa: S608
        names = [name for (name,) in rows]
    ends = [place for place, name in enumerate(names) if name in {"restart", "session_started"}]
    return len(names) - (ends[-1] if ends else 0)


def talk(running: Running) -> Turns:
    document = running.sandbox.read("/personas")[0]["document"]
    deliver(running, "warm-up", document)

    hello, asks, delivered = [], [], []
    for number in range(CONVERSATIONS):
        sender = f"customer-{number}"
        hello.append(say(running, sender, HELLO)[0])
        asked, sent = deliver(running, sender, document)
        asks.append(asked)
        delivered.append(sent)

    # Calls sent together can only be told from dependent ones when each takes longer than sending them does.
    post(running.sandbox, "/control/reset", {})
    post(running.sandbox, "/control/faults", {"fault": "latency", "latency_ms": 150})
    deliver(running, "counted", document)
    calls = [call for call in running.sandbox.read("/control/calls") if call["depth"]]
    post(running.sandbox, "/control/reset", {})

    # One customer who comes back: asks, is served, and asks again; two turns each time.
    series, events = [], []
    for _ in range(MANY_TURNS // 2):
        series.append(sum(deliver(running, "returning", document)) / 2)
        events.append(stored_events(running))
    return Turns(
        hello, asks, delivered, max(call["depth"] for call in calls), len(calls),
        median(series[:10]), median(series[-10:]), events[0], events[-1],
    )  # fmt: skip
