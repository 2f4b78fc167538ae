"""A loop that takes jobs of a queue and handles several at once, of each ordering key one at a time.

Between takes it sleeps `poll` seconds, or until `wake` is called: other processes put jobs too. While a job is handled
its lease is renewed. Stopping waits for the jobs that are being handled; one that is cut off is given back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar, Union

from segunda_via.job_queue.job import Job
from segunda_via.job_queue.queue import JobQueue
from segunda_via.storage.lease_owner import this_process

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Done:
    """Handled. `note` is kept: short, without personal data."""

    note: str | None = None


@dataclass(frozen=True)
class Ended:
    """The handler ended it itself, in a transaction of its own; or has lost it to somebody else."""


@dataclass(frozen=True)
class Retry:
    """Not now: again after that long. `failed` counts a failure."""

    after: timedelta
    failed: bool = False


@dataclass(frozen=True)
class Fail:
    """Never; `reason` is kept: short, without personal data."""

    reason: str


T = TypeVar("T")
Verdict = Union[Done, Ended, Retry, Fail]  # noqa: UP007  a runtime alias


def backoff(attempts: int, longest: float = 300.0) -> timedelta:
    """1, 2, 4, … seconds, at most `longest`, each with up to a fifth more so that not all come back together.

    >>> [wait <= backoff(n).total_seconds() <= wait * 1.2 for n, wait in ((1, 1), (2, 2), (5, 16), (99, 300))]
    [True, True, True, True]
    """
    seconds = min(2.0 ** min(attempts - 1, 30), longest)
    return timedelta(seconds=seconds * random.uniform(1, 1.2))  # noqa: S311  spread, no secret


class Worker:
    """`handle` works on each job; an exception counts as a failed Retry with `backoff`.

    `concurrency` is how many jobs are handled at once, at most. A function is asked before each take.
    """

    def __init__(
        self,
        queue: JobQueue,
        handle: Callable[[Job], Awaitable[Verdict]],
        *,
        name: str,
        concurrency: int | Callable[[], int] = 16,
        poll: float = 0.5,
        renew: float = 10.0,
        lease_owner: str | None = None,
    ) -> None:
        self._queue = queue
        self._handle = handle
        self._name = name
        self._most = concurrency if callable(concurrency) else lambda: concurrency
        self._poll = poll
        self._renew = renew
        self._lease_owner = lease_owner or this_process()
        self._running: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """There may be something to take. From the loop's own thread."""
        self._wake.set()

    async def run(self) -> None:
        """Until `stop`, or until cancelled. Frees first what dead processes of this host still hold."""
        await self._safely(self._queue.release)
        while not self._stopping:
            self._wake.clear()
            free = self._most() - len(self._running)
            taken = await self._safely(self._queue.take, self._lease_owner, free) if free > 0 else None
            for job in taken or ():
                task = asyncio.create_task(self._serve(job), name=f"{self._name} {job.id}")
                self._running.add(task)
                task.add_done_callback(self._finished)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._poll)

    async def stop(self, grace: float = 10.0) -> None:
        """Take nothing more, wait `grace` seconds for what is under way, then cut it: others may take it at once."""
        self._stopping = True
        self._wake.set()
        if self._running:
            await asyncio.wait(self._running, timeout=grace)
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()  # there may be a next job of its ordering key

    async def _serve(self, job: Job) -> None:
        renewing = asyncio.create_task(self._keep(job))
        try:
            verdict = await self._handle(job)
        except Exception as error:
            logger.error("%s: handling a job failed with %s", self._name, type(error).__name__)
            verdict = Retry(backoff(job.attempts), failed=True)
        except asyncio.CancelledError:
            await self._safely(self._queue.retry, job, timedelta())
            raise
        finally:
            renewing.cancel()
        if isinstance(verdict, Done):
            await self._safely(self._queue.done, job, verdict.note)
        elif isinstance(verdict, Fail):
            await self._safely(self._queue.fail, job, verdict.reason)
        elif isinstance(verdict, Retry):
            await self._safely(partial(self._queue.retry, failed=verdict.failed), job, verdict.after)

    async def _keep(self, job: Job) -> None:
        while True:
            await asyncio.sleep(self._renew)
            await self._safely(self._queue.extend, job)

    async def _safely(self, call: Callable[..., T], *arguments: object) -> T | None:
        """A database that is away for a while must not end the loop; what was not written is done again later."""
        try:
            return await asyncio.to_thread(call, *arguments)
        except Exception as error:
            logger.error("%s: the database did not answer (%s)", self._name, type(error).__name__)
            await asyncio.sleep(self._poll)
            return None
