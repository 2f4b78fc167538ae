"""What is put down for the desk gets there: in order, exactly once, over restarts, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from desks.conftest import COMPANY, CUSTOMER, KEY, QUEUE, Clock, app_with, free_port, telling, until
from sqlalchemy.exc import OperationalError
from support.databases import migrated_sqlite
from support.jobs import nothing_waits
from support.receiver import Receiver

from sandbox.chatwoot import ChatwootSimulator
from sandbox.server import RunningSandbox
from sandbox.whaticket import EMAIL, PASSWORD, WhaticketSimulator
from scripts.processes import public_server
from segunda_via.app import App
from segunda_via.boletos.outcome import Outcome
from segunda_via.desks.desk_setting import DESK_SETTING, DeskSettings
from segunda_via.job_queue.job import jobs
from segunda_via.tickets import TicketEvent

MANY = 50


def open_and_finish(app: App, number: int) -> None:
    app.tickets.open(COMPANY, f"conversation {number}", str(number))
    app.tickets.finish(COMPANY, f"conversation {number}", Outcome.OVERDUE)


@pytest.mark.slow
async def test_a_desk_killed_in_the_middle_of_fifty_finishes_each_ticket_once(
    tmp_path: Path, database_url: str, whaticket: WhaticketSimulator
) -> None:
    for number in range(1, MANY + 1):
        whaticket.add_ticket(number)
    port, time = free_port(), Clock()
    credentials = {"base_url": f"http://127.0.0.1:{port}/whaticket", "email": EMAIL, "password": PASSWORD}
    app = app_with(tmp_path, "whaticket", credentials, time, database_url)

    def closed() -> int:
        return sum(ticket.status == "closed" for ticket in whaticket.tickets.values())

    def closed_or_later(wanted: int) -> Callable[[], bool]:
        def reached() -> bool:
            time.ahead += timedelta(milliseconds=200)
            return closed() >= wanted

        return reached

    async with telling(app):
        with RunningSandbox(port=port, desks=(whaticket, ChatwootSimulator())):
            for number in range(1, MANY + 1):
                await asyncio.to_thread(open_and_finish, app, number)
            await until(closed_or_later(10), 60)
        reached = closed()
        assert 10 <= reached < MANY, "the desk died in the middle"
        assert all(entry.status == "finished" for entry in app.journal.recent(COMPANY)), "no customer noticed"
        await asyncio.sleep(0.3)
        with RunningSandbox(port=port, desks=(whaticket, ChatwootSimulator())):
            await until(closed_or_later(MANY), 60)
            await until(lambda: nothing_waits(app.engine, "desk"), 30)
    assert [ticket.closings for ticket in whaticket.tickets.values()] == [1] * MANY
    assert {ticket.queue_id for ticket in whaticket.tickets.values()} == {2}, "each went through the queue first"
    await app.close()


async def test_what_one_process_put_down_another_tells(tmp_path: Path, database_url: str, receiver: Receiver) -> None:
    credentials = {"base_url": receiver.url, "secret": "s"}
    before = app_with(tmp_path, "webhook", credentials, Clock(), database_url)
    before.tickets.open(COMPANY, CUSTOMER)
    before.tickets.finish(COMPANY, CUSTOMER, Outcome.OVERDUE)
    await before.close()
    after = app_with(tmp_path, "webhook", credentials, Clock(), database_url)
    async with telling(after):
        await until(lambda: nothing_waits(after.engine, "desk"))
    assert [event["event"] for event in receiver.events] == ["ticket.transferred", "ticket.finished"]
    assert len({event["id"] for event in receiver.events}) == 2
    await after.close()


async def test_a_change_that_fails_tells_nobody(tmp_path: Path, database_url: str, receiver: Receiver) -> None:
    app = app_with(tmp_path, "webhook", {"base_url": receiver.url, "secret": "s"}, Clock(), database_url)
    app.tickets.open(COMPANY, CUSTOMER)
    (taken,) = app.desk_queue.take("test")
    app.desk_queue.done(taken)
    ticket = app.journal.current(COMPANY, CUSTOMER)
    assert ticket is not None
    put = app.desk_relay.also(COMPANY)

    def breaks(connection: object, event: TicketEvent) -> None:
        put(connection, event)  # type: ignore[arg-type]
        raise OperationalError("INSERT", {}, Exception("the disk is full"))

    with pytest.raises(OperationalError):
        app.journal.finish(ticket.company, ticket.conversation_id, "overdue", breaks)
    assert app.journal.current(COMPANY, CUSTOMER) == ticket, "still open"
    assert app.desk_queue.take("test") == []
    await app.close()


async def test_a_journal_of_ones_own_puts_nothing_down(tmp_path: Path) -> None:
    app = app_with(tmp_path, "journal", {}, Clock())
    app.tickets.open(COMPANY, CUSTOMER)
    assert nothing_waits(app.engine, "desk")
    await app.close()


async def test_whaticket_without_its_ticket_id_is_the_journals_alone(tmp_path: Path, sandbox: RunningSandbox) -> None:
    credentials = sandbox.sandbox.desk_credentials(sandbox.base_url)["whaticket"]
    app = app_with(tmp_path, "whaticket", credentials, Clock())
    app.tickets.open(COMPANY, CUSTOMER)
    app.tickets.finish(COMPANY, CUSTOMER, Outcome.PARTIAL)
    assert nothing_waits(app.engine, "desk")
    assert app.journal.recent(COMPANY)[0].status == "finished"
    await app.close()


async def test_the_back_off_doubles_up_to_five_minutes(tmp_path: Path, receiver: Receiver) -> None:
    receiver.status = 503
    time = Clock()
    app = app_with(tmp_path, "webhook", {"base_url": receiver.url, "secret": "s"}, time)
    app.tickets.open(COMPANY, CUSTOMER)
    waits = []
    for _ in range(11):
        (entry,) = app.desk_queue.take("test")
        verdict = await app.desk_relay.tell(entry)
        waits.append(verdict.after.total_seconds())  # type: ignore[union-attr]
        app.desk_queue.retry(entry, timedelta())
    for wait, expected in zip(waits, (1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300), strict=True):
        assert expected <= wait <= expected * 1.2
    await app.close()


async def test_after_three_days_the_journal_says_that_nobody_was_told(tmp_path: Path, receiver: Receiver) -> None:
    time = Clock()
    app = app_with(tmp_path, "webhook", {"base_url": receiver.url, "secret": "s"}, time)
    app.tickets.open(COMPANY, CUSTOMER)
    time.ahead = timedelta(days=3, minutes=1)
    async with telling(app):
        await until(lambda: nothing_waits(app.engine, "desk"))
    assert receiver.requests == []
    ticket = app.journal.recent(COMPANY)[0].ticket
    assert app.journal.events(ticket)[-1][1:] == ("not_told", "transferred: expired")
    await app.close()


async def test_what_was_meant_for_another_desk_is_not_told_to_this_one(tmp_path: Path, receiver: Receiver) -> None:
    environ = app_with(tmp_path, "webhook", {"base_url": receiver.url, "secret": "s"}, Clock())
    environ.tickets.open(COMPANY, CUSTOMER)
    saved = App(type(environ.environment)(database_url=environ.environment.database_url, secret_key=KEY), home=tmp_path)
    DESK_SETTING.save(saved.settings, COMPANY, DeskSettings("journal"), by="maria", at=saved.now())
    async with telling(saved):
        await until(lambda: nothing_waits(saved.engine, "desk"))
    assert receiver.requests == []
    await environ.close()
    await saved.close()


async def test_a_question_left_unanswered_where_nothing_can_be_said_closes_the_ticket(tmp_path: Path) -> None:
    time = Clock()
    app = app_with(tmp_path, "journal", {}, time)
    app.tickets.open(COMPANY, "shell")
    app.timer_queue.put("shell", "timer 1", "timer", {}, due_at=time.now() + timedelta(minutes=30))
    async with telling(app):
        await asyncio.sleep(0.1)
        assert app.journal.recent(COMPANY)[0].status == "open"
        time.ahead = timedelta(minutes=31)
        await until(lambda: app.journal.recent(COMPANY)[0].status == "abandoned")
    await app.close()


@pytest.mark.slow
async def test_the_public_server_tells_and_a_killed_one_loses_nothing(tmp_path: Path, receiver: Receiver) -> None:
    """The real process, killed outright, and started again."""
    url = migrated_sqlite(tmp_path)
    app = app_with(tmp_path, "webhook", {"base_url": receiver.url, "secret": "s"}, Clock(), url)
    environ = {
        "SEGUNDA_VIA_DATABASE_URL": url,
        "SEGUNDA_VIA_SECRET_KEY": KEY,
        "SEGUNDA_VIA_TICKET_DESK": "webhook",
        "SEGUNDA_VIA_TICKET_DESK_CREDENTIALS": f'{{"base_url": "{receiver.url}", "secret": "s"}}',
        "PATH": "/usr/bin:/bin",
    }
    root = Path(__file__).parents[2]
    command = public_server(free_port())

    def told() -> list[dict[str, Any]]:
        """What it was told of the ticket; the check of the desk at the start is a ping beside it."""
        return [event for event in receiver.events if event["event"] != "ticket.ping"]

    app.tickets.open(COMPANY, CUSTOMER)
    for status, wanted in ((503, 1), (204, 2)):
        receiver.status = status
        server = await asyncio.create_subprocess_exec(
            *command, cwd=root, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            await until(lambda wanted=wanted: len(told()) >= wanted, 30)
            if status == 204:
                await until(lambda: nothing_waits(app.engine, "desk"), 10)
        finally:
            server.kill()
            await server.wait()
    assert {event["event"] for event in told()} == {"ticket.transferred"}
    assert len({event["id"] for event in told()}) == 1, "told again under the same id"
    assert told()[0]["queue"] == QUEUE
    await app.close()


async def test_what_was_told_is_erased_after_a_day_and_forgotten_after_a_week(
    tmp_path: Path, database_url: str, receiver: Receiver
) -> None:
    time = Clock()
    app = app_with(tmp_path, "webhook", {"base_url": receiver.url, "secret": "s"}, time, database_url)
    app.tickets.open(COMPANY, CUSTOMER)
    app.tickets.hand_over(COMPANY, CUSTOMER, "suspicious", "CPF ***.982.247-**")
    async with telling(app):
        await until(lambda: nothing_waits(app.engine, "desk"))
    payloads = sa.select(jobs.c.payload)
    for days, kept in ((0, [True, True]), (2, [False, False]), (8, [])):
        time.ahead = timedelta(days=days)
        app.retention.erase_tables()
        with app.engine.connect() as connection:
            assert [row.payload is not None for row in connection.execute(payloads)] == kept
    assert app.journal.recent(COMPANY)[0].summary == "CPF ***.982.247-**"
    await app.close()
