"""Conversations that a desk's people take care of: the assistant is silent there until they are returned, or expire.

A row stands here from the hand-over of a conversation that a desk carries until its return. An expired row counts as
none from its moment on, whether or not anybody has deleted it yet: no conversation stays muted for ever.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Connection, Engine

from segunda_via.storage.database import Moment, metadata
from segunda_via.storage.keys import KeyRing
from segunda_via.tickets.sealing import TicketSealing

takeovers = sa.Table(
    "segunda_via_human_takeovers",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Column("since", Moment, nullable=False),
    sa.Column("until", Moment, nullable=False),
    sa.Index("segunda_via_human_takeovers_until", "until"),
)


@dataclass(frozen=True)
class Takeover:
    """One conversation in the hands of people."""

    company: str
    conversation_id: str
    ticket_id: str
    since: datetime
    until: datetime


class HumanTakeover:
    """`now` gives the time, aware, in UTC."""

    def __init__(self, engine: Engine, keys: KeyRing, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._sealing = TicketSealing(keys)
        self._now = now

    def is_silenced(self, company: str, conversation_id: str) -> bool:
        """Whether people answer there, so that the assistant must not. One indexed query."""
        query = sa.select(takeovers.c.until).where(*self._of(company, conversation_id))
        with self._engine.connect() as connection:
            until = connection.execute(query).scalar()
        return until is not None and until > self._now()

    def of(self, company: str, conversation_id: str) -> Takeover | None:
        """Who takes care of that conversation, and until when; None when the assistant answers."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(takeovers).where(*self._of(company, conversation_id))).first()
        return self._takeover(row) if row is not None and row.until > self._now() else None

    def begin(
        self, connection: Connection, company: str, conversation_id: str, ticket_id: str, lasts: timedelta
    ) -> None:
        """From now on people answer there, in the caller's transaction."""
        now = self._now()
        connection.execute(sa.delete(takeovers).where(*self._of(company, conversation_id)))
        connection.execute(
            sa.insert(takeovers).values(
                company=company,
                conversation=self._sealing.hashed(conversation_id),
                sealed=self._sealing.seal(conversation_id=conversation_id, ticket_id=ticket_id),
                since=now,
                until=now + lasts,
            )
        )

    def end(self, connection: Connection, company: str, conversation_id: str) -> bool:
        """The assistant answers again, in the caller's transaction. False when it did already."""
        return bool(connection.execute(sa.delete(takeovers).where(*self._of(company, conversation_id))).rowcount)

    def expired(self, limit: int = 100) -> list[Takeover]:
        """What nobody returned in time, and whose end is not yet written down."""
        query = sa.select(takeovers).where(takeovers.c.until <= self._now()).order_by(takeovers.c.until).limit(limit)
        with self._engine.connect() as connection:
            return self._opened(connection.execute(query))

    def _of(self, company: str, conversation_id: str) -> tuple[sa.sql.ColumnElement, sa.sql.ColumnElement]:
        return takeovers.c.company == company, takeovers.c.conversation == self._sealing.hashed(conversation_id)

    def _opened(self, rows: Iterable[sa.engine.Row]) -> list[Takeover]:
        """Those that this key opens: what is left of another ends by its time."""
        found = []
        for row in rows:
            with contextlib.suppress(InvalidToken):
                found.append(self._takeover(row))
        return found

    def _takeover(self, row: sa.engine.Row) -> Takeover:
        whose = self._sealing.open(row.sealed)
        return Takeover(row.company, whose["conversation_id"], whose["ticket_id"], row.since, row.until)
