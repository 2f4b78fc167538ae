"""Durable queues: of the jobs that share an ordering key, one at a time is worked on, in order.

    put ──> waiting ──take──> leased ──done──> done
               ^                 │ └──fail──> failed           cancel: waiting ──> cancelled
               └──retry, or the lease ran out┘

The order is that of (due_at, id), among the jobs that are due: a timer that is not due yet delays nothing. A worker
that takes a job gets a lease of it. Until the lease ends, no other job of that ordering key is taken; when the process
dies, the lease runs out. A job's key is unique in its queue for ever. Putting a key again changes nothing, whatever the
state of the first.

Payloads are JSON, encrypted; ordering keys are hashed in the table and clear in `Job` (`sealing.py`).

Several processes may take from one queue. On PostgreSQL rows are locked with SKIP LOCKED, and a partial unique index
makes two leases of one ordering key impossible; SQLite has one writer at a time.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from segunda_via.company import COMPANY
from segunda_via.job_queue.job import CANCELLED, DONE, FAILED, FREE, WAITING, Job, NewJob, jobs
from segunda_via.job_queue.sealing import JobSealing
from segunda_via.storage.database import insert_once, single
from segunda_via.storage.keys import KeyRing
from segunda_via.storage.lease_owner import is_dead

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
UNREADABLE = "unreadable"
_READINGS = 10
"""Takes of a job that this SEGUNDA_VIA_SECRET_KEY cannot read before it fails: another process may read it."""


class JobQueue:
    """One queue. `now` gives the time, aware, in UTC. Every call is one transaction, unless a `connection` is given."""

    def __init__(
        self,
        engine: Engine,
        keys: KeyRing,
        now: Callable[[], datetime],
        queue: str,
        *,
        lease: timedelta = LEASE,
    ) -> None:
        self._engine = engine
        self._sealing = JobSealing(keys)
        self._now = now
        self._queue = queue
        self._lease = lease

    def put(
        self,
        ordering_key: str,
        key: str,
        kind: str,
        payload: Mapping[str, Any],
        *,
        company: str = COMPANY,
        batch: str = "",
        due_at: datetime | None = None,
        connection: Connection | None = None,
    ) -> bool:
        """Add a job, due at once or at `due_at`; False when that key was there already, and nothing changed.

        `batch` names the jobs that belong together. With `connection`, it becomes part of that transaction.
        """
        row = self._row(NewJob(ordering_key, key, kind, payload), company, batch, due_at)
        statement = insert_once(self._engine, jobs).values(row)
        if connection is not None:
            return bool(connection.execute(statement).rowcount)
        with single(self._engine) as own:
            return bool(own.execute(statement).rowcount)

    def put_all(
        self, new: Sequence[NewJob], connection: Connection, *, company: str = COMPANY, batch: str = ""
    ) -> None:
        """Add these in their order, each as `put` does, in few exchanges with the database."""
        if new:
            rows = [self._row(each, company, batch, None) for each in new]
            connection.execute(insert_once(self._engine, jobs), rows)

    def take(self, lease_owner: str, limit: int = 10) -> list[Job]:
        """Lease the first due job of each ordering key without a lease, the oldest first; empty when nothing is due."""
        now = self._now()
        held = {"lease_owner": lease_owner, "lease": secrets.token_hex(16), "leased_until": now + self._lease}
        take = self._take_at_once if self._engine.dialect.name == "postgresql" else self._take_as_the_one_writer
        rows = sorted(take(now, limit, held), key=lambda row: (row.due_at, row.id))
        return [job for job in map(self._job, rows) if job is not None]

    def done(self, job: Job, note: str | None = None, connection: Connection | None = None) -> bool:
        """It was handled. False when the lease was lost meanwhile: somebody else may be handling it.

        With `connection`, it becomes part of that transaction, which then must write nothing else when this is False.
        """
        return self._end(job, DONE, note, connection)

    def fail(self, job: Job, reason: str, connection: Connection | None = None) -> bool:
        """It is given up for good, and the next job of its ordering key may be taken; as `done`."""
        return self._end(job, FAILED, reason, connection)

    def retry(self, job: Job, after: timedelta, *, failed: bool = False) -> bool:
        """Take it again `after` that time, before what follows it in its ordering key. As `done`.

        `failed` counts a failure.
        """
        failures = job.failures + failed
        return self._update(job, retry_at=self._now() + after, failures=failures, **FREE)

    def extend(self, job: Job) -> bool:
        """Hold the lease for its whole time again; as `done`."""
        return self._update(job, leased_until=self._now() + self._lease)

    def cancel_kind(self, ordering_key: str, kind: str) -> int:
        """Cancel the jobs of that ordering key and kind which nobody has taken; how many."""
        free = (jobs.c.queue == self._queue, jobs.c.state == WAITING, jobs.c.lease.is_(None))
        mine = (jobs.c.ordering_key == self._sealing.hashed(ordering_key), jobs.c.kind == kind)
        cancel = sa.update(jobs).where(*free, *mine).values(state=CANCELLED, ended_at=self._now())
        with single(self._engine) as connection:
            return int(connection.execute(cancel).rowcount)

    def release(self, dead: Callable[[str], bool] = is_dead) -> int:
        """Free at once what is leased by owners that are `dead`, instead of when their leases run out; how many."""
        held = sa.select(jobs.c.lease_owner).where(jobs.c.queue == self._queue, jobs.c.lease.isnot(None)).distinct()
        with self._engine.begin() as connection:
            gone = [row.lease_owner for row in connection.execute(held).all() if dead(row.lease_owner)]
            return int(connection.execute(self._free(jobs.c.lease_owner.in_(gone))).rowcount) if gone else 0

    def counts_since(
        self, moment: datetime, among: Collection[str], kinds: Collection[str], connection: Connection
    ) -> dict[str, int]:
        """How many jobs of these kinds were put for each ordering key after that moment, whatever became of them."""
        by_hash = {self._sealing.hashed(key): key for key in among}
        query = sa.select(jobs.c.ordering_key, sa.func.count()).where(
            jobs.c.queue == self._queue,
            jobs.c.ordering_key.in_(by_hash),
            jobs.c.kind.in_(kinds),
            jobs.c.created_at > moment,
        )
        found = {by_hash[each]: int(count) for each, count in connection.execute(query.group_by(jobs.c.ordering_key))}
        return {key: found.get(key, 0) for key in among}

    def is_waiting(self, key: str) -> bool:
        """Whether the job of that key is still to be handled, or being handled."""
        query = sa.select(jobs.c.id).where(jobs.c.queue == self._queue, jobs.c.key == key, jobs.c.state == WAITING)
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def waiting(self) -> tuple[int, datetime | None]:
        """How many jobs are due and not handled, and since when the oldest is."""
        query = sa.select(sa.func.count(), sa.func.min(jobs.c.due_at)).where(
            jobs.c.queue == self._queue, jobs.c.state == WAITING, jobs.c.due_at <= self._now()
        )
        with self._engine.connect() as connection:
            count, oldest = connection.execute(query).one()
        return int(count), oldest

    def not_taken_for(self, patience: timedelta, window: timedelta) -> list[Job]:
        """Jobs that nobody has taken yet and that are first of their ordering key, due for as long as `patience`.

        Only those that have been so for less than a `window`. They are not leased.
        """
        now = self._now()
        due = (jobs.c.due_at <= now - patience, jobs.c.due_at > now - patience - window, jobs.c.attempts == 0)
        with self._engine.connect() as connection:
            rows = connection.execute(
                sa.select(jobs).where(jobs.c.id.in_(self._heads(now).where(*due).order_by(None)))
            ).all()
        return [job for job in map(self._job, rows) if job is not None]

    def _row(self, new: NewJob, company: str, batch: str, due_at: datetime | None) -> Mapping[str, Any]:
        now = self._now()
        return {
            "queue": self._queue, "company": company, "ordering_key": self._sealing.hashed(new.ordering_key),
            "key": new.key, "batch": batch, "kind": new.kind,
            "payload": self._sealing.seal(new.ordering_key, new.payload), "state": WAITING, "attempts": 0,
            "failures": 0, "created_at": now, "due_at": due_at or now,
        }  # fmt: skip

    def _due(self, now: datetime) -> Sequence[sa.sql.ColumnElement]:
        ready = [sa.or_(column.is_(None), column <= now) for column in (jobs.c.retry_at, jobs.c.leased_until)]
        return (jobs.c.queue == self._queue, jobs.c.state == WAITING, jobs.c.due_at <= now, *ready)

    def _heads(self, now: datetime) -> sa.sql.Select:
        """The first due job of each ordering key of which nothing is leased."""
        other = jobs.alias()
        same_moment = sa.and_(other.c.due_at == jobs.c.due_at, other.c.id < jobs.c.id)
        before = sa.or_(other.c.due_at < jobs.c.due_at, same_moment)
        blocked = sa.exists().where(
            other.c.queue == jobs.c.queue,
            other.c.ordering_key == jobs.c.ordering_key,
            other.c.state == WAITING,
            other.c.id != jobs.c.id,
            sa.or_(other.c.leased_until > now, sa.and_(other.c.due_at <= now, before)),
        )
        return sa.select(jobs.c.id).where(*self._due(now), ~blocked).order_by(jobs.c.due_at, jobs.c.id)

    def _take_at_once(self, now: datetime, limit: int, held: Mapping[str, Any]) -> list[sa.engine.Row]:
        """In one statement. Where it meets two leases of one ordering key, those that ran out go first."""
        heads = self._heads(now).limit(limit).with_for_update(skip_locked=True).cte("heads")
        try:
            return self._claimed(sa.select(heads.c.id), now, held)
        except IntegrityError:
            self._free_what_ran_out(now)
        with self._engine.connect() as connection:
            ids = connection.execute(self._heads(now).limit(limit)).scalars().all()
        rows = []
        for one in ids:
            with contextlib.suppress(IntegrityError):  # another process was just given another job of its key
                rows += self._claimed([one], now, held)
        return rows

    def _claimed(self, ids: Any, now: datetime, held: Mapping[str, Any]) -> list[sa.engine.Row]:
        with single(self._engine) as connection:
            return list(connection.execute(self._claim(ids, now, held).returning(jobs)))

    def _take_as_the_one_writer(self, now: datetime, limit: int, held: Mapping[str, Any]) -> list[sa.engine.Row]:
        """On SQLite, whose RETURNING SQLAlchemy 1.4 does not know. Nothing is written when nothing is due."""
        with self._engine.connect() as connection:
            if connection.execute(sa.select(jobs.c.id).where(*self._due(now)).limit(1)).first() is None:
                return []
        with self._engine.begin() as connection:
            connection.execute(self._free(jobs.c.leased_until <= now))
            heads = connection.execute(self._heads(now).limit(limit)).scalars().all()
            connection.execute(self._claim(heads, now, held))
            mine = sa.select(jobs).where(jobs.c.id.in_(heads), jobs.c.lease == held["lease"])
            return list(connection.execute(mine))

    def _claim(self, ids: Any, now: datetime, held: Mapping[str, Any]) -> sa.sql.Update:
        free = sa.or_(jobs.c.leased_until.is_(None), jobs.c.leased_until <= now)
        taken = {**held, "retry_at": None, "attempts": jobs.c.attempts + 1}
        return sa.update(jobs).where(jobs.c.id.in_(ids), jobs.c.state == WAITING, free).values(taken)

    def _free(self, condition: sa.sql.ColumnElement) -> sa.sql.Update:
        held = (jobs.c.queue == self._queue, jobs.c.lease.isnot(None))
        return sa.update(jobs).where(*held, condition).values(FREE)

    def _free_what_ran_out(self, now: datetime) -> None:
        with single(self._engine) as connection:
            connection.execute(self._free(jobs.c.leased_until <= now))

    def _end(self, job: Job, state: str, note: str | None, connection: Connection | None) -> bool:
        short = note[:255] if note else None
        return self._update(job, connection, state=state, note=short, ended_at=self._now(), **FREE)

    def _update(self, job: Job, connection: Connection | None = None, **values: object) -> bool:
        ours = (jobs.c.id == job.id, jobs.c.lease == job.lease, jobs.c.state == WAITING)
        update = sa.update(jobs).where(*ours).values(**values)
        if connection is not None:
            return bool(connection.execute(update).rowcount)
        with single(self._engine) as own:
            return bool(own.execute(update).rowcount)

    def _job(self, row: sa.engine.Row) -> Job | None:
        known = {name: row._mapping[name] for name in Job.__dataclass_fields__}
        try:
            ordering_key, payload = self._sealing.open(row.payload)
            return Job(**{**known, "ordering_key": ordering_key, "payload": payload})
        except InvalidToken:
            logger.error("%s: a job cannot be read with this SEGUNDA_VIA_SECRET_KEY", self._queue)
            unread = Job(**{**known, "payload": {}})
            if unread.attempts < _READINGS:
                self.retry(unread, self._lease)
            else:
                self.fail(unread, UNREADABLE)
            return None
