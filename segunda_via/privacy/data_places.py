"""Where a person's data stand: for each table, the rows of some conversations and of a document.

A table is in `Places.rows`, or in `UNFINDABLE` with the reason, or holds nothing of customers (`stored_data`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Connection

from segunda_via.boletos import documents
from segunda_via.boletos.documents import Document
from segunda_via.delivery.late_delivery import LateSealing, late_deliveries
from segunda_via.delivery.lookup_limits import LookupLimits
from segunda_via.delivery.next_invoice import NextInvoiceOffers, offers
from segunda_via.intents.misunderstood_store import not_understood
from segunda_via.job_queue.job import WAITING, jobs
from segunda_via.job_queue.sealing import JobSealing
from segunda_via.metrics.recorder import MetricsRecorder, metric_events
from segunda_via.storage.database import lookups, receivers, ticket_events, tickets
from segunda_via.storage.keys import KeyRing
from segunda_via.tickets.human_takeover import takeovers
from segunda_via.tickets.journal import HANDED_OVER, OPEN
from segunda_via.tickets.sealing import TicketSealing
from segunda_via.whatsapp.sent_messages import sent_messages, statuses
from segunda_via.whatsapp.shown_choices import ChoiceSealing, shown_choices
from segunda_via.whatsapp.ticket_completion import completions

UNFINDABLE: Mapping[sa.Table, str] = {
    not_understood: "mensagens que não foram entendidas: mascaradas, sem quem as escreveu, apagadas em 7 dias",
}
_SEALED = ("sealed", "sealed_summary", "sealed_invoice")
_INTERNAL = frozenset({"lease", "lease_owner", "leased_until", "payload", *_SEALED})
"""Columns that tell nothing of a person; what is encrypted is told opened."""


@dataclass(frozen=True)
class Whose:
    """The conversations of a person, their tickets' ids, and the document that was asked about, if it was one."""

    company: str
    conversations: frozenset[str]
    tickets: frozenset[str]
    document: Document | None


class TicketOf(NamedTuple):
    """A ticket of a person, by the ids that it has outside of the database."""

    id: str
    conversation_id: str
    status: str


class Places:
    """`flow`, `offers_kept` and `limits` keep conversations by keyed hashes of their own."""

    def __init__(
        self, keys: KeyRing, flow: MetricsRecorder, offers_kept: NextInvoiceOffers, limits: LookupLimits
    ) -> None:
        self._sealing = TicketSealing(keys)
        self._jobs, self._choices, self._late = JobSealing(keys), ChoiceSealing(keys), LateSealing(keys)
        self._offers = offers_kept
        self._limits = limits
        self.rows: Mapping[sa.Table, Callable[[Connection, Whose], sa.sql.ColumnElement]] = {
            tickets: lambda _, whose: tickets.c.key.in_(self._hashed(whose.tickets)),
            ticket_events: self._of_tickets,
            takeovers: lambda _, whose: takeovers.c.conversation.in_(self._hashed(whose.conversations)),
            statuses: self._statuses,
            sent_messages: lambda _, whose: self._sent_to(whose),
            completions: lambda _, whose: completions.c.conversation.in_(self._hashed(whose.conversations)),
            shown_choices: lambda _, whose: shown_choices.c.conversation.in_(
                map(self._choices.hashed, whose.conversations)
            ),
            jobs: self._of_either,
            offers: self._offered,
            late_deliveries: self._promised,
            lookups: self._asked_for(lookups),
            receivers: self._asked_for(receivers),
            metric_events: lambda _, whose: metric_events.c.conversation.in_(
                map(flow.fingerprint, whose.conversations)
            ),
        }

    def known_conversations(self, connection: Connection) -> set[str]:
        """The id of every conversation that a table knows."""
        sealed = [
            row.sealed
            for table in (tickets, takeovers, completions)
            for row in connection.execute(sa.select(table.c.sealed))
        ]
        known = {ids["conversation_id"] for ids in map(self._unsealed, sealed) if ids}
        return known | {conversation for conversation, _ in self._contents(connection)}

    def conversations_naming(self, connection: Connection, named: Callable[[object], bool]) -> set[str]:
        """Those in whose waiting or recent messages something is `named`."""
        return {conversation for conversation, content in self._contents(connection) if named(content)}

    def tickets_of(self, connection: Connection, company: str, conversations: Collection[str]) -> list[TicketOf]:
        mine = tickets.c.conversation.in_(self._hashed(conversations))
        query = sa.select(tickets).where(tickets.c.company == company, mine).order_by(tickets.c.opened_at)
        rows = [(self._unsealed(row.sealed), row.status) for row in connection.execute(query)]
        return [TicketOf(ids["id"], ids["conversation_id"], status) for ids, status in rows if ids]

    def count(self, connection: Connection, whose: Whose) -> dict[str, int]:
        """How many rows each table has of them."""
        query = sa.select(sa.func.count())
        return {
            table.name: int(connection.execute(query.select_from(table).where(rows(connection, whose))).scalar_one())
            for table, rows in self.rows.items()
        }

    def read(self, connection: Connection, whose: Whose) -> dict[str, list[dict[str, Any]]]:
        """The rows themselves, with what is encrypted opened."""
        return {
            table.name: [
                self._told(table, row) for row in connection.execute(sa.select(table).where(rows(connection, whose)))
            ]
            for table, rows in self.rows.items()
        }

    def erase(self, connection: Connection, whose: Whose, kept: Whose) -> dict[str, int]:
        """Erase the rows, but for what the tickets and conversations of `kept` need; how many went, of each table.

        The steps that were counted lose whose they were, and stay for the figures.
        """
        erased = {}
        for table, rows in self.rows.items():  # what is found by others before these
            condition = rows(connection, whose)
            stays = self._stays(table, kept)
            condition = condition if stays is None else sa.and_(condition, ~stays)
            if table is metric_events:
                erased[table.name] = self._unname(connection, condition)
            else:
                erased[table.name] = int(connection.execute(sa.delete(table).where(condition)).rowcount)
        return erased

    def _contents(self, connection: Connection) -> Iterator[tuple[str, object]]:
        """The conversation, or ticket, and what of it waits or was handled a short while ago."""
        for table in (jobs, shown_choices):
            for row in connection.execute(sa.select(table.c.payload).where(table.c.payload.is_not(None))):
                if (opened := self._opened(table, row.payload)) is not None:
                    yield opened
        for row in connection.execute(sa.select(late_deliveries.c.sealed)):
            if (promised := self._promised_content(row.sealed)) is not None:
                yield promised

    def _of_either(self, connection: Connection, whose: Whose) -> sa.sql.ColumnElement:
        """The jobs of the conversations, or of tickets of theirs, those that were forgotten included."""
        forgotten = {
            ordering_key
            for ordering_key, _ in self._contents(connection)
            if ordering_key.rpartition("#")[0] in whose.conversations
        }
        return self._jobs_of(whose.conversations | whose.tickets | forgotten)

    def _jobs_of(self, ordering_keys: Collection[str]) -> sa.sql.ColumnElement:
        return jobs.c.ordering_key.in_(map(self._jobs.hashed, ordering_keys))

    def _sent_to(self, whose: Whose) -> sa.sql.ColumnElement:
        """By the outbox's jobs, which are kept as long."""
        return sent_messages.c.message_id.in_(sa.select(jobs.c.batch).where(self._jobs_of(whose.conversations)))

    def _statuses(self, connection: Connection, whose: Whose) -> sa.sql.ColumnElement:
        mine = sa.select(sent_messages.c.sid).where(self._sent_to(whose), sent_messages.c.sid.is_not(None))
        return statuses.c.sid.in_(connection.execute(mine).scalars().all())

    def _offered(self, connection: Connection, whose: Whose) -> sa.sql.ColumnElement:
        mine = set(map(self._offers.fingerprint, whose.conversations))
        if whose.document:
            for row in connection.execute(sa.select(offers)):
                offer = self._offers.opened(row)
                if offer is not None and documents.compact(offer.document) == whose.document.value:
                    mine.add(row.conversation)
        return offers.c.conversation.in_(mine)

    def _promised(self, connection: Connection, whose: Whose) -> sa.sql.ColumnElement:
        mine = set(map(self._late.hashed, whose.conversations))
        if whose.document:
            for row in connection.execute(sa.select(late_deliveries)):
                promised = self._promised_content(row.sealed)
                if promised is not None and documents.compact(promised[1]) == whose.document.value:
                    mine.add(row.conversation)
        return late_deliveries.c.conversation.in_(mine)

    def _promised_content(self, sealed: str | None) -> tuple[str, str] | None:
        """The conversation and the document; None where they were erased or another key encrypted them."""
        try:
            return self._late.open(sealed)[:2] if sealed else None
        except InvalidToken:
            return None

    def _asked_for(self, table: sa.Table) -> Callable[[Connection, Whose], sa.sql.ColumnElement]:
        def rows(_: Connection, whose: Whose) -> sa.sql.ColumnElement:
            by_sender = table.c.sender.in_(map(self._limits.fingerprint, whose.conversations))
            if whose.document is None:
                return by_sender
            return sa.or_(by_sender, table.c.document == self._limits.fingerprint_of(whose.document))

        return rows

    def _stays(self, table: sa.Table, kept: Whose) -> sa.sql.ColumnElement | None:
        if table is tickets:
            return tickets.c.key.in_(self._hashed(kept.tickets))
        if table is ticket_events:
            return ticket_events.c.ticket.in_(self._hashed(kept.tickets))
        if table is takeovers:
            return takeovers.c.conversation.in_(self._hashed(kept.conversations))
        if table is late_deliveries:
            return late_deliveries.c.conversation.in_(map(self._late.hashed, kept.conversations))
        if table is jobs:
            return sa.and_(jobs.c.state == WAITING, self._jobs_of(kept.conversations | kept.tickets))
        return None

    @staticmethod
    def _unname(connection: Connection, condition: sa.sql.ColumnElement) -> int:
        c, count = metric_events.c, 0
        nobodys: dict[str, str] = {}
        named = sa.select(c.conversation, c.ticket_id).where(condition).distinct()
        for place, (conversation, ticket) in enumerate(connection.execute(named).all()):
            nobody = {
                "conversation": nobodys.setdefault(conversation, secrets.token_hex(32)),
                "ticket_id": ticket and f"#{place}",
                "document_masked": None,
            }
            this = (c.conversation == conversation, c.ticket_id.is_not_distinct_from(ticket))
            count += connection.execute(sa.update(metric_events).where(*this).values(nobody)).rowcount
        return count

    def _told(self, table: sa.Table, row: sa.engine.Row) -> dict[str, Any]:
        told = {name: _plain(value) for name, value in row._mapping.items() if name not in _INTERNAL}
        if table in (jobs, shown_choices):
            opened = self._opened(table, row.payload)
            told["content"] = opened and opened[1]
        if table in (tickets, takeovers):
            told["content"] = [self._unsealed(row[name]) for name in _SEALED if row._mapping.get(name)]
        if table is offers:
            told["content"] = asdict(offer) if (offer := self._offers.opened(row)) else None
        if table is late_deliveries:
            told["content"] = promised[1] if (promised := self._promised_content(row.sealed)) else None
        return told

    def _of_tickets(self, _: Connection, whose: Whose) -> sa.sql.ColumnElement:
        """Tickets of theirs that were forgotten included."""
        mine = ticket_events.c.conversation.in_(self._hashed(whose.conversations))
        return sa.or_(mine, ticket_events.c.ticket.in_(self._hashed(whose.tickets)))

    def _hashed(self, ids: Collection[str]) -> list[str]:
        return [self._sealing.hashed(each) for each in ids]

    def _unsealed(self, sealed: str) -> dict[str, Any]:
        """Nothing where another key encrypted it."""
        try:
            return self._sealing.open(sealed)
        except InvalidToken:
            return {}

    def _opened(self, table: sa.Table, sealed: str | None) -> tuple[str, object] | None:
        """Whose it is, and the content; None where that was erased or another key encrypted it."""
        if sealed is None:
            return None
        try:
            if table is jobs:
                return self._jobs.open(sealed)
            conversation_id, choices = self._choices.open(sealed)
        except InvalidToken:
            return None
        return conversation_id, [vars(each) for each in choices]


def is_waiting(ticket: TicketOf) -> bool:
    """Whether somebody still waits for something of that ticket."""
    return ticket.status in {OPEN, HANDED_OVER}


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)
