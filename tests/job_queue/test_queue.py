"""The durable queue: order, one at a time, leases, keys; on SQLite and PostgreSQL."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from multiprocessing import get_context

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.engine import Engine
from support.jobs import stored_jobs
from support.retention import erase_old

from segunda_via import clock
from segunda_via.job_queue.job import Job, jobs
from segunda_via.job_queue.queue import UNREADABLE, JobQueue
from segunda_via.storage import database, lease_owner
from segunda_via.storage.keys import KeyRing

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
KEY = "c2VndW5kYS12aWEtdGVzdC1rZXktb2YtMzItYnl0ZXM="
SECOND = timedelta(seconds=1)


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def passes(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Clock:
    return Clock()


@pytest.fixture
def queue(engine: Engine, time: Clock) -> JobQueue:
    return JobQueue(engine, KeyRing(KEY), time, "inbox")


def put(queue: JobQueue, ordering_key: str, *keys: str) -> None:
    for key in keys:
        assert queue.put(ordering_key, key, "message", {"text": key})


def keys(jobs: list[Job]) -> list[str]:
    return [job.key for job in jobs]


def test_an_ordering_key_moves_one_job_at_a_time_in_order(queue: JobQueue) -> None:
    put(queue, "ana", "a1", "a2")
    put(queue, "bia", "b1")
    first, beside = queue.take("me")
    assert (first.key, beside.key) == ("a1", "b1")
    assert queue.take("me") == []
    assert queue.done(first)
    assert keys(queue.take("me")) == ["a2"]


def test_what_was_put_comes_back_whole(queue: JobQueue, time: Clock) -> None:
    queue.put("ana", "a1", "timer", {"texto": "olá 🙏", "n": [1, None]}, company="acme", batch="turn", due_at=NOON)
    (job,) = queue.take("me")
    assert job.payload == {"texto": "olá 🙏", "n": [1, None]}
    assert (job.company, job.ordering_key, job.batch, job.kind) == ("acme", "ana", "turn", "timer")
    assert (job.attempts, job.created_at, job.due_at) == (1, NOON, NOON)


def test_the_first_version_of_a_key_wins_in_every_state(queue: JobQueue, engine: Engine, time: Clock) -> None:
    put(queue, "ana", "a1")
    assert not queue.put("ana", "a1", "message", {"text": "other"})
    (job,) = queue.take("me")
    assert job.payload == {"text": "a1"}
    queue.done(job)
    assert not queue.put("bia", "a1", "message", {})
    assert JobQueue(engine, KeyRing(KEY), time, "desk").put("ana", "a1", "message", {})  # keys are a queue's own


def test_a_job_can_be_put_in_the_callers_transaction(queue: JobQueue, engine: Engine) -> None:
    with engine.connect() as connection:
        transaction = connection.begin()
        assert queue.put("ana", "a1", "message", {}, connection=connection)
        transaction.rollback()
    assert queue.take("me") == []
    with engine.begin() as connection:
        queue.put("ana", "a1", "message", {}, connection=connection)
    assert keys(queue.take("me")) == ["a1"]


def test_a_timer_far_away_holds_nobody_up_and_comes_when_it_is_due(queue: JobQueue, time: Clock) -> None:
    queue.put("ana", "later", "timer", {}, due_at=NOON + timedelta(minutes=30))
    put(queue, "ana", "a1")
    (job,) = queue.take("me")
    assert job.key == "a1"
    queue.done(job)
    assert queue.take("me") == []
    time.passes(30 * 60)
    assert keys(queue.take("me")) == ["later"]


def test_a_retry_keeps_its_place_and_what_follows_waits(queue: JobQueue, time: Clock) -> None:
    put(queue, "ana", "a1", "a2")
    (job,) = queue.take("me")
    assert queue.retry(job, 5 * SECOND)
    assert queue.take("me") == []
    time.passes(5)
    (again,) = queue.take("me")
    assert (again.key, again.attempts) == ("a1", 2)
    assert queue.fail(again, "given up")
    assert keys(queue.take("me")) == ["a2"]


def test_a_lease_that_ran_out_is_taken_by_another_and_the_first_no_longer_counts(queue: JobQueue, time: Clock) -> None:
    put(queue, "ana", "a1", "a2")
    (lost,) = queue.take("first")
    time.passes(29)
    assert queue.take("second") == []
    time.passes(1)
    (job,) = queue.take("second")
    assert (job.key, job.attempts) == ("a1", 2)
    assert not queue.done(lost)
    assert not queue.extend(lost)
    assert not queue.retry(lost, SECOND)
    assert queue.done(job)
    assert keys(queue.take("second")) == ["a2"]


def test_an_earlier_job_is_taken_although_a_later_one_has_a_lease_that_ran_out(queue: JobQueue, time: Clock) -> None:
    put(queue, "ana", "a1")
    put(queue, "bia", "b1")
    queue.take("dead")
    queue.put("ana", "a0", "message", {}, due_at=NOON - SECOND)
    time.passes(30)
    assert keys(queue.take("me")) == ["a0", "b1"]


def test_a_lease_is_held_by_extending_it(queue: JobQueue, engine: Engine, time: Clock) -> None:
    put(queue, "ana", "a1")
    (job,) = queue.take("me")
    for _ in range(5):
        time.passes(20)
        assert queue.extend(job)
        assert queue.take("other") == []
    assert queue.done(job, "SM123")
    (record,) = stored_jobs(engine, "inbox")
    assert (record.state, record.note, record.ended_at) == ("done", "SM123", time())


def test_an_earlier_job_that_arrives_late_waits_for_the_leased_one(queue: JobQueue, time: Clock) -> None:
    put(queue, "ana", "a1")
    (job,) = queue.take("me")
    queue.put("ana", "a0", "message", {}, due_at=NOON - SECOND)
    assert queue.take("me") == []
    queue.done(job)
    assert keys(queue.take("me")) == ["a0"]


def test_the_database_itself_refuses_two_leases_of_one_ordering_key(queue: JobQueue, engine: Engine) -> None:
    put(queue, "ana", "a1", "a2")
    (taken,) = queue.take("me")
    force = sa.update(jobs).where(jobs.c.key == "a2").values(lease="x", lease_owner="x")
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(force)
    assert queue.done(taken)


def test_dead_owners_are_released_at_once(queue: JobQueue) -> None:
    put(queue, "ana", "a1")
    put(queue, "bia", "b1")
    queue.take("dead", 1)
    queue.take("alive", 1)
    assert queue.release(lambda owner: owner == "dead") == 1
    assert keys(queue.take("me")) == ["a1"]


def test_cancelling_reaches_what_waits_and_nothing_else(queue: JobQueue) -> None:
    put(queue, "ana", "a1")
    queue.put("ana", "t1", "timer", {}, due_at=NOON + SECOND)
    queue.put("ana", "t2", "timer", {}, due_at=NOON + SECOND)
    queue.put("bia", "t3", "timer", {}, due_at=NOON + SECOND)
    assert queue.cancel_kind("ana", "timer") == 2
    (job,) = queue.take("me")
    assert queue.cancel_kind("ana", "message") == 0
    assert queue.cancel_kind("bia", "timer") == 1
    assert queue.cancel_kind("bia", "timer") == 0
    assert queue.done(job)


def test_what_waits_is_counted(queue: JobQueue) -> None:
    put(queue, "ana", "a1", "a2", "a3")
    assert queue.waiting() == (3, NOON)


def test_payloads_are_not_readable_and_are_erased_and_forgotten_in_time(
    queue: JobQueue, engine: Engine, time: Clock
) -> None:
    queue.put("ana", "a1", "message", {"text": "52998224725"})
    put(queue, "ana", "a2")
    with engine.connect() as connection:
        assert "52998224725" not in connection.execute(sa.select(jobs.c.payload)).scalars().first()
    (job,) = queue.take("me")
    queue.done(job)
    assert erase_old(engine, jobs, NOON + timedelta(hours=25)) == 1
    assert erase_old(engine, jobs, NOON + timedelta(hours=25)) == 0, "its payload is gone already"
    hashed = KeyRing(KEY).fingerprint("jobs")("ana")
    assert [record.key for record in stored_jobs(engine, "inbox", ordering_key=hashed)] == ["a1", "a2"]
    assert keys(queue.take("me")) == ["a2"]  # what waits stays
    assert erase_old(engine, jobs, NOON + timedelta(days=91)) == 2, "and so long no one waits for anything"


def test_what_another_key_encrypted_is_given_up_and_holds_nobody_up(
    queue: JobQueue, engine: Engine, time: Clock
) -> None:
    JobQueue(engine, KeyRing(Fernet.generate_key().decode()), time, "inbox").put("ana", "a1", "message", {})
    put(queue, "ana", "a2")
    (job,) = queue.take("me")
    assert job.key == "a2"
    queue.done(job)
    for _ in range(9):  # another process may have the right key
        time.passes(30)
        assert queue.take("me") == []
    (record,) = stored_jobs(engine, "inbox", key="a1")
    assert (record.state, record.note) == ("failed", UNREADABLE)


def test_one_message_put_a_hundred_times_at_once_is_there_once(queue: JobQueue) -> None:
    with ThreadPoolExecutor(20) as pool:
        put_now = [pool.submit(queue.put, "ana", "SM1", "message", {"n": n}) for n in range(100)]
        assert sum(each.result() for each in put_now) == 1
    assert len(queue.take("me")) == 1


KEYS, JOBS = 8, 12


@pytest.mark.slow
def test_processes_share_a_queue_without_losing_order_or_taking_twice(database_url: str) -> None:
    engine = database.connect(database_url)
    queue = JobQueue(engine, KeyRing(KEY), clock.now, "inbox")
    for number, who in itertools.product(range(JOBS), range(KEYS)):
        queue.put(f"key{who}", f"{who}:{number:02}", "message", {})
    with get_context("spawn").Pool(4) as pool:
        handled = sorted(itertools.chain.from_iterable(pool.map(_empty, [database_url] * 4)))
    assert len(handled) == KEYS * JOBS
    for who in range(KEYS):
        times = [(key, start, end) for start, end, key in handled if key.startswith(f"{who}:")]
        assert [key for key, _, _ in times] == [f"{who}:{number:02}" for number in range(JOBS)]
        assert all(end <= start for (_, _, end), (_, start, _) in itertools.pairwise(times))
    engine.dispose()


def _empty(url: str) -> list[tuple[datetime, datetime, str]]:
    """Handle until nothing is left; when each was taken, when it was given back, and its key."""
    engine = database.connect(url)
    queue = JobQueue(engine, KeyRing(KEY), clock.now, "inbox")
    handled: list[tuple[datetime, datetime, str]] = []
    while queue.waiting()[0]:
        for job in queue.take(lease_owner.this_process(), 3):
            taken = clock.now()
            handled.append((taken, clock.now(), job.key))
            assert queue.done(job)
    engine.dispose()
    return handled


def test_what_nobody_takes_is_found_while_it_is_new(queue: JobQueue, time: Clock) -> None:
    put(queue, "ana", "a1", "a2")
    put(queue, "bia", "b1")
    queue.take("w", 1)
    found = []
    for _ in range(9):
        found.append(keys(queue.not_taken_for(10 * SECOND, 8 * SECOND)))
        time.passes(3)
    assert found == [[], [], [], [], ["b1"], ["b1"], [], [], []]
