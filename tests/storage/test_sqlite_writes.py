"""Writers of one SQLite file queue up; small writes go together. What is not SQLite's own goes for PostgreSQL, too."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from segunda_via.job_queue.group_commit import GroupCommit
from segunda_via.storage import database
from segunda_via.storage.sqlite_writes import WriteLock, repeatable, urgent

notes = sa.Table("notes", sa.MetaData(), sa.Column("text", sa.Text, nullable=False))


@pytest.fixture
def noted(engine: Engine) -> Engine:
    notes.create(engine)
    return engine


def write(engine: Engine, text: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(notes).values(text=text))


def read(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return [row.text for row in connection.execute(sa.select(notes))]


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.001)


def test_who_came_first_enters_first_and_the_urgent_before_all() -> None:
    write_lock, entered = WriteLock(), []

    def come(name: str, rank: int) -> None:
        assert write_lock.enter(rank, 10)
        entered.append(name)
        write_lock.leave()

    assert write_lock.enter(1, 0)
    threads = []
    for number, (name, rank) in enumerate((("first", 1), ("second", 1), ("urgent", 0), ("third", 1)), 1):
        threads.append(threading.Thread(target=come, args=(name, rank)))
        threads[-1].start()
        until(lambda number=number: len(write_lock._waiting) == number)
    write_lock.leave()
    for thread in threads:
        thread.join()
    assert entered == ["urgent", "first", "second", "third"]


def test_who_waits_too_long_goes_away_and_holds_up_nobody() -> None:
    write_lock = WriteLock()
    assert write_lock.enter(1, 0)
    assert not write_lock.enter(1, 0.01)
    write_lock.leave()
    assert write_lock.enter(1, 0)


def test_many_writers_at_once_all_write(noted: Engine) -> None:
    with ThreadPoolExecutor(16) as pool:
        done = [pool.submit(write, urgent(noted) if n % 5 else repeatable(noted), f"{n:03}") for n in range(200)]
    assert [each.exception() for each in done] == [None] * 200
    assert sorted(read(noted)) == [f"{n:03}" for n in range(200)]


def test_a_transaction_that_broke_lets_the_next_one_write(noted: Engine) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        write(noted, None)  # type: ignore[arg-type]
    with contextlib.suppress(ZeroDivisionError), noted.begin() as connection:
        connection.execute(sa.insert(notes).values(text="never"))
        raise ZeroDivisionError
    write(noted, "after")
    assert read(noted) == ["after"]


def test_what_is_acknowledged_waits_for_the_disk_and_what_can_be_repeated_does_not(tmp_path: Path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path}/a.db")

    def waits(which: Engine) -> bool:
        with which.begin() as connection:
            return bool(connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2)  # FULL

    assert [waits(each) for each in (repeatable(engine), engine, urgent(engine))] == [False, True, True]
    engine.dispose()


async def test_what_comes_together_is_written_together(noted: Engine) -> None:
    batches: list[int] = []

    def keep(connection: Connection, texts: Sequence[str]) -> None:
        batches.append(len(texts))
        connection.execute(sa.insert(notes), [{"text": text} for text in texts])

    together = GroupCommit(noted, keep, "test")
    await asyncio.gather(*(together(f"{n:03}") for n in range(250)))
    assert sorted(read(noted)) == [f"{n:03}" for n in range(250)]
    assert max(batches) <= 100
    assert len(batches) < 10


async def test_a_batch_that_broke_is_told_to_all_of_it_and_the_next_is_written(noted: Engine) -> None:
    def keep(connection: Connection, texts: Sequence[str]) -> None:
        connection.execute(sa.insert(notes), [{"text": None if text == "broken" else text} for text in texts])

    together = GroupCommit(noted, keep, "test")
    told = await asyncio.gather(together("with it"), together("broken"), return_exceptions=True)
    assert [type(each) for each in told] == [IntegrityError] * 2
    gone = asyncio.create_task(together("gone"))
    await asyncio.sleep(0)
    gone.cancel()
    await together("whole")
    assert sorted(read(noted)) == ["gone", "whole"], "who stopped waiting had already been heard"
