"""Limits against strangers with lists of CPFs.

A sender may ask for so many different documents a day, and a document may be asked for by so many senders. A document
already admitted for a sender stays admitted that day. Who received a document's invoice on an earlier day is its
customer: admitted whatever strangers did today, and counted by neither limit. Only fingerprints (HMAC) are kept.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from segunda_via.boletos.documents import Document, fingerprint
from segunda_via.storage import keys
from segunda_via.storage.database import insert_once, insert_or_change, lookups, receivers, single


class LookupLimits:
    def __init__(self, engine: Engine, key: bytes, *, documents_per_sender: int, senders_per_document: int) -> None:
        self._engine = engine
        self._key = key
        self._documents_per_sender = documents_per_sender
        self._senders_per_document = senders_per_document

    def admit(self, company: str, sender: str, document: Document, today: date) -> bool:
        """Count this request; False when it goes beyond a limit (a refused one is not counted)."""
        asker, asked = self.fingerprint(sender), self.fingerprint_of(document)
        row = {"company": company, "day": today, "sender": asker, "document": asked}
        with self._engine.connect() as connection, connection.begin() as transaction:
            self._serialise(connection, asker, asked)
            if connection.execute(insert_once(self._engine, lookups).values(row)).rowcount == 0:
                return True
            same_day = sa.and_(lookups.c.company == company, lookups.c.day == today, ~_is_customer(today))
            documents = self._count(connection, same_day, lookups.c.sender == asker)
            senders = self._count(connection, same_day, lookups.c.document == asked)
            if documents <= self._documents_per_sender and senders <= self._senders_per_document:
                return True
            mine = (lookups.c.company == company, lookups.c.day == today, lookups.c.sender == asker)
            if self._count(connection, *mine, lookups.c.document == asked, _is_customer(today)):
                return True
            transaction.rollback()
            return False

    def received(self, company: str, sender: str, document: Document, today: date) -> None:
        """An invoice of that document went to that sender."""
        receiver, its = self.fingerprint(sender), self.fingerprint_of(document)
        row = {"company": company, "sender": receiver, "document": its, "since": today, "last": today}
        key = ("company", "sender", "document")
        with single(self._engine) as connection:
            connection.execute(insert_or_change(self._engine, receivers, key, row, {"last": today}))

    def fingerprint(self, sender: str) -> str:
        """What stands for that sender in the table."""
        return keys.fingerprint(self._key, f"sender:{sender}")

    def fingerprint_of(self, document: Document) -> str:
        """What stands for that document."""
        return fingerprint(document, self._key)

    def _serialise(self, connection: Connection, *names: str) -> None:
        # SQLite has one writer at a time; PostgreSQL would let two requests of one sender miss each other's row.
        if connection.dialect.name == "postgresql":
            for name in sorted(names):
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})

    @staticmethod
    def _count(connection: Connection, *conditions: object) -> int:
        return int(connection.execute(sa.select(sa.func.count()).select_from(lookups).where(*conditions)).scalar_one())


def _is_customer(today: date) -> sa.sql.ColumnElement:
    """Of a row of `lookups`: its sender received that document's invoice before today."""
    c = receivers.c
    same = (c.company == lookups.c.company, c.sender == lookups.c.sender, c.document == lookups.c.document)
    return sa.exists().where(*same, c.since < today)
