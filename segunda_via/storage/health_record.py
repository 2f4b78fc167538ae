"""What the calls of each gateway and desk told, in one row each, shared by all processes.

Written by whoever called, on the way: never raises, and a success that is already known is not written again for half a
minute, so that it costs a delivery nothing. A row counts for one token: when another one is saved, it starts afresh.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from segunda_via.errors import GatewayError, GatewayUnavailable, TokenRejected
from segunda_via.storage.database import Moment, insert_once, metadata

logger = logging.getLogger(__name__)

DESK = "desk"
"""What the ticket desk's row is kept under."""
QUEUE = "queue"
"""What the row of the desk's queue is kept under."""
WHATSAPP = "whatsapp"
"""What the row of the account at Twilio is kept under."""

_KNOWN_FOR = timedelta(seconds=30)

health = sa.Table(
    "segunda_via_health",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("subject", sa.String(64), primary_key=True),
    sa.Column("token", sa.String(64)),
    sa.Column("succeeded_at", Moment),
    sa.Column("failing_since", Moment),
    sa.Column("failed_at", Moment),
    sa.Column("failure", sa.String(32)),
    sa.Column("circuit_open", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("checked_at", Moment),
    sa.Column("claimed_until", Moment),
    sa.Column("told", sa.String(32)),
)
"""`told` is the failure that the alert webhook was told of; null when there is nothing that it should unlearn."""


class Trouble(str, Enum):
    """How a call failed."""

    REJECTED = "rejected"
    """The token or password is refused: only the operator can mend it."""
    UNAVAILABLE = "unavailable"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    """What was looked for is not there, by its exact name."""


@dataclass(frozen=True)
class Health:
    """What is known. Times are aware, in UTC; `trouble` is None while it works, or nothing is known."""

    succeeded_at: datetime | None = None
    failing_since: datetime | None = None
    failed_at: datetime | None = None
    trouble: Trouble | None = None
    circuit_open: bool = False
    checked_at: datetime | None = None


def subject_of(gateway: str) -> str:
    """What a gateway's row is kept under."""
    return f"gateway {gateway}"


def mark(credentials: Mapping[str, str]) -> str:
    """Which credentials a row speaks of, without telling them: a hash that changes when they do."""
    return hashlib.sha256(json.dumps(dict(credentials), sort_keys=True).encode()).hexdigest()


class HealthRecord:
    """`now` gives the time, aware, in UTC. `key` keeps the marks of tokens from being guessed."""

    def __init__(self, engine: Engine, key: bytes, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._key = key
        self._now = now
        self._told: dict[tuple[str, str, str], datetime] = {}

    def worked(self, company: str, subject: str, token: str) -> None:
        """A call was answered."""
        known = self._told.get((company, subject, token))
        if known is not None and self._now() - known < _KNOWN_FOR:
            return
        works = {"succeeded_at": self._now(), "failing_since": None, "failed_at": None, "failure": None}
        if self._write(company, subject, token, {**works, "circuit_open": False}):
            self._told = {(company, subject, token): self._now()}

    def failed(
        self, company: str, subject: str, token: str, trouble: Trouble, *, circuit_open: bool | None = None
    ) -> None:
        """A call failed. `circuit_open` None: whoever called knows of no circuit, and what was known of it stands."""
        self._told.pop((company, subject, token), None)
        now = self._now()
        same = health.c.failure == trouble.value
        fails = {
            "failing_since": sa.case((same, sa.func.coalesce(health.c.failing_since, now)), else_=now),
            "failed_at": now,
            "failure": trouble.value,
        }
        if circuit_open is not None or trouble is not Trouble.UNAVAILABLE:  # whoever answers is not down
            fails["circuit_open"] = bool(circuit_open)
        self._write(company, subject, token, fails)

    def failed_with(
        self, company: str, subject: str, token: str, error: GatewayError, *, circuit_open: bool | None = None
    ) -> None:
        """`failed`, by what the gateway's adapter raised."""
        if isinstance(error, TokenRejected):
            trouble = Trouble.REJECTED
        else:
            trouble = Trouble.UNAVAILABLE if isinstance(error, GatewayUnavailable) else Trouble.UNREADABLE
        self.failed(company, subject, token, trouble, circuit_open=circuit_open)

    def of(self, company: str, subject: str, token: str) -> Health:
        """What is known of that subject with that token."""
        query = sa.select(health).where(health.c.company == company, health.c.subject == subject)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None or row.token != self._marked(token):
            return Health()
        return Health(
            succeeded_at=row.succeeded_at,
            failing_since=row.failing_since,
            failed_at=row.failed_at,
            trouble=Trouble(row.failure) if row.failure else None,
            circuit_open=row.circuit_open,
            checked_at=row.checked_at,
        )

    def claim_check(
        self, company: str, subject: str, token: str, every: timedelta, at_most: timedelta, failing: timedelta
    ) -> bool:
        """Whether this process is the one to check now: nobody did within `every`, and nobody is at it.

        Another token is checked at once. What fails is checked again after `failing`, so that it is known to work again
        soon after it does; but for a refusal, which only the operator ends.
        """
        now = self._now()
        free = sa.or_(health.c.claimed_until.is_(None), health.c.claimed_until <= now)
        fails = sa.and_(health.c.failure.isnot(None), health.c.failure != Trouble.REJECTED.value)
        due = sa.or_(
            health.c.checked_at.is_(None),
            health.c.checked_at <= now - every,
            sa.and_(health.c.token.isnot(None), health.c.token != self._marked(token)),
            sa.and_(fails, health.c.checked_at <= now - failing),
        )
        with self._engine.begin() as connection:
            self._ensure(connection, company, subject)
            mine = sa.and_(health.c.company == company, health.c.subject == subject)
            claimed = sa.update(health).where(mine, free, due).values(claimed_until=now + at_most)
            return bool(connection.execute(claimed).rowcount)

    def checked(self, company: str, subject: str) -> None:
        """The claimed check is done."""
        with self._engine.begin() as connection:
            mine = sa.and_(health.c.company == company, health.c.subject == subject)
            connection.execute(sa.update(health).where(mine).values(checked_at=self._now(), claimed_until=None))

    def to_tell(self, company: str, subject: str) -> str | None:
        """What the alert webhook should be told now, claimed for this process: a trouble, or `recovered`."""
        mine = sa.and_(health.c.company == company, health.c.subject == subject)
        with self._engine.begin() as connection:
            row = connection.execute(sa.select(health).where(mine)).first()
            if row is None:
                return None
            rejected = row.failure == Trouble.REJECTED.value
            news = Trouble.REJECTED.value if rejected else "recovered" if row.told and row.failure is None else None
            if news is None or (rejected and row.told):
                return None
            # By what stood there: of two processes that read the same, one updates.
            same = health.c.told.is_(None) if row.told is None else health.c.told == row.told
            claimed = sa.update(health).where(mine, same).values(told=news if rejected else None)
            return news if connection.execute(claimed).rowcount else None

    def untold(self, company: str, subject: str, news: str) -> None:
        """Telling failed: it is to be told again."""
        told = None if news == Trouble.REJECTED.value else Trouble.REJECTED.value
        with self._engine.begin() as connection:
            mine = sa.and_(health.c.company == company, health.c.subject == subject)
            connection.execute(sa.update(health).where(mine).values(told=told))

    def _write(self, company: str, subject: str, token: str, values: Mapping[str, object]) -> bool:
        mine = sa.and_(health.c.company == company, health.c.subject == subject)
        marked = self._marked(token)
        try:
            with self._engine.begin() as connection:
                self._ensure(connection, company, subject)
                afresh = {"succeeded_at": None, "failing_since": None, "failed_at": None, "failure": None}
                other = sa.or_(health.c.token.is_(None), health.c.token != marked)
                connection.execute(
                    sa.update(health).where(mine, other).values(token=marked, circuit_open=False, **afresh)
                )
                connection.execute(sa.update(health).where(mine).values(**values))
        except SQLAlchemyError as error:
            logger.warning("the health of %s cannot be written (%s)", subject, type(error).__name__)
            return False
        return True

    def _ensure(self, connection: Connection, company: str, subject: str) -> None:
        connection.execute(insert_once(self._engine, health).values(company=company, subject=subject))

    def _marked(self, token: str) -> str:
        return hashlib.sha256(self._key + token.encode()).hexdigest()
