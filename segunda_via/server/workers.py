"""Everything that the public server does beside answering requests: started and ended with it.

The link for the first operator, the workers of inbox, outbox, desk and timers, late deliveries, retention, and the
watch over gateway, desk and Twilio. Each looks in the database for what is to be done, so any number of public servers
share the work.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable
from functools import cached_property

from sqlalchemy.exc import SQLAlchemyError

from segunda_via.app import App
from segunda_via.company import COMPANY
from segunda_via.errors import SegundaViaError
from segunda_via.job_queue.worker import Worker
from segunda_via.operations.health_watch import HealthWatch
from segunda_via.operations.loop_lag import LoopLag
from segunda_via.server import inbox, late_tries
from segunda_via.server.admission import Admission

logger = logging.getLogger(__name__)

SENDING_AT_ONCE = 64
GRACE = 6.0
"""Seconds that what is under way has when the server ends; the rest is taken up by another, or at the next start."""

_RESUMING = 60.0
_REASSURING = 3.0
_AGAIN = 5.0


class Workers:
    """`address` is where this server is reached on this machine."""

    def __init__(self, app: App, again_after: float = _AGAIN, address: str = "http://localhost:8000") -> None:
        self._app = app
        self._again_after = again_after
        self._address = address
        self.admission = Admission()
        self.loop_lag = LoopLag()
        self._tasks: list[asyncio.Task[None]] = []
        self._inbox: Worker | None = None
        self._outbox: Worker | None = None

    def start(self) -> None:
        """In the running loop. A database that is away keeps nobody from being answered; it is tried again."""
        watch = HealthWatch(lambda: self._app)
        works = (self._invite, self._answer, self._send, self._deliver_late, self._relay, self._erase, self._resume)
        for work in (*works, self._reassure, watch.run, self.loop_lag.measure):
            self._tasks.append(asyncio.create_task(self._again_and_again(work)))
        _keep_what_was_loaded()

    async def stop(self) -> None:
        """Take nothing more, let what is under way end."""
        workers = [worker for worker in (self._inbox, self._outbox) if worker is not None]
        await asyncio.gather(*(worker.stop(grace=GRACE) for worker in workers))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def received(self) -> None:
        """Something entered the inbox."""
        if self._inbox is not None:
            self._inbox.wake()

    def queued(self) -> None:
        """Something was queued to be sent."""
        if self._outbox is not None:
            self._outbox.wake()

    @cached_property
    def _handler(self) -> inbox.Inbox:
        return inbox.handler(self._app, self.admission, self.queued)

    async def _again_and_again(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except (SegundaViaError, SQLAlchemyError, OSError) as error:
                logger.error("a worker waits until the database is back (%s)", type(error).__name__)
                await asyncio.sleep(self._again_after)
            else:
                return

    async def _invite(self) -> None:
        """Write the link that makes the first operator, while there is none."""
        first_access = await asyncio.to_thread(lambda: self._app.first_access)
        try:
            invited = await asyncio.to_thread(first_access.prepare, COMPANY, self._address)
        except OSError as error:
            logger.warning("the first-access link could not be written (%s)", type(error).__name__)
        else:
            if invited:
                logger.info("no operator yet: the first-access link is in %s", first_access.file)

    async def _answer(self) -> None:
        handler = await asyncio.to_thread(lambda: self._handler)
        self._inbox = Worker(self._app.whatsapp_inbox, handler, name="inbox", concurrency=self.admission.limit)
        await self._inbox.run()

    async def _reassure(self) -> None:
        """Tell who waits for a turn that is not taken yet, as when many write at once, that an answer comes."""
        handler = await asyncio.to_thread(lambda: self._handler)
        while True:
            await handler.reassure()
            await asyncio.sleep(_REASSURING)

    async def _send(self) -> None:
        outbox, sender = await asyncio.to_thread(lambda: (self._app.outbox, self._app.sender))
        self._outbox = Worker(outbox, sender, name="outbox", concurrency=SENDING_AT_ONCE)
        await self._outbox.run()

    async def _deliver_late(self) -> None:
        """Try again what was promised while the gateway could not be asked."""
        tries = await asyncio.to_thread(late_tries.of, self._app)
        await tries.run(self.received)

    async def _relay(self) -> None:
        relay = await asyncio.to_thread(lambda: self._app.relay_workers)
        relay.start()
        try:
            await asyncio.Event().wait()
        finally:
            await relay.stop()

    async def _erase(self) -> None:
        retention = await asyncio.to_thread(lambda: self._app.retention)
        await retention.run()

    async def _resume(self) -> None:
        """Hand over what a process that died was about to."""
        while True:
            await asyncio.to_thread(self._app.ticket_completion.resume)
            await asyncio.sleep(_RESUMING)


def _keep_what_was_loaded() -> None:
    """To look through all that was imported for garbage takes long, and nobody is answered meanwhile."""
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
