"""The offer of the next open invoice: whose document, and which invoices were sent already.

Made after a delivery, live for ten minutes, and erased when it is used. The document is encrypted, the conversation a
keyed hash.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Connection, Engine, Row

from segunda_via.storage.database import Moment, insert_or_change, metadata, single
from segunda_via.storage.keys import KeyRing

LIVE = timedelta(minutes=10)

offers = sa.Table(
    "segunda_via_offers",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("conversation", sa.String(64), primary_key=True),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
)


@dataclass(frozen=True)
class NextInvoiceOffer:
    """`sent` are the gateway's ids of the invoices that this customer has already."""

    document: str = field(repr=False)
    sent: tuple[str, ...]


class NextInvoiceOffers:
    """`now` gives the time, aware, in UTC."""

    def __init__(self, engine: Engine, keys: KeyRing, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._box = keys.box("offers")
        self.fingerprint = keys.fingerprint("offer conversations")
        """What stands for a conversation in the table."""
        self._now = now

    def make(self, company: str, conversation_id: str, document: str, sent: Collection[str]) -> None:
        """Offer the next invoice of `document`, in the place of any offer before."""
        row = {
            "company": company,
            "conversation": self.fingerprint(conversation_id),
            "sealed": self._box.seal({"document": document, "sent": list(sent)}),
            "expires_at": self._now() + LIVE,
        }
        with single(self._engine) as connection:
            connection.execute(insert_or_change(self._engine, offers, ("company", "conversation"), row, row))

    def take(self, company: str, conversation_id: str) -> NextInvoiceOffer | None:
        """The live offer, erased as it is taken; None without one. Of two takers at once, one has it."""
        mine = self._mine(company, conversation_id)
        with self._engine.begin() as connection:
            row = connection.execute(sa.select(offers).where(*mine)).first()
            if row is None or not self._erase(connection, company, conversation_id):
                return None
        return self.opened(row) if row.expires_at > self._now() else None

    def opened(self, row: Row) -> NextInvoiceOffer | None:
        """What a row offers; None when that was under another key."""
        try:
            content = self._box.open(row.sealed)
        except InvalidToken:
            return None
        return NextInvoiceOffer(content["document"], tuple(content["sent"]))

    def _erase(self, connection: Connection, company: str, conversation_id: str) -> int:
        return int(connection.execute(sa.delete(offers).where(*self._mine(company, conversation_id))).rowcount)

    def _mine(self, company: str, conversation_id: str) -> tuple[sa.sql.ColumnElement, sa.sql.ColumnElement]:
        return offers.c.company == company, offers.c.conversation == self.fingerprint(conversation_id)
