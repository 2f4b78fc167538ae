"""From the webhook into the inbox: each message once, and not too many of one sender."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection, Engine

from segunda_via.job_queue.group_commit import GroupCommit
from segunda_via.job_queue.job import NewJob
from segunda_via.job_queue.queue import JobQueue
from segunda_via.storage.sqlite_writes import urgent
from segunda_via.whatsapp.inbound import Inbound

MINUTE = timedelta(minutes=1)


class Receiver:
    """`limit` messages a minute of one sender are answered; the next is told so, what follows is dropped."""

    def __init__(self, engine: Engine, inbox: JobQueue, now: Callable[[], datetime], limit: int, company: str) -> None:
        self._inbox = inbox
        self._now = now
        self._limit = limit
        self._company = company
        self._write = GroupCommit(urgent(engine), self._put, "inbox")

    async def receive(self, message: Inbound) -> None:
        """Returns when the message is safe; raises what the database raised."""
        await self._write(message)

    def _put(self, connection: Connection, messages: Sequence[Inbound]) -> None:
        once = {message.message_id: message for message in reversed(messages)}  # the first of each
        senders = {message.conversation_id for message in messages}
        # Only what a sender wrote counts, not other jobs of the conversation, such as the timers of our questions.
        counts = self._inbox.counts_since(self._now() - MINUTE, senders, ("message", "flood"), connection)
        new = []
        for message in reversed(once.values()):
            conversation_id = message.conversation_id
            if counts[conversation_id] < self._limit:
                new.append(NewJob(conversation_id, message.message_id, "message", message.as_payload()))
            elif counts[conversation_id] == self._limit:
                new.append(NewJob(conversation_id, message.message_id, "flood", {}))
            counts[conversation_id] += 1
        self._inbox.put_all(new, connection, company=self._company)
