"""The table of promised deliveries, one as it is read, and how it is encrypted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from segunda_via.boletos.outcome import Outcome
from segunda_via.storage.database import Moment, metadata
from segunda_via.storage.keys import KeyRing

WAITING, ENTERED, SAID, CONCLUDED = "waiting", "entered", "said", "concluded"
PROMISED = (WAITING, ENTERED)
"""The states, and those in which the customer waits: see `late_deliveries.py`."""

late_deliveries = sa.Table(
    "segunda_via_late_deliveries",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("conversation", sa.String(64), primary_key=True),
    sa.Column("reference", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("sealed", sa.Text),
    sa.Column("outcome", sa.String(32), nullable=False),
    sa.Column("reason", sa.String(128)),
    sa.Column("refused", sa.String(64)),
    sa.Column("promised_in", sa.String(64), nullable=False),
    sa.Column("promised_at", Moment, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    sa.Index("segunda_via_late_deliveries_due", "state", "due_at"),
)
"""`outcome` is why it waits, or how it was concluded. `refused` stands for the credentials that the gateway refused,
`promised_in` for the message in whose turn it was promised.
"""


@dataclass(frozen=True)
class LateDelivery:
    """A promised delivery. `sent` are the gateway's ids of the invoices that this customer has already."""

    company: str
    conversation_id: str = field(repr=False)
    document: str = field(repr=False)
    sent: tuple[str, ...]
    reference: str
    state: str
    outcome: Outcome
    refused: str | None
    promised_in: str
    promised_at: datetime


@dataclass(frozen=True)
class Concluded:
    """How a try ended that delivered nothing."""

    outcome: Outcome
    reason: str | None


@dataclass(frozen=True)
class WaitingCount:
    """How many customers wait for a promised delivery, and since when the first of them does."""

    customers: int
    since: datetime | None


class LateSealing:
    """The conversation's hash, and encrypted what it is, the document, and what was sent. `InvalidToken` for another
    key's.
    """

    def __init__(self, keys: KeyRing) -> None:
        self._box = keys.box("late deliveries")
        self.hashed = keys.fingerprint("late deliveries")

    def seal(self, conversation_id: str, document: str, sent: Sequence[str]) -> str:
        return self._box.seal([conversation_id, document, list(sent)])

    def open(self, sealed: str) -> tuple[str, str, tuple[str, ...]]:
        conversation_id, document, sent = self._box.open(sealed)
        return conversation_id, document, tuple(sent)


def reseal(connection: Connection, old: KeyRing, new: KeyRing) -> int:
    """A new secret key, in the caller's transaction; how many rows. `InvalidToken` when one has another key.

    What was concluded holds nothing, and goes. Credentials that were refused count as changed: they are tried again.
    """
    before, after = LateSealing(old), LateSealing(new)
    connection.execute(sa.delete(late_deliveries).where(late_deliveries.c.sealed.is_(None)))
    rows = connection.execute(sa.select(late_deliveries)).all()
    for row in rows:
        conversation_id, document, sent = before.open(row.sealed)
        mine = (late_deliveries.c.company == row.company, late_deliveries.c.conversation == row.conversation)
        values = {
            "conversation": after.hashed(conversation_id),
            "sealed": after.seal(conversation_id, document, sent),
        }
        connection.execute(sa.update(late_deliveries).where(*mine).values(values))
    return len(rows)
