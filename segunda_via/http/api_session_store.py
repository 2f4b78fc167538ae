"""Session tokens in the database, so that all processes use the one that the last sign-in gave.

At some gateways a sign-in ends the session before it, so processes that each signed in for themselves would go on
ending each other's. Tokens are encrypted under a sub-key of SEGUNDA_VIA_SECRET_KEY, and the keys that they are kept
under are keyed hashes: what is saved tells neither a token nor whose it is.

A database that cannot be reached, and a token that was saved under another key, count as no session: the gateway is
signed in to again. Neither raises.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from segunda_via import clock
from segunda_via.http.api_sessions import ApiSession
from segunda_via.storage.database import Moment, insert_once, metadata
from segunda_via.storage.keys import KeyRing

logger = logging.getLogger(__name__)

gateway_sessions = sa.Table(
    "segunda_via_gateway_sessions",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("token", sa.Text),
    sa.Column("expires_at", Moment),
    sa.Column("saved_at", Moment, nullable=False),
    sa.Column("claimed_by", sa.String(32)),
    sa.Column("claimed_until", Moment),
)
"""`token` is null while the first sign-in goes on, and after a token was dropped."""


class DatabaseSessionStore:
    """A `SessionStore` over the database that all processes share."""

    def __init__(self, engine: Engine, keys: KeyRing, now: Callable[[], datetime] = clock.now) -> None:
        self._engine = engine
        self._cipher = keys.cipher("gateway sessions")
        self._keyed = keys.fingerprint("gateway session keys")
        self._now = now

    def get(self, key: str) -> ApiSession | None:
        query = sa.select(gateway_sessions).where(gateway_sessions.c.key == self._keyed(key))
        try:
            with self._engine.connect() as connection:
                row = connection.execute(query).first()
            return None if row is None or row.token is None else ApiSession(self._open(row.token), row.expires_at)
        except InvalidToken:
            return None
        except SQLAlchemyError as error:
            logger.warning("gateway sessions cannot be read (%s); signing in anew", type(error).__name__)
            return None

    def put(self, key: str, token: str, expires_at: datetime | None) -> None:
        saved = {
            "token": self._cipher.encrypt(token.encode()).decode(),
            "expires_at": expires_at,
            "saved_at": self._now(),
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(self._insert_or_update({"key": self._keyed(key), **saved}))
        except SQLAlchemyError as error:
            logger.warning("a gateway session cannot be saved (%s)", type(error).__name__)

    def drop(self, key: str, token: str) -> None:
        rows = gateway_sessions.c.key == self._keyed(key)
        try:
            with self._engine.begin() as connection:
                sealed = connection.execute(sa.select(gateway_sessions.c.token).where(rows)).scalar()
                if sealed is not None and self._is(sealed, token):
                    # By its ciphertext too: another process may have saved a newer one since it was read.
                    same = gateway_sessions.c.token == sealed
                    connection.execute(sa.update(gateway_sessions).where(rows, same).values(token=None))
        except SQLAlchemyError as error:
            logger.warning("a gateway session cannot be dropped (%s)", type(error).__name__)

    def claim(self, key: str, holder: str, now: datetime, until: datetime) -> bool:
        """A database that cannot be reached stands in nobody's way."""
        table = gateway_sessions.c
        claimed = {"claimed_by": holder, "claimed_until": until}
        free = sa.or_(table.claimed_until.is_(None), table.claimed_until <= now, table.claimed_by == holder)
        update = sa.update(gateway_sessions).where(table.key == self._keyed(key), free).values(claimed)
        insert = insert_once(self._engine, gateway_sessions).values(key=self._keyed(key), saved_at=now, **claimed)
        try:
            with self._engine.begin() as connection:
                return any(connection.execute(statement).rowcount for statement in (update, insert))
        except SQLAlchemyError as error:
            logger.warning("a gateway session cannot be claimed (%s)", type(error).__name__)
            return True

    def release(self, key: str, holder: str) -> None:
        table = gateway_sessions.c
        claim = sa.and_(table.key == self._keyed(key), table.claimed_by == holder)
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.update(gateway_sessions).where(claim).values(claimed_by=None, claimed_until=None))
        except SQLAlchemyError as error:
            logger.warning("a gateway session cannot be released (%s)", type(error).__name__)

    def _insert_or_update(self, row: dict[str, object]) -> sa.sql.Executable:
        if self._engine.dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert
        else:
            from sqlalchemy.dialects.sqlite import insert
        statement = insert(gateway_sessions).values(row)
        return statement.on_conflict_do_update(
            index_elements=["key"], set_={name: statement.excluded[name] for name in row if name != "key"}
        )

    def _open(self, sealed: str) -> str:
        return self._cipher.decrypt(sealed.encode()).decode()

    def _is(self, sealed: str, token: str) -> bool:
        try:
            return self._open(sealed) == token
        except InvalidToken:
            return False
