"""Work that one process at a time does for all of them, so often and no more often.

Whoever claims it holds a lease; a process that dies over it holds nobody up for longer than that. Rows are few: one for
each kind of work.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from segunda_via.storage import lease_owner
from segunda_via.storage.database import Moment, insert_once, metadata

leases = sa.Table(
    "segunda_via_leases",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("holder", sa.String(128)),
    sa.Column("held_until", Moment),
    sa.Column("done_at", Moment),
)


class Leases:
    """`now` gives the time, aware, in UTC; `holder` is this process, unless a test says otherwise."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], holder: str | None = None) -> None:
        self._engine = engine
        self._now = now
        self._holder = holder or lease_owner.this_process()

    def claim(self, name: str, *, every: timedelta, lasts: timedelta) -> bool:
        """Whether this process does it now: it was not done for `every`, and nobody holds it. Of two, one does."""
        now, c = self._now(), leases.c
        due = sa.or_(c.done_at.is_(None), c.done_at <= now - every)
        free = sa.or_(c.held_until.is_(None), c.held_until <= now)
        claim = sa.update(leases).where(c.name == name, due, free).values(holder=self._holder, held_until=now + lasts)
        with self._engine.begin() as connection:
            connection.execute(insert_once(self._engine, leases).values(name=name))
            return bool(connection.execute(claim).rowcount)

    def done(self, name: str) -> None:
        """It was done, and is not due again before its time."""
        self._end(name, done_at=self._now())

    def give_back(self, name: str) -> None:
        """It was not done: whoever comes next may try."""
        self._end(name)

    def done_at(self, name: str) -> datetime | None:
        """When it was done last."""
        query = sa.select(leases.c.done_at).where(leases.c.name == name)
        with self._engine.connect() as connection:
            found: datetime | None = connection.execute(query).scalar()
        return found

    def _end(self, name: str, **values: datetime) -> None:
        mine = (leases.c.name == name, leases.c.holder == self._holder)
        with self._engine.begin() as connection:
            connection.execute(sa.update(leases).where(*mine).values(holder=None, held_until=None, **values))
