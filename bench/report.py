"""The figures as one table: in the terminal, in `results/`, and, when asked, in `docs/benchmarks.md`."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles

from bench.talking import Turns
from scripts.processes import ROOT

RESULTS = ROOT / "results"
PAGE = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Figures:
    """What was measured of one project; seconds and megabytes."""

    train: float
    model: float
    load: float
    understand: list[float]
    rasa_start: float
    actions_start: float
    rasa_memory: float
    actions_memory: float
    turns: Turns


def milliseconds(times: list[float]) -> str:
    """p50 / p95."""
    return f"{median(times) * 1000:.0f} / {quantiles(times, n=20)[-1] * 1000:.0f} ms"


def rows(figures: Figures) -> dict[str, str]:
    """What is printed of one project: label -> figure."""
    turns = figures.turns
    return {
        "training, from the command to the model": f"{figures.train:.1f} s",
        "model on disk": f"{figures.model:.2f} MB",
        "loading the model (Rasa already imported)": f"{figures.load:.2f} s",
        "Rasa server, from the command to its first answer": f"{figures.rasa_start:.1f} s",
        "action server, from the command to its first answer": f"{figures.actions_start:.1f} s",
        "memory of the Rasa server after the conversations": f"{figures.rasa_memory:.0f} MB",
        "memory of the action server after the conversations": f"{figures.actions_memory:.0f} MB",
        "understanding a message, p50 / p95": milliseconds(figures.understand),
        "turn: a greeting, p50 / p95": milliseconds(turns.hello),
        "turn: asking for the boleto, p50 / p95": milliseconds(turns.asks),
        "turn: the delivery (gateway without latency), p50 / p95": milliseconds(turns.document),
        "calls to the gateway per delivery": str(turns.calls),
        "round trips per delivery (calls that waited for another)": str(turns.round_trips),
        "one customer, turns 1-20: p50": f"{turns.first * 1000:.0f} ms",
        "the same customer, turns 981-1,000: p50": f"{turns.last * 1000:.0f} ms",
        "events that a turn carries, turn 2 / turn 1,000": f"{turns.events_first} / {turns.events_last}",
    }


def table(measured: dict[str, Figures]) -> str:
    """Markdown, aligned so that it reads in a terminal as well."""
    columns = [rows(figures) for figures in measured.values()]
    lines = [["", *measured], *([label, *(column[label] for column in columns)] for label in columns[0])]
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    texts = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    texts.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(texts)


def machine() -> str:
    return (
        f"Python {platform.python_version()}, Rasa {version('rasa')}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} CPUs"
    )


def save(measured: dict[str, Figures], text: str) -> Path:
    """Keep the run in `results/`, which is not committed."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"bench-{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}.json"
    figures = {name: rows(each) for name, each in measured.items()}
    path.write_text(json.dumps({"machine": machine(), "figures": figures}, indent=2) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    return path


def write_page(text: str) -> None:
    """Renew the page that the README points to."""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(
        f"""# Benchmarks

`make bench` measures these figures; `make bench ARGS=--write` renews this page. Both columns come from one run on one
machine ({machine()}), on the same domain, rules and examples, with the same action server.

{text}

*Rasa's default* is the pipeline and the policies that Rasa uses when a configuration names none, as `rasa init` leaves
it, with this project's document extractor added: without it no message would ever hold a document, and nothing would be
delivered. Turns are measured from outside, over Rasa's REST channel, with the Rasa server, the action server and the
sandbox gateway as separate processes, so a turn is everything but the gateway's own latency and the phone's network.
A delivery is the whole bundle. Round trips are counted with the gateway slowed, so that calls that went out together
can be told from calls that waited for another.
""",
        encoding="utf-8",
    )
