"""From the webhook into the inbox: many messages in one transaction, each once, and not too many of one sender."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy.engine import Engine

from segunda_via.channels.inbound import Inbound
from segunda_via.outbox.lanes import Lanes

MINUTE = timedelta(minutes=1)
_MOST_AT_ONCE = 100


class Receiver:
    """`limit` messages a minute of one sender are answered; the next is told so, what follows is dropped."""

    def __init__(self, engine: Engine, inbox: Lanes, now: Callable[[], datetime], limit: int, company: str) -> None:
        self._engine = engine
        self._inbox = inbox
        self._now = now
        self._limit = limit
        self._company = company
        self._arrived: list[tuple[Inbound, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        # A thread of its own: what turns ask of the database must not make Twilio wait.
        self._thread = ThreadPoolExecutor(1, "inbox")

    async def receive(self, message: Inbound) -> None:
        """Returns when the message is safe; raises what the database raised."""
        safe: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arrived.append((message, safe))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await safe

    async def _write_all(self) -> None:
        """What arrives while one transaction is written goes into the next, so that a burst costs few of them."""
        while self._arrived:
            batch, self._arrived = self._arrived[:_MOST_AT_ONCE], self._arrived[_MOST_AT_ONCE:]
            try:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._write, [each for each, _ in batch])
            except Exception as error:
                for _, safe in batch:
                    if not safe.done():
                        safe.set_exception(error)
            else:
                for _, safe in batch:
                    if not safe.done():
                        safe.set_result(None)

    def _write(self, messages: list[Inbound]) -> None:
        since = self._now() - MINUTE
        with self._engine.begin() as connection:
            for message in messages:
                lane = message.conversation
                count = self._inbox.count_since(lane, since, connection)
                if count > self._limit:
                    continue
                kind = "flood" if count == self._limit else "message"
                payload = {} if kind == "flood" else message.as_payload()
                self._inbox.put(lane, message.sid, kind, payload, company=self._company, connection=connection)
