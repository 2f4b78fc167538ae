"""The panel when it is full: a year of 10,000 deliveries a day in PostgreSQL, a month of 1,000 a day in SQLite.

Everything of a day happens between its midnight and the next; everything of today, before now. The pages are asked for
over HTTP, of a public server that was just started. PostgreSQL is the server of SEGUNDA_VIA_TEST_POSTGRES, in a
database of its own that is dropped afterwards; without that variable, SQLite alone is measured.
"""

from __future__ import annotations

import random
import re
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from cryptography.fernet import Fernet

from bench.databases import new_database, postgresql
from bench.training import ENVIRONMENT
from scripts.processes import Servers, public_server
from segunda_via import clock
from segunda_via.app import App
from segunda_via.intents.misunderstood_store import MOST
from segunda_via.metrics.days import begin, metric_days
from segunda_via.metrics.event import MetricEvent
from segunda_via.metrics.recorder import metric_events
from segunda_via.settings.environment import Environment

LOADS = 20
NAME, PASSWORD, COMPANY = "bench", "cavalo bateria grampo", "default"
_COLUMNS = ("event", "ticket_id", "outcome", "reason", "gateway", "duration_ms", "tries", "amount", "document_masked")


@dataclass(frozen=True)
class Full:
    """How full a database is made."""

    name: str
    days: int
    deliveries: int

    def __str__(self) -> str:
        return f"{self.name}, {self.days} days of {self.deliveries:,} deliveries"


POSTGRESQL, SQLITE = Full("PostgreSQL", 365, 10_000), Full("SQLite", 30, 1_000)


@dataclass
class Measured:
    full: Full
    events: int
    megabytes: float
    counting: float
    """Seconds for all days at once, as after the first start of a version that counts them."""
    pages: dict[str, list[float]] = field(default_factory=dict)
    """Milliseconds."""


@dataclass(frozen=True)
class Shape:
    """One event of a day, without its day: the conversation's number, and when, as a share of the day and seconds."""

    who: int
    share: float
    seconds: float
    values: tuple[Any, ...]


def measure(folder: Path) -> list[Measured]:
    measured = []
    if postgresql():
        with new_database("postgresql", folder) as url:
            measured.append(_measure(POSTGRESQL, url, folder))
    measured.append(_measure(SQLITE, f"sqlite:///{folder / 'panel.db'}", folder))
    return measured


def rows(measured: list[Measured]) -> list[list[str]]:
    labels = list(measured[0].pages)
    return [
        ["", *(str(each.full) for each in measured)],
        ["events", *(f"{each.events:,}" for each in measured)],
        ["the database", *(f"{each.megabytes:,.0f} MB" for each in measured)],
        ["counting every day for the first time", *(f"{each.counting:.1f} s" for each in measured)],
        *([f"{label}, p50 / longest", *(_told(each.pages[label]) for each in measured)] for label in labels),
    ]


def _told(times: list[float]) -> str:
    return f"{statistics.median(times):.0f} / {max(times):.0f} ms"


def _measure(full: Full, url: str, folder: Path) -> Measured:
    told = {
        "SEGUNDA_VIA_DATABASE_URL": url,
        "SEGUNDA_VIA_SECRET_KEY": Fernet.generate_key().decode(),
        "SEGUNDA_VIA_ACTION_SECRET": Fernet.generate_key().decode(),
    }
    app = App(Environment.read(told), home=folder)
    app.operators.add(COMPANY, NAME, PASSWORD, by="bench")
    _fill(app, full)
    began = time.perf_counter()
    app.stats.close_days(COMPANY)
    counting = time.perf_counter() - began
    with app.engine.connect() as connection:
        events = connection.execute(sa.select(sa.func.count()).select_from(metric_events)).scalar_one()
    measured = Measured(full, events, _megabytes(app), counting)
    with Servers(folder / "log") as servers:
        clean = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
        server = servers.start_on_free_port(
            f"server of the panel, {full.name}", 18100, public_server, {**clean, **told}, path="/configuracoes"
        )
        time.sleep(2)  # what it does at its start is over
        with closing(_browser(server.address)) as browser:
            _ask(app, browser, told["SEGUNDA_VIA_ACTION_SECRET"], measured)
    app.engine.dispose()
    return measured


def _ask(app: App, browser: httpx.Client, secret: str, measured: Measured) -> None:
    panel = "/configuracoes/painel"
    month = f"{panel}/lista?periodo=mes&evento="

    def load(address: str, before: Callable[[], object] = lambda: None, **headers: str) -> list[float]:
        times = []
        for _ in range(LOADS):
            before()
            began = time.perf_counter()
            browser.get(address, headers=headers).raise_for_status()
            times.append(1000 * (time.perf_counter() - began))
        return times

    def happens() -> None:
        app.metrics.record(MetricEvent.ASKED, COMPANY, uuid.uuid4().hex)

    def forgets_yesterday() -> None:
        with app.engine.begin() as connection:
            yesterday = app.today() - timedelta(days=1)
            connection.execute(sa.delete(metric_days).where(metric_days.c.day == yesterday))

    middle = (begin(app.today()) - timedelta(days=15)).astimezone(clock.SAO_PAULO).isoformat()
    pages = measured.pages
    pages["Painel"] = load(panel)
    pages["Painel, something having happened since"] = load(panel, happens)
    pages["Painel, yesterday not counted yet"] = load(panel, forgets_yesterday)
    pages["the list of the month's deliveries"] = load(f"{month}delivered")
    pages["the same, half a month further down"] = load(f"{month}delivered&depois={middle.replace('+', '%2B')}_1")
    pages["the month's hand-overs for the rarest reason"] = load(f"{month}handed_over&motivo=suspicious")
    pages["CSV"] = load(f"{panel}/csv")
    pages[f"Não entendidas, {MOST:,} in the week"] = load(f"{panel}/nao-entendidas")
    pages["/metrics"] = load("/metrics", authorization=f"Bearer {secret}")


def _fill(app: App, full: Full) -> None:
    today, shapes = app.today(), list(_shapes(full.deliveries))
    for n in range(MOST):
        app.misunderstood_store.note(COMPANY, _message(n))
    if full.name == "PostgreSQL":
        _fill_postgresql(app, full, today, shapes)
    else:
        with app.engine.begin() as connection:
            for back in range(full.days):
                day, span = today - timedelta(days=back), _span(app, back)
                moments = [begin(day) + timedelta(seconds=each.share * span + each.seconds) for each in shapes]
                connection.execute(
                    sa.insert(metric_events),
                    [
                        {
                            "company": COMPANY,
                            "occurred_at": moment,
                            "conversation": f"{back:032x}{each.who:032x}",
                            **dict(zip(_COLUMNS, each.values, strict=True)),
                        }
                        for each, moment in zip(shapes, moments, strict=True)
                    ],
                )
            connection.execute(sa.text("ANALYZE"))


def _fill_postgresql(app: App, full: Full, today: date, shapes: list[Shape]) -> None:
    """The shape of a day once, and every day made of it by the server; the indexes when all is there."""
    with app.engine.begin() as connection:
        connection.execute(
            sa.text(
                "CREATE TABLE bench_shape (who int, share float, seconds float, event text, ticket_id text,"
                " outcome text, reason text, gateway text, duration_ms int, tries int, amount numeric,"
                " document_masked text)"
            )
        )
        names = ("who", "share", "seconds", *_COLUMNS)
        placed = [dict(zip(names, (each.who, each.share, each.seconds, *each.values), strict=True)) for each in shapes]
        table = sa.table("bench_shape", *map(sa.column, names))
        connection.execute(sa.insert(table), placed)
        for index in metric_events.indexes:
            index.drop(connection)
    names = ", ".join(_COLUMNS)
    day = sa.text(
        f"INSERT INTO segunda_via_metric_events (company, occurred_at, conversation, {names})"  # noqa: S608  our own names
        f" SELECT '{COMPANY}', :start + make_interval(secs => share * :span + seconds),"
        f" md5(who || '/' || :back) || md5(:back || '/' || who), {names} FROM bench_shape ORDER BY share, seconds"
    )
    for back in reversed(range(full.days)):
        with app.engine.begin() as connection:
            start = begin(today - timedelta(days=back))
            connection.execute(day, {"start": start, "span": _span(app, back), "back": str(back)})
    with app.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for index in metric_events.indexes:
            index.create(connection)
        connection.execute(sa.text("DROP TABLE bench_shape"))
        connection.execute(sa.text("VACUUM ANALYZE segunda_via_metric_events"))


def _span(app: App, back: int) -> float:
    """Seconds in which that day's conversations begin."""
    passed = (app.now() - begin(app.today())).total_seconds()
    return (passed if back == 0 else 86_400.0) - 60


def _shapes(deliveries: int) -> Iterator[Shape]:
    """A day: for every ten deliveries, three more who leave without one."""
    draw = random.Random(8)  # noqa: S311  no secret
    reasons = ["falar_com_atendente"] * 60 + ["suporte_tecnico"] * 20 + ["gateway_unavailable"] * 19 + ["suspicious"]

    def at(who: int, share: float, seconds: float, event: MetricEvent, **more: object) -> Shape:
        known = {**dict.fromkeys(_COLUMNS), **more, "event": event.value}
        return Shape(who, share, seconds, tuple(known[name] for name in _COLUMNS))

    for who in range(deliveries * 13 // 10):
        share, took = draw.random(), draw.lognormvariate(0.6, 0.45)
        yield at(who, share, 0, MetricEvent.ASKED)
        if who >= deliveries * 12 // 10:
            yield at(who, share, 9, draw.choice([MetricEvent.ABANDONED, MetricEvent.NOT_UNDERSTOOD]))
            continue
        yield at(who, share, 20, MetricEvent.DOCUMENT_GIVEN, tries=1)
        if who >= deliveries:
            ended = {"reason": draw.choice(reasons), "ticket_id": "#1"}
            yield at(who, share, 21, MetricEvent.HANDED_OVER, **ended)
            continue
        gateway, masked = draw.choice(["asaas", "sga"]), "***.982.247-**"
        sent = {"gateway": gateway, "duration_ms": int(took * 1000), "outcome": "overdue"}
        amount = round(draw.uniform(40, 400), 2)
        yield at(who, share, 20 + took, MetricEvent.FOUND, **sent)
        yield at(who, share, 20 + took, MetricEvent.DELIVERED, **sent, amount=amount, document_masked=masked)
        yield at(who, share, 20 + took, MetricEvent.FINISHED, outcome="overdue", ticket_id="#1")
        if who % 3 == 0:
            yield at(who, share, 20 + took, MetricEvent.NEXT_OFFERED)


def _message(n: int) -> str:
    """Messages of which many are alike and none the same."""
    draw = random.Random(n)  # noqa: S311
    syllables = ["ca", "de", "tor", "pe", "do", "man", "tre", "xis", "bo", "lu", "fa", "ni"]
    return " ".join("".join(draw.choices(syllables, k=draw.randint(1, 3))) for _ in range(draw.randint(1, 7)))


def _megabytes(app: App) -> float:
    if app.engine.dialect.name == "sqlite":
        return Path(app.engine.url.database or "").stat().st_size / 1e6
    with app.engine.connect() as connection:
        return float(connection.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one()) / 1e6


def _browser(address: str) -> httpx.Client:
    client = httpx.Client(base_url=address, trust_env=False, timeout=60)
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/configuracoes").text)
    assert token  # noqa: S101
    client.post("/configuracoes/entrar", data={"csrf": token[1], "nome": NAME, "senha": PASSWORD})
    return client
