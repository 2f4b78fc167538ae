"""Durable queues: entries wait in lanes, and a lane moves one entry at a time.

    put ──> waiting ──take──> leased ──done──> done
               ^                 │ └──fail──> failed           cancel: waiting ──> cancelled
               └──retry, or the lease ran out┘

Within a lane the order is that of (due_at, id), counted among what is due: a timer far away holds nobody up. Whoever
takes an entry holds a lease, and the lane waits for it; a process that dies holds it no longer than that. An entry's
key is unique in its queue for ever, and the first version wins: putting it again changes nothing, in any state.

Several processes may take from one queue. On PostgreSQL rows are locked with SKIP LOCKED, and a partial unique index
makes two leases in one lane impossible; SQLite has one writer at a time. Payloads are JSON, encrypted.
"""

from __future__ import annotations

import json
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
from segunda_via.job_queue.job import CANCELLED, DONE, FAILED, WAITING, Job, NewJob, lanes
from segunda_via.storage import lease_owner
from segunda_via.storage.database import insert_once
from segunda_via.storage.keys import KeyRing

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
UNREADABLE = "unreadable"
_READINGS = 10
"""Takes until an entry is given up that this SEGUNDA_VIA_SECRET_KEY cannot read: another process may read it."""


class JobQueue:
    """One queue. `now` gives the time, aware, in UTC. Every call is one transaction, unless a `connection` is given.

    With a `prefix`, only lanes whose names begin with it are taken: others have another worker.
    """

    def __init__(
        self,
        engine: Engine,
        keys: KeyRing,
        now: Callable[[], datetime],
        queue: str,
        *,
        lease: timedelta = LEASE,
        prefix: str = "",
    ) -> None:
        self._engine = engine
        self._cipher = keys.cipher("lanes")
        self._now = now
        self._queue = queue
        self._lease = lease
        self._prefix = prefix

    def put(
        self,
        lane: str,
        key: str,
        kind: str,
        payload: Mapping[str, Any],
        *,
        company: str = COMPANY,
        batch: str = "",
        due_at: datetime | None = None,
        connection: Connection | None = None,
    ) -> bool:
        """Add an entry, due at once or at `due_at`; False when that key was there already, and nothing changed.

        `batch` names the entries that belong together. With `connection`, it becomes part of that transaction.
        """
        row = self._row(NewJob(lane, key, kind, payload), company, batch, due_at)
        statement = insert_once(self._engine, lanes).values(row)
        if connection is not None:
            return bool(connection.execute(statement).rowcount)
        with self._engine.begin() as own:
            return bool(own.execute(statement).rowcount)

    def put_all(
        self, new: Sequence[NewJob], connection: Connection, *, company: str = COMPANY, batch: str = ""
    ) -> None:
        """Add these in their order, each as `put` does, in few exchanges with the database."""
        if new:
            rows = [self._row(each, company, batch, None) for each in new]
            connection.execute(insert_once(self._engine, lanes), rows)

    def take(self, holder: str, limit: int = 10) -> list[Job]:
        """Lease the heads of lanes that are free and due, oldest first; none when nothing is due."""
        now = self._now()
        with self._engine.connect() as connection:
            if connection.execute(sa.select(lanes.c.id).where(*self._due(now)).limit(1)).first() is None:
                return []
        token = secrets.token_hex(16)
        with self._engine.begin() as connection:
            # First a write: on SQLite it makes this the one writer, so that what is read next cannot change.
            self._free(connection, lanes.c.leased_until <= now)
            query = self._heads(now).limit(limit).with_for_update(skip_locked=True)
            heads = [row.id for row in connection.execute(query)]
            self._claim(connection, heads, now, holder=holder, lease=token)
            mine = sa.select(lanes).where(lanes.c.id.in_(heads), lanes.c.lease == token)
            rows = connection.execute(mine.order_by(lanes.c.due_at, lanes.c.id)).all()
        return [entry for entry in map(self._entry, rows) if entry is not None]

    def done(self, entry: Job, note: str | None = None) -> bool:
        """It was handled. False when the lease was lost meanwhile: somebody else may be handling it."""
        return self._end(entry, DONE, note)

    def fail(self, entry: Job, reason: str) -> bool:
        """It is given up for good, and the lane goes on; as `done`."""
        return self._end(entry, FAILED, reason)

    def retry(self, entry: Job, after: timedelta) -> bool:
        """Put it back in its place, to be taken again `after` that; its lane waits. As `done`."""
        return self._update(entry, retry_at=self._now() + after, holder=None, lease=None, leased_until=None)

    def extend(self, entry: Job) -> bool:
        """Hold the lease for its whole time again; as `done`."""
        return self._update(entry, leased_until=self._now() + self._lease)

    def cancel_kind(self, lane: str, kind: str) -> int:
        """Cancel what waits in `lane` of that kind; how many."""
        free = (lanes.c.queue == self._queue, lanes.c.state == WAITING, lanes.c.lease.is_(None))
        mine = (lanes.c.lane == lane, lanes.c.kind == kind)
        cancel = sa.update(lanes).where(*free, *mine).values(state=CANCELLED, ended_at=self._now())
        with self._engine.begin() as connection:
            return int(connection.execute(cancel).rowcount)

    def release(self, dead: Callable[[str], bool] = lease_owner.is_dead) -> int:
        """Free at once what is leased by holders that are `dead`, instead of when their leases run out; how many."""
        held = sa.select(lanes.c.holder).where(lanes.c.queue == self._queue, lanes.c.lease.isnot(None)).distinct()
        with self._engine.begin() as connection:
            gone = [row.holder for row in connection.execute(held).all() if dead(row.holder)]
            return self._free(connection, lanes.c.holder.in_(gone)) if gone else 0

    def counts_since(
        self, moment: datetime, among: Collection[str], kinds: Collection[str], connection: Connection
    ) -> dict[str, int]:
        """How many entries of these kinds were put into each lane after that moment, whatever became of them."""
        query = sa.select(lanes.c.lane, sa.func.count()).where(
            lanes.c.queue == self._queue,
            lanes.c.lane.in_(among),
            lanes.c.kind.in_(kinds),
            lanes.c.created_at > moment,
        )
        found = {lane: int(count) for lane, count in connection.execute(query.group_by(lanes.c.lane))}
        return {lane: found.get(lane, 0) for lane in among}

    def waiting(self) -> tuple[int, datetime | None]:
        """How many entries are due and not handled, and since when the oldest is."""
        query = sa.select(sa.func.count(), sa.func.min(lanes.c.due_at)).where(
            lanes.c.queue == self._queue, lanes.c.state == WAITING, lanes.c.due_at <= self._now()
        )
        with self._engine.connect() as connection:
            count, oldest = connection.execute(query).one()
        return int(count), oldest

    def _row(self, new: NewJob, company: str, batch: str, due_at: datetime | None) -> Mapping[str, Any]:
        now = self._now()
        return {
            "queue": self._queue, "company": company, "lane": new.lane, "key": new.key, "batch": batch,
            "kind": new.kind, "payload": self._seal(new.payload), "state": WAITING, "attempts": 0, "created_at": now,
            "due_at": due_at or now,
        }  # fmt: skip

    def _due(self, now: datetime) -> Sequence[sa.sql.ColumnElement]:
        ready = [sa.or_(column.is_(None), column <= now) for column in (lanes.c.retry_at, lanes.c.leased_until)]
        if self._prefix:
            ready.append(lanes.c.lane.startswith(self._prefix, autoescape=True))
        return (lanes.c.queue == self._queue, lanes.c.state == WAITING, lanes.c.due_at <= now, *ready)

    def _heads(self, now: datetime) -> sa.sql.Select:
        """The first due entry of each lane in which nothing is leased."""
        other = lanes.alias()
        same_moment = sa.and_(other.c.due_at == lanes.c.due_at, other.c.id < lanes.c.id)
        before = sa.or_(other.c.due_at < lanes.c.due_at, same_moment)
        blocked = sa.exists().where(
            other.c.queue == lanes.c.queue,
            other.c.lane == lanes.c.lane,
            other.c.state == WAITING,
            other.c.id != lanes.c.id,
            sa.or_(other.c.lease.isnot(None), sa.and_(other.c.due_at <= now, before)),
        )
        return sa.select(lanes.c.id).where(*self._due(now), ~blocked).order_by(lanes.c.due_at, lanes.c.id)

    def _claim(self, connection: Connection, ids: Sequence[int], now: datetime, **held: str) -> None:
        """All of them at once; one by one when another process was just given another entry of one of the lanes."""
        claim = sa.update(lanes).where(lanes.c.id.in_(ids), lanes.c.lease.is_(None)).values(
            **held, leased_until=now + self._lease, retry_at=None, attempts=lanes.c.attempts + 1
        )  # fmt: skip
        try:
            with connection.begin_nested():
                connection.execute(claim)
        except IntegrityError:
            for one in ids if len(ids) > 1 else ():
                self._claim(connection, [one], now, **held)

    def _free(self, connection: Connection, condition: sa.sql.ColumnElement) -> int:
        held = (lanes.c.queue == self._queue, lanes.c.lease.isnot(None))
        free = sa.update(lanes).where(*held, condition).values(holder=None, lease=None, leased_until=None)
        return int(connection.execute(free).rowcount)

    def _end(self, entry: Job, state: str, note: str | None) -> bool:
        short = note[:255] if note else None
        return self._update(
            entry, state=state, note=short, ended_at=self._now(), holder=None, lease=None, leased_until=None
        )

    def _update(self, entry: Job, **values: object) -> bool:
        ours = (lanes.c.id == entry.id, lanes.c.lease == entry.lease, lanes.c.state == WAITING)
        with self._engine.begin() as connection:
            return bool(connection.execute(sa.update(lanes).where(*ours).values(**values)).rowcount)

    def _seal(self, payload: Mapping[str, Any]) -> str:
        return self._cipher.encrypt(json.dumps(payload, ensure_ascii=False).encode()).decode()

    def _entry(self, row: sa.engine.Row) -> Job | None:
        known = {name: row._mapping[name] for name in Job.__dataclass_fields__ if name != "payload"}
        try:
            return Job(**known, payload=json.loads(self._cipher.decrypt(row.payload.encode())))
        except InvalidToken:
            logger.error("%s: an entry cannot be read with this SEGUNDA_VIA_SECRET_KEY", self._queue)
            unread = Job(**known, payload={})
            if unread.attempts < _READINGS:
                self.retry(unread, self._lease)
            else:
                self.fail(unread, UNREADABLE)
            return None
