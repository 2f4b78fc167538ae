"""Each message at Twilio: its SID as soon as it was accepted, and what became of it, by Twilio's callbacks.

Callbacks come late, twice, out of order, or before the answer to the call that they are about, so statuses are kept by
SID, whether or not it is known yet, and only ever move forward.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from segunda_via.job_queue.job import Job
from segunda_via.storage.database import Moment, insert_or_advance, insert_or_change, metadata, single

MESSAGES = "messages"
"""The kind of the outbox's jobs, and where their payload has what a turn said, in order."""

DELIVERED = "delivered"
"""In that payload: whether they are a delivery, whose ticket ends with the last of them."""

RANKS = {"accepted": 0, "scheduled": 0, "queued": 1, "sending": 2, "sent": 3, "delivered": 4, "read": 5}
FAILED = frozenset({"failed", "undelivered", "canceled"})
_LAST = 9
_GIVEN_UP = -1
"""In the place of an attempt: none will follow."""

sent_messages = sa.Table(
    "segunda_via_sent_messages",
    metadata,
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("message_id", sa.String(255), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("sid", sa.String(64), unique=True),
    sa.Column("clear_attempts", sa.Integer, nullable=False),
    sa.Column("error", sa.String(32)),
    sa.Column("changed_at", Moment, nullable=False),
)
"""`message_id` is that of the message that was answered, by whose job in the outbox the conversation is found; `sid` is
of the one that was sent. `clear_attempts` is the last attempt of the job in which it was certainly not accepted.
"""

statuses = sa.Table(
    "segunda_via_message_statuses",
    metadata,
    sa.Column("sid", sa.String(64), primary_key=True),
    sa.Column("status", sa.String(32), nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("error", sa.String(32)),
    sa.Column("changed_at", Moment, nullable=False),
)


Callback = tuple[str, str, str | None]
"""SID, status, error code."""


def rank(status: str) -> int:
    """How far a message has come; nothing follows a failure."""
    return _LAST if status in FAILED else RANKS.get(status, 0)


@dataclass(frozen=True)
class SentMessage:
    """A message as far as it is known."""

    key: str
    company: str
    message_id: str
    ordinal: int
    kind: str
    sid: str | None
    clear_attempts: int
    error: str | None

    @classmethod
    def new(cls, job: Job, ordinal: int, kind: str) -> SentMessage:
        """One of the messages of a job of the outbox, not tried yet."""
        return cls(f"{job.batch}:{ordinal}", job.company, job.batch, ordinal, kind, None, 0, None)

    @property
    def is_given_up(self) -> bool:
        return self.clear_attempts == _GIVEN_UP


@dataclass(frozen=True)
class Status:
    status: str
    rank: int
    error: str | None

    @property
    def failed(self) -> bool:
        return self.status in FAILED

    @property
    def on_its_way(self) -> bool:
        return self.rank >= RANKS["sent"]


def messages_of(job: Job) -> list[tuple[int, Mapping[str, Any]]]:
    """The messages of a job of the outbox, with their places in the turn. Older versions put a job for each."""
    said = job.payload.get(MESSAGES)
    return [(int(job.payload["ordinal"]), job.payload)] if said is None else list(enumerate(said))


class SentMessages:
    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def accepted(self, message: SentMessage, sid: str) -> None:
        self._keep(message, sid=sid, error=None)

    def refused(self, message: SentMessage, attempt: int, error: str) -> None:
        """That attempt was certainly not accepted."""
        self._keep(message, clear_attempts=attempt, error=error)

    def given_up(self, message: SentMessage, error: str) -> None:
        """It will not be sent any more."""
        self._keep(message, clear_attempts=_GIVEN_UP, error=error)

    def known(self, sids: list[str]) -> set[str]:
        """Of these SIDs, those that are known already."""
        query = sa.select(sent_messages.c.sid).where(sent_messages.c.sid.in_(sids))
        with self._engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def by_sid(self, sid: str) -> SentMessage | None:
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(sent_messages).where(sent_messages.c.sid == sid)).first()
        return None if row is None else self._one(row)

    def tell(self, connection: Connection, told: Sequence[Callback]) -> None:
        """Keep what callbacks tell that is new."""
        furthest: dict[str, dict[str, object]] = {}
        for sid, status, error in sorted(told, key=lambda each: (each[0], rank(each[1]))):  # two servers, one order
            row = {"sid": sid, "status": status, "rank": rank(status), "error": error, "changed_at": self._now()}
            furthest[sid] = row
        connection.execute(insert_or_advance(self._engine, statuses, "sid", by="rank"), list(furthest.values()))

    def status(self, sid: str) -> Status | None:
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(statuses).where(statuses.c.sid == sid)).first()
        return None if row is None else Status(row.status, row.rank, row.error)

    def failed(self, sids: Collection[str]) -> dict[str, Status]:
        """Of these messages, those that did not arrive after all."""
        query = sa.select(statuses).where(statuses.c.sid.in_(sids), statuses.c.status.in_(FAILED))
        with self._engine.connect() as connection:
            return {row.sid: Status(row.status, row.rank, row.error) for row in connection.execute(query)}

    def answering(self, message_id: str) -> list[SentMessage]:
        """What was sent in answer to that message."""
        answers = sa.select(sent_messages).where(sent_messages.c.message_id == message_id)
        with self._engine.connect() as connection:
            query = answers.order_by(sent_messages.c.ordinal)
            return [self._one(row) for row in connection.execute(query)]

    def _keep(self, message: SentMessage, **values: object) -> None:
        """A message has no row before something became of it."""
        news = {**values, "changed_at": self._now()}
        keep = insert_or_change(self._engine, sent_messages, ("key",), {**vars(message), **news}, news)
        with single(self._engine) as connection:
            connection.execute(keep)

    @staticmethod
    def _one(row: sa.engine.Row) -> SentMessage:
        return SentMessage(**{name: row._mapping[name] for name in SentMessage.__dataclass_fields__})
