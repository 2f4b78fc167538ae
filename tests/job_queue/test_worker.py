"""The worker: several ordering keys at once, one job of each at a time, nothing lost when it is stopped or killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.engine import Engine
from support.jobs import stored_jobs

from segunda_via import clock
from segunda_via.job_queue.job import Job
from segunda_via.job_queue.queue import JobQueue
from segunda_via.job_queue.worker import Done, Fail, Retry, Verdict, Worker
from segunda_via.storage import lease_owner
from segunda_via.storage.keys import KeyRing

KEY = Fernet.generate_key().decode()


@pytest.fixture
def queue(engine: Engine) -> JobQueue:
    return JobQueue(engine, KeyRing(KEY), clock.now, "inbox")


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[Worker]:
    task = asyncio.create_task(worker.run())
    yield worker
    await worker.stop()
    await task


async def until(condition: Callable[[], bool]) -> None:
    async def poll() -> None:
        while not condition():  # noqa: ASYNC110  what is waited for is in the database
            await asyncio.sleep(0.01)

    await asyncio.wait_for(poll(), 10)


async def test_ordering_keys_move_beside_each_other_and_each_in_order(queue: JobQueue) -> None:
    for n in range(3):
        for who in "abc":
            queue.put(who, f"{who}{n}", "message", {})
    busy: set[str] = set()
    most, order = 0, []

    async def handle(job: Job) -> Verdict:
        nonlocal most
        assert job.ordering_key not in busy
        busy.add(job.ordering_key)
        most = max(most, len(busy))
        await asyncio.sleep(0.05)
        busy.remove(job.ordering_key)
        order.append(job.key)
        return Done()

    async with running(Worker(queue, handle, name="test", poll=0.05)):
        await until(lambda: len(order) == 9)
    assert most == 3
    assert all([key for key in order if key[0] == who] == [f"{who}{n}" for n in range(3)] for who in "abc")


async def test_verdicts_and_exceptions(queue: JobQueue, engine: Engine) -> None:
    for who in ("done", "fail", "later", "broken"):
        queue.put(who, who, "message", {})
    seen: list[str] = []

    async def handle(job: Job) -> Verdict:
        seen.append(job.key)
        if job.key == "broken" and job.attempts == 1:
            raise ValueError("529.982.247-25")
        if job.key == "later" and job.attempts == 1:
            return Retry(timedelta(seconds=0.1))
        return Fail("no") if job.key == "fail" else Done("yes")

    async with running(Worker(queue, handle, name="test", poll=0.05)):
        await until(lambda: not queue.waiting()[0])
    assert {each.key: (each.state, each.note) for each in stored_jobs(engine, "inbox")} == {
        "done": ("done", "yes"), "fail": ("failed", "no"), "later": ("done", "yes"), "broken": ("done", "yes"),
    }  # fmt: skip
    assert (seen.count("later"), seen.count("broken")) == (2, 2)


async def test_a_lease_is_renewed_while_its_job_is_handled(engine: Engine) -> None:
    queue = JobQueue(engine, KeyRing(KEY), clock.now, "inbox", lease=timedelta(seconds=2))
    queue.put("ana", "a1", "message", {})
    handled: list[int] = []

    async def handle(job: Job) -> Verdict:
        await asyncio.sleep(4)
        handled.append(job.attempts)
        return Done()

    mine = Worker(queue, handle, name="test", poll=0.05, renew=0.1)
    other = Worker(queue, handle, name="other", poll=0.05, renew=0.1, lease_owner="other")
    async with running(mine), running(other):
        await until(lambda: bool(handled))
        await asyncio.sleep(0.2)
    assert handled == [1]


async def test_stopping_lets_what_is_under_way_finish(queue: JobQueue, engine: Engine) -> None:
    queue.put("ana", "a1", "message", {})
    began = asyncio.Event()

    async def handle(job: Job) -> Verdict:
        began.set()
        await asyncio.sleep(0.2)
        return Done()

    async with running(Worker(queue, handle, name="test", poll=0.05)):
        await asyncio.wait_for(began.wait(), 10)
    (record,) = stored_jobs(engine, "inbox")
    assert record.state == "done"


async def test_what_is_cut_off_may_be_taken_at_once(queue: JobQueue) -> None:
    queue.put("ana", "a1", "message", {})
    began = asyncio.Event()

    async def handle(job: Job) -> Verdict:
        began.set()
        await asyncio.sleep(60)
        return Done()

    worker = Worker(queue, handle, name="test", poll=0.05)
    task = asyncio.create_task(worker.run())
    await asyncio.wait_for(began.wait(), 10)
    await worker.stop(grace=0.05)
    await task
    (again,) = queue.take("another server")
    assert (again.key, again.attempts) == ("a1", 2)


KILLED = """
import sys, time
from segunda_via import clock
from segunda_via.job_queue.queue import JobQueue
from segunda_via.storage import database, lease_owner
from segunda_via.storage.keys import KeyRing
queue = JobQueue(database.connect(sys.argv[1]), KeyRing(sys.argv[2]), clock.now, "inbox")
queue.take(lease_owner.this_process())
print("taken", flush=True)
time.sleep(60)
"""


@pytest.mark.slow
async def test_what_a_killed_process_held_is_taken_over_at_start(database_url: str, engine: Engine) -> None:
    queue = JobQueue(engine, KeyRing(KEY), clock.now, "inbox")
    queue.put("ana", "a1", "message", {})
    root = Path(__file__).parents[2]
    process = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", KILLED, database_url, KEY], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "taken\n"
    assert queue.release() == 0  # it lives
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    attempts: list[int] = []

    async def handle(job: Job) -> Verdict:
        attempts.append(job.attempts)
        return Done()

    async with running(Worker(queue, handle, name="test", poll=0.05)):
        await until(lambda: attempts == [2])


def test_a_process_number_used_again_is_another_process() -> None:
    host, pid, started = lease_owner.this_process().split("/")
    assert lease_owner.is_dead(f"{host}/{pid}/{int(started) - 1}")
    assert lease_owner.is_dead(f"{host}/4194304/1")
    assert not lease_owner.is_dead(f"elsewhere/{pid}/1")
