"""The figures as tables: in the terminal, in `results/`, and, when asked, in `docs/benchmarks.md`."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles

from bench import channel, classifiers, cost, gateways, panel, screen
from bench.talking import Turns
from scripts.processes import ROOT

RESULTS = ROOT / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
CLASSIFIERS = "## Three intent classifiers on the same examples"
GATEWAYS = "## From a document to the bundle, gateway by gateway"
CHANNEL = "## The WhatsApp channel, beside Rasa's `twilio`"
SCREEN = "## The settings screen"
PANEL = "## The panel when it is full"
COST = "## What one conversation costs"
PARTS = ("", CLASSIFIERS, GATEWAYS, CHANNEL, COST, SCREEN, PANEL)
"""The headings of the page's parts; what stands before the first is the comparison of the projects."""


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
    """Both projects, a column each."""
    columns = [rows(figures) for figures in measured.values()]
    return markdown([["", *measured], *([label, *(column[label] for column in columns)] for label in columns[0])])


def markdown(lines: list[list[str]]) -> str:
    """A table, its head first, aligned so that it reads in a terminal as well."""
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
    kept = {"machine": machine(), "figures": {name: rows(each) for name, each in measured.items()}, "tables": text}
    path.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    return path


def _renew(heading: str, text: str) -> None:
    """Write that part of the page, and leave the others as they stand."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    parts = {part.split("\n")[0] if part.startswith("## ") else "": part for part in re.split(r"(?m)^(?=## )", page)}
    parts[heading] = f"{heading}\n\n{text}"
    PAGE.parent.mkdir(exist_ok=True)
    order = [*(each for each in PARTS if each in parts), *(each for each in parts if each not in PARTS)]
    PAGE.write_text("\n\n".join(parts[each].strip() for each in order) + "\n", encoding="utf-8")


def write_page(text: str) -> None:
    """Renew the first part of the page that the README points to."""
    _renew(
        "",
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
    )


def write_classifiers(text: str, examples: int, sentences: int) -> None:
    _renew(
        CLASSIFIERS,
        f"""`make bench ARGS=--classifiers` measures this alone; `ARGS="--classifiers --write"` renews this part of the
page. {examples:,} examples, {sentences} messages asked, {classifiers.LOADS} loadings (their median), each
in a process of its own in which Rasa and TensorFlow were imported before anything was timed ({machine()}).
In brackets, how many times this project's figure.

{text}

*Training* is Rasa's own, from the files to the packaged model. The machine had other work meanwhile: *processor time*
is what does not depend on that. DIET was given {classifiers.EPOCHS} epochs. Rasa's default is 100, which takes about
{100 / classifiers.EPOCHS:.0f} times as long; in a run of 35 its accuracy on the examples went from 98.5 % after 13 to
98.7 % at the end. *Loading the components* is what each component of the pipeline does to come back from the unpacked
model; *Agent.load* adds the unpacking and Rasa's own work, which all three share.
[How well each understands](nlu-report.md) was measured with these very models.
""",
    )


def write_channel(text: str) -> None:
    _renew(
        CHANNEL,
        f"""`make bench ARGS=--channel` measures this alone; `ARGS="--channel --write"` renews this part of the page.
The columns are servers of their own without a model, before the same simulated Twilio, which takes {channel.LATENCY_MS}
ms for every call; a turn is a wait and one message ({machine()}).
*The assistant* is the whole of it on SQLite, with a Twilio that answers at once; every customer asks for the boleto.
Rasa computes turns on the event loop that acknowledges: that is the tail of this column.
Ours were measured {channel.ROUNDS} times in turn, PostgreSQL where `SEGUNDA_VIA_TEST_POSTGRES` names a server;
acknowledgements are those of all rounds, everything else the median. Rasa's channel sends nothing durably, acknowledges
when all is done, and was measured once.

{text}

*Acknowledged* is from the webhook's call to its answer, p50 / p99, seen from outside; *inside the server*, from the
moment at which the server takes the request up. Customers are {channel.CUSTOMERS}, a message each:
{channel.PACE} a second for {channel.SECONDS} s with turns of {channel.SLOW:.0f} s, as with a gateway that takes its
time; over {channel.CONNECTIONS} connections, each call as soon as the one before was answered, with turns of
{channel.QUICK * 1000:.0f} ms, while everything else (turns, sending, Twilio's callbacks) goes on; and all at the same
instant, each over a connection of its own, where the last waits for the server to have read all the others. The
messages a second and the stall are those of the second. *Computed* and *kept waiting* are shares of the time in which
the messages came in: the event loop computed, or could have and was given no processor, because Twilio, the customers
and other work of the machine had them. What it was kept waiting is in every figure.
""",
    )


def write_cost(text: str, ratios: Sequence[str]) -> None:
    beside = "".join(f"\n- {each}" for each in ratios)
    _renew(
        COST,
        f"""`make bench ARGS=--cost` measures this alone; `ARGS="--cost --beside <commit> --write"` renews this part of
the page. A customer on WhatsApp asks for the boleto, writes a CPF and gets the bundle: {cost.TURNS} turns,
{cost.MESSAGES} messages, a status callback for each, and Twilio fetches the QR code and the PDF. Real processes before
the sandbox's gateway and Twilio, both without latency. Customers come one after the other,
{cost.ROUNDS * cost.CONVERSATIONS} of them, and what the same time costs when nobody writes is subtracted
({machine()}).

{text}
{beside}

*Statements* are those that the database is sent: on PostgreSQL counted on the wire, on SQLite by its own trace; BEGIN,
COMMIT and the pool's pings are statements, too. The conversations of Rasa are kept in the same kind of database, and
count. *Processor time* is that of each process and its children, ended ones included.
""",
    )


def write_screen(text: str) -> None:
    _renew(
        SCREEN,
        f"""`make bench ARGS=--screen` measures this alone, in under a minute; `ARGS="--screen --write"` renews this
part of the page. An operator signed in, a real public server, a fresh SQLite database; every page is asked for
{screen.ROUNDS} times ({machine()}). The machine had other work meanwhile.

{text}

A page may weigh {screen.LIMIT // 1000} kB; a test holds every page to it. A callback is called {screen.CALLS} times
before, while and after {screen.BROWSERS} browsers turn a page every {screen.PAUSE * 1000:.0f} ms, which nobody does.
""",
    )


def write_panel(text: str) -> None:
    _renew(
        PANEL,
        f"""`make bench ARGS=--panel` measures this alone, in about ten minutes; `ARGS="--panel --write"` renews this
part of the page. What is promised is half a second. A delivery is five events or six, and for every ten of them three
more customers leave without one. All of today has happened already. The pages are asked for over HTTP, of a public
server that was just started, {panel.LOADS} times each, nothing being cached between them ({machine()}). The machine had
other work meanwhile.

{text}

*Yesterday not counted yet* is the first page after midnight, should nobody have counted the day before it: the public
server does so every hour.
""",
    )


def write_gateways(text: str) -> None:
    _renew(
        GATEWAYS,
        f"""`make bench ARGS=--gateways` measures this alone, in under a minute; `ARGS="--gateways --write"` renews this
part of the page. Every call to the sandbox, a process of its own, takes {gateways.LATENCY_MS} ms; the session is warm,
the invoice is overdue, and each time is the median of {gateways.RUNS} deliveries of the whole bundle
({machine()}).

{text}

*Calls* are all that one delivery makes; *round trips*, how many of them waited for one another. *Document to bundle* is
the use case without Rasa: limits, calls, checks, and the bundle composed, its QR code rendered and read back; opening
the PDF comes later and is in no column. *Floor* is the fewest calls that each API makes one wait for, at
{gateways.LATENCY_MS} ms each, with nothing computed in between.

*Same calls in a row* are the very requests of those deliveries, really made again over the same connections, each when
the one before was answered, which is how bots of this kind call; nothing is computed between them. Some of these calls
are made only because they cost no time beside others (a document asked for in two ways, the logins of a CPF): who calls
one after another may leave those out, and is quicker by one call for each. *One call* is that time divided by the
calls: the latency, and what HTTP and the sandbox add to it. *With the pauses* adds, by arithmetic, the two seconds that
such bots sleep between messages: {gateways.PAUSES:.0f} s for {gateways.MESSAGES} messages. How long it takes to send
them is in no column.
""",
    )
