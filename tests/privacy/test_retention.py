"""What has lived its time goes by itself: from every table, from Rasa's conversations, and out of every file."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from desks.conftest import until
from sqlalchemy.engine import Engine
from support.clock import Clock
from support.person import Person, new_app, talks
from support.retention import retention_at

from scripts.processes import any_port, public_server
from segunda_via import clock, log_redaction
from segunda_via.app import App
from segunda_via.privacy.retention import EVERY, LASTS, TABLES
from segunda_via.settings.store import DRAFT
from segunda_via.storage import database, endpoints_file
from segunda_via.storage.leases import Leases
from segunda_via.whatsapp.shown_choices import shown_choices

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
OF_CUSTOMERS = {
    "tickets", "ticket_events", "human_takeovers", "jobs", "shown_choices", "sent_messages", "message_statuses",
    "ticket_completions", "offers", "late_deliveries", "lookups", "metric_events", "not_understood",
}  # fmt: skip


@pytest.fixture
def time() -> Clock:
    return Clock(NOON)


@pytest.fixture
def app(tmp_path: Path, time: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    monkeypatch.chdir(tmp_path)
    app = new_app(tmp_path, time)
    yield app
    app.engine.dispose()


@pytest.fixture(autouse=True)
def log(tmp_path: Path) -> Iterator[None]:
    """What is logged, at every level, is one of the files."""
    log_redaction.install(everything=True)
    handler = logging.FileHandler(tmp_path / "server.log", encoding="utf-8")
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield
    root.setLevel(level)
    root.removeHandler(handler)
    handler.close()


def counted(app: App) -> dict[str, int]:
    """The rows of every table."""
    with app.engine.connect() as connection:
        return {
            table.name.removeprefix("segunda_via_"): connection.execute(
                sa.select(sa.func.count()).select_from(table)
            ).scalar()
            for table in database.metadata.sorted_tables
        }


def events(app: App) -> int:
    with endpoints_file.conversations(app.keys) as kept:
        assert kept is not None
        return len(list(kept.all()))


def found_in_files(folder: Path, traces: tuple[bytes, ...]) -> set[tuple[str, bytes]]:
    """Which file holds which trace, in the clear."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {(path.name, trace) for path in files for trace in traces if trace in path.read_bytes()}


def test_nothing_of_a_customer_is_left_in_any_table_or_file(app: App, time: Clock, tmp_path: Path) -> None:
    finished, waits = Person(), Person("+5511987654321", "11144477735", "Bartolomeu Quintanilha")
    talks(app, finished)
    talks(app, waits, ends=False)
    before = counted(app)
    assert all(before[name] for name in OF_CUSTOMERS), "each of them holds something"
    assert events(app) == 8
    time.pass_by(timedelta(days=91))
    app.retention.erase_everything_old()
    assert {name: number for name, number in counted(app).items() if name in OF_CUSTOMERS and number} == {}
    assert events(app) == 0
    assert found_in_files(tmp_path, finished.traces + waits.traces) == set()


def test_no_trace_of_a_customer_stands_in_any_file_even_before(app: App, tmp_path: Path) -> None:
    person, waits = Person(), Person("+5511987654321", "11144477735", "Bartolomeu Quintanilha")
    talks(app, person)
    talks(app, waits, ends=False)
    assert found_in_files(tmp_path, person.traces + waits.traces) == set()


def test_what_is_younger_stays(app: App, time: Clock) -> None:
    talks(app, Person())
    app.settings.put("default", f"{DRAFT}1", {"token": "a"}, by="ana", at=NOON)
    before = counted(app)
    app.retention.erase_everything_old()
    assert {**counted(app), "leases": 0} == {**before, "leases": 0}
    time.pass_by(timedelta(days=8))
    app.retention.erase_everything_old()
    after = counted(app)
    gone = {name for name in OF_CUSTOMERS if not after[name]}
    assert gone == {"human_takeovers", "offers", "late_deliveries", "lookups", "not_understood"}
    assert after["settings"] == before["settings"] - 1, "the draft"
    assert events(app) == 4


def test_the_retention_in_days_is_what_the_environment_says(engine: Engine) -> None:
    with engine.begin() as connection:
        row = {"company": "default", "conversation": "ana", "payload": "x", "shown_at": NOON}
        connection.execute(sa.insert(shown_choices).values(row))
    table = shown_choices.name
    assert retention_at(engine, NOON + timedelta(days=7), days=7).erase_tables()[table] == 0
    assert retention_at(engine, NOON + timedelta(days=7, seconds=1), days=7).erase_tables()[table] == 1


def test_many_rows_go_in_parts(engine: Engine) -> None:
    rows = [{"company": "default", "day": NOON.date(), "sender": str(n), "document": "x"} for n in range(2500)]
    with engine.begin() as connection:
        connection.execute(sa.insert(database.lookups), rows)
    assert retention_at(engine, NOON + timedelta(days=1)).erase_tables()["segunda_via_lookups"] == 2500


def test_of_several_processes_one_does_it(engine: Engine) -> None:
    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(lambda n: due(engine, NOON, str(n)), range(6)))
    assert claims.count(True) == 1


def due(engine: Engine, now: datetime, holder: str) -> bool:
    return Leases(engine, lambda: now, holder).claim(TABLES, every=EVERY, lasts=LASTS)


def test_it_is_done_once_an_hour_and_taken_up_where_a_process_died(engine: Engine) -> None:
    assert due(engine, NOON, "one")
    assert not due(engine, NOON + LASTS - timedelta(seconds=1), "other")
    assert due(engine, NOON + LASTS, "other"), "whoever had claimed it died"
    Leases(engine, lambda: NOON + LASTS, "one").done(TABLES)
    assert not due(engine, NOON + LASTS, "third"), "it is not that process's any more"
    Leases(engine, lambda: NOON + LASTS, "other").done(TABLES)
    assert not due(engine, NOON + LASTS + EVERY - timedelta(seconds=1), "one")
    assert due(engine, NOON + LASTS + EVERY, "one")


def test_what_fails_is_tried_again_at_once(engine: Engine) -> None:
    retention = retention_at(engine, NOON)

    def fail() -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011  any
        retention.erase_if_due(TABLES, fail)
    assert retention.erase_if_due(TABLES, retention.erase_tables)
    assert not retention.erase_if_due(TABLES, retention.erase_tables)


async def test_a_process_that_does_not_know_where_rasa_keeps_its_conversations_leaves_them_to_another(
    app: App, time: Clock, tmp_path: Path
) -> None:
    talks(app, Person())
    time.pass_by(timedelta(days=91))
    where = (tmp_path / "endpoints.yml").read_text("utf-8")
    (tmp_path / "endpoints.yml").unlink()
    await running(app, lambda: counted(app)["ticket_completions"] == 0)
    assert events_behind(where, app, tmp_path) == 4
    await running(app, lambda: events(app) == 0)


def events_behind(where: str, app: App, folder: Path) -> int:
    (folder / "endpoints.yml").write_text(where, "utf-8")
    return events(app)


async def running(app: App, done: Callable[[], bool]) -> None:
    """The retention runs by itself until that is so."""
    task = asyncio.create_task(app.retention.run())
    try:
        await until(done)
    finally:
        task.cancel()


async def test_a_database_that_is_away_does_not_end_it(app: App, time: Clock, caplog: pytest.LogCaptureFixture) -> None:
    talks(app, Person())
    time.pass_by(timedelta(days=91))
    with app.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE segunda_via_leases RENAME TO away"))
    await running(app, lambda: any("could not be erased" in record.message for record in caplog.records))
    assert counted_rows(app, "segunda_via_ticket_completions") == 1
    with app.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE away RENAME TO segunda_via_leases"))
    await running(app, lambda: counted_rows(app, "segunda_via_ticket_completions") == 0)


def counted_rows(app: App, table: str) -> int:
    with app.engine.connect() as connection:
        count = sa.select(sa.func.count()).select_from(database.metadata.tables[table])
        return int(connection.execute(count).scalar_one())


@pytest.mark.slow
async def test_the_public_server_does_it(app: App, time: Clock, tmp_path: Path) -> None:
    """The real process, in the folder where Rasa runs."""
    time.now = clock.now() - timedelta(days=91)
    talks(app, Person())
    environ = {
        "SEGUNDA_VIA_DATABASE_URL": app.environment.database_url,
        "SEGUNDA_VIA_SECRET_KEY": (tmp_path / "secret.key").read_text("ascii"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PATH": os.environ["PATH"],
    }
    server = await asyncio.create_subprocess_exec(
        *public_server(any_port()), cwd=tmp_path, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        await until(lambda: counted(app)["ticket_completions"] == 0 and events(app) == 0, 60)
    finally:
        server.kill()
        await server.wait()

