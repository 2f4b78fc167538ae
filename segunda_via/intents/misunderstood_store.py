"""The messages of the last days that were not understood, masked and sealed, for the operator to label.

The settings screen stands on the public server, which need not reach Rasa's tracker store, and reading a week out of
that would mean reading every event of it. What is noted here is masked first, as `segunda-via phrases review` masks it,
sealed, and erased after a week. Nothing says who wrote it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Engine

from segunda_via.intents import misunderstood
from segunda_via.storage.database import Moment, metadata
from segunda_via.storage.keys import KeyRing

logger = logging.getLogger(__name__)

not_understood = sa.Table(
    "segunda_via_not_understood",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("said_at", Moment, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Index("segunda_via_not_understood_by_time", "company", "said_at"),
)

SPAN = timedelta(days=7)
MOST = 2000
"""Messages that are read, the latest."""


class MisunderstoodStore:
    """`now` gives the time, aware, in UTC."""

    def __init__(self, engine: Engine, keys: KeyRing, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._cipher = keys.cipher("not understood")
        self._now = now

    def note(self, company: str, text: str) -> None:
        """Keep one message. It never raises: a customer is waiting."""
        shown = misunderstood.shown(text)
        if not shown:
            return
        try:
            sealed = self._cipher.encrypt(shown.encode()).decode()
            with self._engine.begin() as connection:
                row = {"company": company, "said_at": self._now(), "text": sealed}
                connection.execute(sa.insert(not_understood).values(row))
        except Exception as error:
            logger.warning("a message that was not understood was not noted (%s)", type(error).__name__)

    def said(self, company: str) -> list[str]:
        """What was not understood in the last days, masked, latest first."""
        c = not_understood.c
        query = sa.select(c.text).where(*self._recent(company)).order_by(c.said_at.desc(), c.id.desc())
        with self._engine.connect() as connection:
            sealed = connection.execute(query.limit(MOST)).scalars().all()
        return [text for text in map(self._open, sealed) if text]

    def number(self, company: str) -> int:
        """How many messages of the last days were not understood."""
        query = sa.select(sa.func.count()).select_from(not_understood).where(*self._recent(company))
        with self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def _recent(self, company: str) -> tuple[sa.sql.ColumnElement, ...]:
        return not_understood.c.company == company, not_understood.c.said_at > self._now() - SPAN

    def _open(self, sealed: str) -> str | None:
        try:
            return self._cipher.decrypt(sealed.encode()).decode()
        except InvalidToken:  # sealed with an older key: it lives for a week only
            return None
