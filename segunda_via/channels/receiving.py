"""From the webhook into the inbox: each message once, and not too many of one sender."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection, Engine

from segunda_via.channels.inbound import Inbound
from segunda_via.one_writer import urgent
from segunda_via.outbox.lanes import Lanes
from segunda_via.outbox.together import Together

MINUTE = timedelta(minutes=1)


class Receiver:
    """`limit` messages a minute of one sender are answered; the next is told so, what follows is dropped."""

    def __init__(self, engine: Engine, inbox: Lanes, now: Callable[[], datetime], limit: int, company: str) -> None:
        self._inbox = inbox
        self._now = now
        self._limit = limit
        self._company = company
        self._write = Together(urgent(engine), self._put, "inbox")

    async def receive(self, message: Inbound) -> None:
        """Returns when the message is safe; raises what the database raised."""
        await self._write(message)

    def _put(self, connection: Connection, messages: Sequence[Inbound]) -> None:
        since = self._now() - MINUTE
        for message in messages:
            lane = message.conversation
            count = self._inbox.count_since(lane, since, connection)
            if count > self._limit:
                continue
            kind = "flood" if count == self._limit else "message"
            payload = {} if kind == "flood" else message.as_payload()
            self._inbox.put(lane, message.sid, kind, payload, company=self._company, connection=connection)
