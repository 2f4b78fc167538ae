"""The choices that a customer was shown last, so that "2", or a title, can be understood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Connection, Engine

from segunda_via.storage.database import Moment, insert_or_change, metadata
from segunda_via.storage.keys import KeyRing
from segunda_via.whatsapp.buttons import ButtonChoice

shown_choices = sa.Table(
    "segunda_via_shown_choices",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("shown_at", Moment, nullable=False),
)


class ChoiceSealing:
    """The conversation's hash, and encrypted what it is and what it was shown."""

    def __init__(self, keys: KeyRing) -> None:
        self._box = keys.box("turns")  # an older name: with another, what was shown before could not be read
        self.hashed = keys.fingerprint("turns")

    def seal(self, conversation_id: str, choices: Sequence[ButtonChoice]) -> str:
        return self._box.seal([conversation_id, [vars(each) for each in choices]])

    def open(self, sealed: str) -> tuple[str, list[ButtonChoice]]:
        conversation_id, choices = self._box.open(sealed)
        return conversation_id, [ButtonChoice(**each) for each in choices]


class ShownChoices:
    def __init__(self, engine: Engine, keys: KeyRing, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._sealing = ChoiceSealing(keys)
        self._now = now

    def of(self, company: str, conversation_id: str) -> list[ButtonChoice]:
        """Those that the last turn offered."""
        query = sa.select(shown_choices.c.payload).where(*self._of(company, conversation_id))
        with self._engine.connect() as connection:
            sealed = connection.execute(query).scalar()
        try:
            _, choices = self._sealing.open(sealed) if sealed else ("", [])
        except InvalidToken:
            return []
        return choices

    def show(self, connection: Connection, company: str, conversation_id: str, choices: Sequence[ButtonChoice]) -> None:
        """From now on these count, as part of that transaction; without any, none do."""
        if not choices:
            connection.execute(sa.delete(shown_choices).where(*self._of(company, conversation_id)))
        else:
            row = {
                "company": company,
                "conversation": self._sealing.hashed(conversation_id),
                "payload": self._sealing.seal(conversation_id, choices),
                "shown_at": self._now(),
            }
            key = ("company", "conversation")
            connection.execute(insert_or_change(self._engine, shown_choices, key, row, row))

    def _of(self, company: str, conversation_id: str) -> tuple[sa.sql.ColumnElement, sa.sql.ColumnElement]:
        hashed = self._sealing.hashed(conversation_id)
        return shown_choices.c.company == company, shown_choices.c.conversation == hashed


def reseal(connection: Connection, old: KeyRing, new: KeyRing) -> int:
    """A new secret key, in the caller's transaction; how many rows. `InvalidToken` when one has another key."""
    before, after = ChoiceSealing(old), ChoiceSealing(new)
    rows = connection.execute(sa.select(shown_choices)).all()
    for row in rows:
        conversation_id, choices = before.open(row.payload)
        values = {
            "conversation": after.hashed(conversation_id),
            "payload": after.seal(conversation_id, choices),
        }
        mine = (shown_choices.c.company == row.company, shown_choices.c.conversation == row.conversation)
        connection.execute(sa.update(shown_choices).where(*mine).values(values))
    return len(rows)
