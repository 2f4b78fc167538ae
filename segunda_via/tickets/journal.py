"""The embedded desk: tickets and their events in the product's own database.

It also numbers the tickets of conversations that no desk carries, whatever the desk in use. A change and what has to
happen with it (`also`, which is given the connection and the event) are one transaction.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from segunda_via.log_redaction import redact
from segunda_via.storage.database import single, ticket_events, tickets
from segunda_via.storage.keys import KeyRing
from segunda_via.tickets.sealing import TicketSealing
from segunda_via.tickets.ticket import QUEUE, InvoiceSent, Ticket, TicketEvent, TicketEventKind

LONGEST_SUMMARY, LONGEST_NUMBER = 300, 64
OPEN, FINISHED, HANDED_OVER, ABANDONED, RETURNED = "open", "finished", "handed_over", "abandoned", "returned"

Also = Callable[[Connection, TicketEvent], None]
"""What else is done in the transaction of a change."""


def nothing(connection: Connection, event: TicketEvent) -> None:
    """Nobody else to tell."""


@dataclass(frozen=True)
class JournalEntry:
    """A ticket as the journal shows it. Times are aware, in UTC."""

    ticket: Ticket
    status: str
    queue: str | None
    outcome: str | None
    reason: str | None
    opened_at: datetime
    changed_at: datetime
    summary: str | None = None
    invoice: InvoiceSent | None = None


class Journal:
    """`now` gives the time, aware, in UTC. Every change made twice is made once."""

    name = "journal"

    def __init__(self, engine: Engine, keys: KeyRing, now: Callable[[], datetime]) -> None:
        self.engine = engine
        self._sealing = TicketSealing(keys)
        self._now = now

    def open(
        self,
        company: str,
        conversation_id: str,
        desk_ticket_id: str | None = None,
        queue: str | None = None,
        also: Also = nothing,
    ) -> tuple[Ticket, bool]:
        """The conversation's open ticket, made when there is none, in `queue` at once; and whether it was made now.

        A desk's own id wins. Ordinals are never reused, so a finished ticket never comes back to life.
        """
        while True:
            current, last_ordinal = self._current_and_last(company, conversation_id)
            if current is not None and desk_ticket_id in (None, current.id):
                return current, False
            ordinal = last_ordinal + 1
            ticket = Ticket(company, desk_ticket_id or f"{conversation_id}#{ordinal}", conversation_id, desk_ticket_id)
            try:
                with self.engine.begin() as connection:
                    if desk_ticket_id is not None:  # its number may have been used before; ours never was
                        connection.execute(sa.delete(tickets).where(*self._is(ticket), tickets.c.status != OPEN))
                    connection.execute(
                        sa.insert(tickets).values(
                            company=company, **self._ids(ticket), ordinal=ordinal, queue=queue, status=OPEN,
                            opened_at=self._now(), changed_at=self._now(),
                        )
                    )  # fmt: skip
                    events = [("opened", None), (TicketEventKind.TRANSFERRED.value, queue)]
                    self._record(connection, ticket, *events[: 1 if queue is None else 2])
                    if queue is not None:
                        also(connection, self._event(TicketEventKind.TRANSFERRED, ticket, queue=queue))
            except IntegrityError:  # another turn of the same conversation was quicker: take its ticket
                continue
            return ticket, True

    def current(self, company: str, conversation_id: str) -> Ticket | None:
        """The conversation's open ticket, if there is one."""
        entry = self._newest(self._in(company, conversation_id), tickets.c.status == OPEN)
        return None if entry is None else entry.ticket

    def latest(self, company: str, conversation_id: str) -> JournalEntry | None:
        """The conversation's last ticket, whatever its status."""
        return self._newest(self._in(company, conversation_id))

    def get(self, company: str, ticket_id: str) -> Ticket | None:
        """The ticket of that id, ours or the desk's, whatever its status."""
        entry = self.entry(company, ticket_id)
        return None if entry is None else entry.ticket

    def entry(self, company: str, ticket_id: str) -> JournalEntry | None:
        """The same, as the journal shows it."""
        hashed = self._sealing.hashed(ticket_id)
        ours = self._newest(tickets.c.company == company, tickets.c.key == hashed)
        return ours or self._newest(tickets.c.company == company, tickets.c.desk_key == hashed)

    def transfer(self, ticket: Ticket, queue: str, also: Also = nothing) -> bool:
        elsewhere = tickets.c.queue.is_distinct_from(queue)
        event = self._event(TicketEventKind.TRANSFERRED, ticket, queue=queue)
        return self._change(event, queue, sa.and_(tickets.c.status == OPEN, elsewhere), also, queue=queue)

    def finish(self, company: str, conversation_id: str, outcome: str, also: Also = nothing) -> bool:
        """The conversation's open ticket, if there is one."""
        entry = self._newest(self._in(company, conversation_id), tickets.c.status == OPEN)
        if entry is None:
            return False
        event = self._event(TicketEventKind.FINISHED, entry.ticket, outcome=outcome, invoice=entry.invoice)
        return self._change(event, outcome, tickets.c.status == OPEN, also, status=FINISHED, outcome=outcome)

    def abandon(self, ticket: Ticket, also: Also = nothing) -> bool:
        """The customer left a question unanswered."""
        event = self._event(TicketEventKind.FINISHED, ticket, outcome=ABANDONED)
        return self._change(event, None, tickets.c.status == OPEN, also, ABANDONED, status=ABANDONED, outcome=ABANDONED)

    def hand_over(
        self,
        ticket: Ticket,
        reason: str,
        summary: str,
        also: Also = nothing,
        *,
        queue: str = QUEUE,
        outcome: str | None = None,
    ) -> bool:
        # PostgreSQL refuses what is longer than its column.
        reason, outcome = reason[: tickets.c.reason.type.length], outcome and outcome[: tickets.c.outcome.type.length]
        summary = redact(" ".join(summary.split()))[:LONGEST_SUMMARY]
        event = self._event(
            TicketEventKind.HANDED_OVER, ticket, queue=queue, reason=reason, summary=summary or None, outcome=outcome
        )
        return self._change(
            event,
            reason,
            tickets.c.status != HANDED_OVER,
            also,
            status=HANDED_OVER,
            queue=queue,
            reason=reason,
            outcome=outcome,
            sealed_summary=self._sealing.seal(summary=summary) if summary else None,
        )

    def reopen(self, ticket: Ticket, reason: str, also: Also = nothing) -> bool:
        reason = reason[: tickets.c.reason.type.length]
        event = self._event(TicketEventKind.REOPENED, ticket, reason=reason)
        return self._change(
            event, reason, tickets.c.status != OPEN, also, status=OPEN, reason=reason, outcome=None, sealed_summary=None
        )

    def returned(self, connection: Connection, ticket: Ticket, how: str) -> bool:
        """A person gave the conversation back, or never took it: in the caller's transaction."""
        update = sa.update(tickets).where(*self._is(ticket), tickets.c.status == HANDED_OVER)
        changed = connection.execute(update.values(status=RETURNED, changed_at=self._now())).rowcount
        if changed:
            self._record(connection, ticket, (RETURNED, how))
        return bool(changed)

    def sends(self, company: str, conversation_id: str, invoice: InvoiceSent) -> None:
        """What was delivered under the conversation's open ticket, if there is one."""
        sealed = self._sealing.seal(
            number=redact(invoice.number)[:LONGEST_NUMBER],
            due_date=invoice.due_date.isoformat(),
            amount=f"{invoice.amount:.2f}",
        )
        with single(self.engine) as connection:
            connection.execute(
                sa.update(tickets)
                .where(self._in(company, conversation_id), tickets.c.status == OPEN)
                .values(sealed_invoice=sealed)
            )

    def known_at_desk(self, ticket: Ticket, desk_id: str) -> None:
        """The desk opened that ticket under an id of its own."""
        known = self._ids(replace(ticket, desk_id=desk_id))
        with self.engine.begin() as connection:
            connection.execute(sa.update(tickets).where(*self._is(ticket)).values(known))

    def remark(self, ticket: Ticket, event: str, detail: str | None = None) -> None:
        """Something worth knowing that changes nothing about the ticket."""
        with self.engine.begin() as connection:
            self._record(connection, ticket, (event, detail))

    def check(self) -> None:
        with self.engine.connect() as connection:
            connection.execute(sa.select(sa.func.count()).select_from(tickets))

    def recent(self, company: str, limit: int = 50) -> list[JournalEntry]:
        """The most recent tickets, newest first."""
        query = (
            sa.select(tickets).where(tickets.c.company == company).order_by(tickets.c.changed_at.desc()).limit(limit)
        )
        found = []
        with self.engine.connect() as connection:
            for row in connection.execute(query):
                with contextlib.suppress(InvalidToken):  # what another key encrypted nobody can read
                    found.append(self._entry(row))
        return found

    def events(self, ticket: Ticket) -> list[tuple[datetime, str, str | None]]:
        """When, what and its detail, in order."""
        query = (
            sa.select(ticket_events)
            .where(ticket_events.c.company == ticket.company, ticket_events.c.ticket == self._sealing.hashed(ticket.id))
            .order_by(ticket_events.c.id)
        )
        with self.engine.connect() as connection:
            return [(row.occurred_at, row.event, row.detail) for row in connection.execute(query)]

    def _event(self, kind: TicketEventKind, ticket: Ticket, **details: object) -> TicketEvent:
        return TicketEvent(uuid.uuid4().hex, kind, ticket, self._now(), **details)  # type: ignore[arg-type]

    def _change(
        self,
        event: TicketEvent,
        detail: str | None,
        unless_done: sa.sql.ColumnElement,
        also: Also,
        name: str | None = None,
        **values: object,
    ) -> bool:
        """One change, its event and what else is to happen, together; False when the ticket already stands there."""
        with self.engine.begin() as connection:
            update = sa.update(tickets).where(*self._is(event.ticket), unless_done)
            if not connection.execute(update.values(**values, changed_at=event.occurred_at)).rowcount:
                return False
            self._record(connection, event.ticket, (name or event.kind.value, detail))
            also(connection, event)
        return True

    def _record(self, connection: Connection, ticket: Ticket, *events: tuple[str, str | None]) -> None:
        """Each with its detail, in their order."""
        about = {
            "company": ticket.company,
            "ticket": self._sealing.hashed(ticket.id),
            "conversation": self._sealing.hashed(ticket.conversation_id),
            "occurred_at": self._now(),
        }
        longest = ticket_events.c.detail.type.length
        rows = [{**about, "event": event, "detail": detail and detail[:longest]} for event, detail in events]
        connection.execute(sa.insert(ticket_events).values(rows))

    def _newest(self, *conditions: sa.sql.ColumnElement) -> JournalEntry | None:
        query = sa.select(tickets).where(*conditions).order_by(tickets.c.ordinal.desc()).limit(1)
        with self.engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else self._entry(row)

    def _current_and_last(self, company: str, conversation_id: str) -> tuple[Ticket | None, int]:
        """The conversation's open ticket, if there is one, and the ordinal of its last."""
        last = sa.func.max(tickets.c.ordinal).over().label("last")
        open_first = sa.case((tickets.c.status == OPEN, 0), else_=1)
        query = sa.select(tickets, last).where(self._in(company, conversation_id))
        with self.engine.connect() as connection:
            row = connection.execute(query.order_by(open_first, tickets.c.ordinal.desc()).limit(1)).first()
        if row is None:
            return None, 0
        return self._entry(row).ticket if row.status == OPEN else None, int(row.last)

    def _is(self, ticket: Ticket) -> tuple[sa.sql.ColumnElement, sa.sql.ColumnElement]:
        return tickets.c.company == ticket.company, tickets.c.key == self._sealing.hashed(ticket.id)

    def _in(self, company: str, conversation_id: str) -> sa.sql.ColumnElement:
        return sa.and_(tickets.c.company == company, tickets.c.conversation == self._sealing.hashed(conversation_id))

    def _ids(self, ticket: Ticket) -> dict[str, str | None]:
        """What it is found by, and its ids, encrypted."""
        return {
            "key": self._sealing.hashed(ticket.id),
            "conversation": self._sealing.hashed(ticket.conversation_id),
            "desk_key": ticket.desk_id and self._sealing.hashed(ticket.desk_id),
            "sealed": self._sealing.seal(id=ticket.id, conversation_id=ticket.conversation_id, desk_id=ticket.desk_id),
        }

    def _entry(self, row: sa.engine.Row) -> JournalEntry:
        ids = self._sealing.open(row.sealed)
        summary = self._sealing.open(row.sealed_summary)["summary"] if row.sealed_summary else None
        return JournalEntry(
            ticket=Ticket(row.company, ids["id"], ids["conversation_id"], ids["desk_id"]),
            status=row.status,
            queue=row.queue,
            outcome=row.outcome,
            reason=row.reason,
            opened_at=row.opened_at,
            changed_at=row.changed_at,
            summary=summary,
            invoice=_invoice(self._sealing.open(row.sealed_invoice)) if row.sealed_invoice else None,
        )


def _invoice(sent: dict[str, str]) -> InvoiceSent:
    return InvoiceSent(sent["number"], date.fromisoformat(sent["due_date"]), Decimal(sent["amount"]))
