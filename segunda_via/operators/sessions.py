"""Who is signed in. The cookie holds a signed random name; what it stands for is in the database.

So a session ends where it is ended, for every process at once: by signing out, by signing out everywhere, by a new
password, two hours after the last page or twelve after the sign-in. A copied cookie is worth nothing after that, and a
database that leaks gives no cookie away, since only hashes of those names are kept.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from itsdangerous import BadSignature, Signer
from sqlalchemy.engine import Engine

from segunda_via.operators.tables import operator_sessions, operators

IDLE = timedelta(hours=2)
LIFETIME = timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class OperatorSession:
    """A session that counts. `secret` is known to its cookie alone: forms are bound to it."""

    operator_id: int
    company: str
    operator: str
    started_at: datetime
    secret: str = field(repr=False)


class OperatorSessions:
    """`key` signs the cookies; `now` gives the time, aware, in UTC."""

    def __init__(self, engine: Engine, key: bytes, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._signer = Signer(key, salt="operator session", digest_method=hashlib.sha256)
        self._now = now

    def start(self, operator_id: int) -> str:
        """The cookie's value for a new session. Never one that a browser brought along."""
        secret, now = secrets.token_urlsafe(32), self._now()
        row = {"key": _key(secret), "operator_id": operator_id, "started_at": now, "seen_at": now}
        with self._engine.begin() as connection:
            connection.execute(sa.delete(operator_sessions).where(self._over()))
            connection.execute(sa.insert(operator_sessions).values(row))
        return self._signer.sign(secret).decode()

    def find(self, cookie: str | None) -> OperatorSession | None:
        """The session of a cookie that somebody sent; None when it is forged, ended or too old."""
        secret = self._secret(cookie)
        if secret is None:
            return None
        mine = operator_sessions.c.key == _key(secret)
        joined = operator_sessions.join(operators, operators.c.id == operator_sessions.c.operator_id)
        query = sa.select(operator_sessions, operators.c.company, operators.c.name).select_from(joined)
        with self._engine.connect() as connection:
            row = connection.execute(query.where(mine, ~self._over())).first()
        if row is None:
            return None
        if self._now() - row.seen_at > _SEEN_EVERY:
            with self._engine.begin() as connection:
                connection.execute(sa.update(operator_sessions).where(mine).values(seen_at=self._now()))
        return OperatorSession(row.operator_id, row.company, row.name, row.started_at, secret)

    def end(self, cookie: str | None) -> None:
        secret = self._secret(cookie)
        if secret is not None:
            with self._engine.begin() as connection:
                connection.execute(sa.delete(operator_sessions).where(operator_sessions.c.key == _key(secret)))

    def end_all(self, operator_id: int) -> int:
        """Sign that operator out everywhere; how many sessions ended."""
        with self._engine.begin() as connection:
            theirs = operator_sessions.c.operator_id == operator_id
            return int(connection.execute(sa.delete(operator_sessions).where(theirs)).rowcount)

    def _over(self) -> sa.sql.ColumnElement:
        now = self._now()
        return sa.or_(operator_sessions.c.seen_at < now - IDLE, operator_sessions.c.started_at < now - LIFETIME)

    def _secret(self, cookie: str | None) -> str | None:
        if not cookie or len(cookie) > 200:
            return None
        try:
            return self._signer.unsign(cookie).decode()
        except (BadSignature, UnicodeError):
            return None


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
