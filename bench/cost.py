"""What one conversation on WhatsApp costs: SQL statements and processor time of every process, children included.

A customer asks for the boleto, writes a CPF, and gets the bundle: two turns, seven messages, seven status callbacks.
Customers come one after the other, in rounds, with pauses as long as the rounds: what a pause costs is subtracted.
With another commit beside it, the two are up at the same time and take turns; one's pause is the other's round.

Statements are counted where the database takes them: on PostgreSQL on the wire (`bench.wire`), on SQLite by its own
trace (`bench.traced`).
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench.assistants import Assistant, checkout, processor_seconds, serve
from bench.databases import postgresql
from bench.serving import resident_mb
from bench.statements import GROUPS, group
from scripts.processes import ROOT

ASKS = "oi, quero a segunda via do meu boleto"
TURNS, MESSAGES, BUNDLE = 2, 7, 6
WARM_UP, ROUNDS, CONVERSATIONS = 3, 2, 5
"""Conversations before anything is measured; then rounds, and conversations of each."""
KINDS = ("postgresql", "sqlite")
_PATIENCE = 30.0
_SETTLED = 0.5
"""Seconds after the last message, for what follows from its callback."""
_numbers = itertools.count()


@dataclass
class Use:
    """Of one process, in some stretches of time."""

    seconds: float = 0.0
    processor: float = 0.0
    statements: Counter[str] = field(default_factory=Counter)

    def add(self, seconds: float, before: Snapshot, after: Snapshot) -> None:
        self.seconds += seconds
        self.processor += after.processor - before.processor
        self.statements.update(after.statements - before.statements)


@dataclass(frozen=True)
class Snapshot:
    processor: float
    statements: Counter[str]


@dataclass(frozen=True)
class Cost:
    """Of one conversation in one process: seconds of processor, statements by kind; and megabytes of the process."""

    processor: float
    statements: dict[str, float]
    memory: float

    @property
    def count(self) -> float:
        return sum(self.statements.values())


Costs = dict[str, dict[str, Cost]]
"""By database and assistant ("postgresql, this checkout"), and by process."""


def measure(folder: Path, beside: str | None = None) -> Costs:
    found: Costs = {}
    for kind in KINDS if postgresql() else ("sqlite",):
        with ExitStack() as kept:
            checkouts = {"": ROOT, **({beside: checkout(beside)} if beside else {})}
            assistants = [
                kept.enter_context(serve(name, code, kind, folder / f"{kind}-{name}"))
                for name, code in checkouts.items()
            ]
            found |= {f"{kind} {name}".strip(): costs for name, costs in _converse(assistants).items()}
    return found


def _converse(assistants: Sequence[Assistant]) -> dict[str, dict[str, Cost]]:
    busy = {(each.name, name): Use() for each in assistants for name in each.processes}
    idle = {place: Use() for place in busy}
    for each in assistants:
        for _ in range(WARM_UP):
            converse(each)
    for _ in range(ROUNDS):
        took = 0.0
        for talking in (*assistants, *((None,) if len(assistants) == 1 else ())):
            began, before = time.monotonic(), _snapshots(assistants)
            if talking is None:
                time.sleep(took)
            else:
                for _ in range(CONVERSATIONS):
                    converse(talking)
            took, after = time.monotonic() - began, _snapshots(assistants)
            for place in busy:
                uses = busy if talking is not None and place[0] == talking.name else idle
                uses[place].add(took, before[place], after[place])
    return {
        each.name: {
            name: _cost(busy[each.name, name], idle[each.name, name], resident_mb(process.server))
            for name, process in each.processes.items()
        }
        for each in assistants
    }


def _snapshots(assistants: Sequence[Assistant]) -> dict[tuple[str, str], Snapshot]:
    return {
        (each.name, name): Snapshot(processor_seconds(process.server), process.statements())
        for each in assistants
        for name, process in each.processes.items()
    }


def _cost(busy: Use, idle: Use, memory: float) -> Cost:
    """Of one conversation, without what the same time costs when nobody writes."""
    share, conversations = busy.seconds / idle.seconds, ROUNDS * CONVERSATIONS
    statements = {
        kind: (busy.statements[kind] - idle.statements[kind] * share) / conversations
        for kind in {*busy.statements, *idle.statements}
    }
    return Cost((busy.processor - idle.processor * share) / conversations, statements, memory)


def converse(assistant: Assistant) -> None:
    """Two turns of a customer who never wrote before; RuntimeError when other messages come than should."""
    number = f"whatsapp:+55479{next(_numbers):08}"
    with httpx.Client(base_url=assistant.sandbox.address, trust_env=False, timeout=60) as client:
        document = client.get("/personas").json()[0]["document"]
        for text, messages in ((ASKS, MESSAGES - BUNDLE), (document, MESSAGES)):
            written = client.post("/phone/send", json={"from": number, "text": text}).raise_for_status().json()
            if written["webhook"]["error"]:
                raise RuntimeError(f"the webhook was not answered: {written['webhook']}")
            _wait(client, number, messages)
        time.sleep(_SETTLED)
        if _arrived(client, number) != MESSAGES:
            raise RuntimeError(f"more than {MESSAGES} messages")


def _wait(client: httpx.Client, number: str, messages: int) -> None:
    until = time.monotonic() + _PATIENCE
    while _arrived(client, number) < messages:
        if time.monotonic() > until:
            raise RuntimeError(f"{_arrived(client, number)} of {messages} messages within {_PATIENCE:.0f} s")
        time.sleep(0.05)


def _arrived(client: httpx.Client, number: str) -> int:
    messages: list[dict[str, Any]] = client.get("/phone/messages", params={"of": number}).json()
    return sum(each["arrived"] and not each["mine"] for each in messages)


def rows(costs: Costs) -> list[list[str]]:
    """The processes of each assistant, and all of them together."""
    table = [["", "statements", *GROUPS, "processor time", "of all", "memory"]]
    for name, processes in costs.items():
        whole = sum(each.processor for each in processes.values())
        for process, cost in processes.items():
            table.append(_row(f"{name}: {process}", [cost], whole, f"{cost.memory:.0f} MB"))
        table.append(_row(f"{name}: all", list(processes.values()), whole, ""))
    return table


def _row(label: str, costs: Sequence[Cost], whole: float, memory: str) -> list[str]:
    statements: Counter[str] = Counter()
    for cost in costs:
        for kind, count in cost.statements.items():
            statements[group(kind)] += count  # type: ignore[assignment]  # a share of one
    processor = sum(each.processor for each in costs)
    counts = [f"{each:.1f}" for each in (sum(statements.values()), *(statements[name] for name in GROUPS))]
    return [label, *counts, f"{processor * 1000:.0f} ms", f"{processor / whole:.0%}", memory]


def kinds(costs: Costs) -> list[list[str]]:
    """Every kind of statement that a conversation costs, the most frequent first, by process."""
    lines = [
        (count, [name, process, kind, f"{count:.1f}"])
        for name, processes in costs.items()
        for process, cost in processes.items()
        for kind, count in cost.statements.items()
        if count >= 0.05
    ]
    lines.sort(key=lambda line: (line[1][:2], -line[0]))
    return [["", "process", "statement", "count"], *(line for _, line in lines)]


def ratios(costs: Costs, beside: str | None) -> list[str]:
    """This checkout's processor time beside the other's."""
    found = []
    for name, processes in costs.items():
        other = costs.get(f"{name} {beside}") if beside else None
        if other:
            ours, theirs = (sum(each.processor for each in which.values()) for which in (processes, other))
            found.append(f"{name}: {ours / theirs:.2f} of the processor time of {beside}")
    return found
