"""Each message at Twilio: its SID as soon as it was accepted, and what became of it, by Twilio's callbacks.

Callbacks come late, twice, out of order, or before the answer to the call that they are about, so statuses are kept by
SID, whether or not it is known yet, and only ever move forward.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from segunda_via.job_queue.job import Job
from segunda_via.storage.database import Moment, insert_once, insert_or_advance, metadata

RANKS = {"accepted": 0, "scheduled": 0, "queued": 1, "sending": 2, "sent": 3, "delivered": 4, "read": 5}
FAILED = frozenset({"failed", "undelivered", "canceled"})
_LAST = 9

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
"""`key` is the outbox job's, by which the conversation is found; `message_id` is that of the message that was answered,
and `sid` of the one that was sent. `clear_attempts` is the number of the last attempt that was certainly not accepted.
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
    def new(cls, job: Job) -> SentMessage:
        """A job of the outbox that was not tried yet."""
        ordinal = int(job.payload.get("ordinal", 0))
        return cls(job.key, job.company, job.batch, ordinal, job.kind, None, 0, None)


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


class SentMessages:
    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def accepted(self, message: SentMessage, sid: str) -> None:
        self._keep(message, sid=sid, error=None)

    def refused(self, message: SentMessage, attempt: int, error: str) -> None:
        """That attempt was certainly not accepted."""
        self._keep(message, clear_attempts=attempt, error=error)

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

    def answering(self, message_id: str) -> list[SentMessage]:
        """What was sent in answer to that message."""
        answers = sa.select(sent_messages).where(sent_messages.c.message_id == message_id)
        with self._engine.connect() as connection:
            query = answers.order_by(sent_messages.c.ordinal)
            return [self._one(row) for row in connection.execute(query)]

    def _keep(self, message: SentMessage, **values: object) -> None:
        """A message has no row before something became of it."""
        news = {**values, "changed_at": self._now()}
        first = insert_once(self._engine, sent_messages).values({**vars(message), **news})
        with self._engine.begin() as connection:
            if not connection.execute(first).rowcount:
                connection.execute(sa.update(sent_messages).where(sent_messages.c.key == message.key).values(news))

    @staticmethod
    def _one(row: sa.engine.Row) -> SentMessage:
        return SentMessage(**{name: row._mapping[name] for name in SentMessage.__dataclass_fields__})
