"""The embedded desk: tickets and their events in the product's own database.

It also numbers the tickets of conversations that no desk carries, whatever the desk in use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from segunda_via.database import ticket_events, tickets
from segunda_via.outcomes import Outcome
from segunda_via.tickets.port import Ticket

OPEN, FINISHED, HANDED_OVER = "open", "finished", "handed_over"
_LONGEST_REASON = tickets.c.reason.type.length
_LONGEST_SUMMARY = tickets.c.outcome.type.length


@dataclass(frozen=True)
class Entry:
    """A ticket as the journal shows it. Times are aware, in UTC."""

    ticket: Ticket
    status: str
    queue: str | None
    outcome: str | None
    reason: str | None
    opened_at: datetime
    changed_at: datetime


class Journal:
    """Implements TicketDesk. `now` gives the time, aware, in UTC."""

    name = "journal"

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def open(self, company: str, conversation_id: str, desk_ticket_id: str | None = None) -> tuple[Ticket, bool]:
        """The conversation's open ticket, made when there is none; and whether it was made now.

        A desk's own id wins. Ordinals are never reused, so a finished ticket never comes back to life.
        """
        while True:
            current = self.current(company, conversation_id)
            if current is not None and desk_ticket_id in (None, current.id):
                return current, False
            ordinal = self._last_ordinal(company, conversation_id) + 1
            ticket = Ticket(company, desk_ticket_id or f"{conversation_id}#{ordinal}", conversation_id)
            try:
                with self._engine.begin() as connection:
                    connection.execute(sa.delete(tickets).where(*_is(ticket), tickets.c.status != OPEN))
                    connection.execute(
                        sa.insert(tickets).values(
                            company=company, id=ticket.id, conversation_id=conversation_id, ordinal=ordinal,
                            status=OPEN, opened_at=self._now(), changed_at=self._now(),
                        )
                    )  # fmt: skip
                    self._record(connection, ticket, "opened")
            except IntegrityError:  # another turn of the same conversation was quicker: take its ticket
                continue
            return ticket, True

    def current(self, company: str, conversation_id: str) -> Ticket | None:
        """The conversation's open ticket, if there is one."""
        query = (
            sa.select(tickets.c.id)
            .where(
                tickets.c.company == company,
                tickets.c.conversation_id == conversation_id,
                tickets.c.status == OPEN,
            )
            .order_by(tickets.c.ordinal.desc())
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else Ticket(company, row.id, conversation_id)

    def transfer(self, ticket: Ticket, queue: str) -> None:
        self._change(ticket, "transferred", queue, tickets.c.queue.is_distinct_from(queue), queue=queue)

    def finish(self, ticket: Ticket, outcome: Outcome) -> None:
        self._change(ticket, FINISHED, outcome.value, tickets.c.status == OPEN, status=FINISHED, outcome=outcome.value)

    def hand_over(self, ticket: Ticket, reason: str, summary: str) -> None:
        reason, summary = reason[:_LONGEST_REASON], summary[:_LONGEST_SUMMARY]  # PostgreSQL refuses what is longer
        self._change(
            ticket,
            HANDED_OVER,
            reason,
            tickets.c.status != HANDED_OVER,
            status=HANDED_OVER,
            reason=reason,
            outcome=summary,
        )

    def reopen(self, ticket: Ticket, reason: str) -> None:
        self._change(ticket, "reopened", reason, tickets.c.status != OPEN, status=OPEN, reason=reason, outcome=None)

    def check(self) -> None:
        with self._engine.connect() as connection:
            connection.execute(sa.select(sa.func.count()).select_from(tickets))

    def recent(self, company: str, limit: int = 50) -> list[Entry]:
        """The most recent tickets, newest first."""
        query = (
            sa.select(tickets).where(tickets.c.company == company).order_by(tickets.c.changed_at.desc()).limit(limit)
        )
        with self._engine.connect() as connection:
            return [_entry(row) for row in connection.execute(query)]

    def get(self, company: str, ticket_id: str) -> Ticket | None:
        """The ticket of that id, whatever its status."""
        query = sa.select(tickets.c.conversation_id).where(tickets.c.company == company, tickets.c.id == ticket_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else Ticket(company, ticket_id, row.conversation_id)

    def events(self, ticket: Ticket) -> list[tuple[datetime, str, str | None]]:
        """When, what and its detail, in order."""
        query = (
            sa.select(ticket_events)
            .where(ticket_events.c.company == ticket.company, ticket_events.c.ticket_id == ticket.id)
            .order_by(ticket_events.c.id)
        )
        with self._engine.connect() as connection:
            return [(row.occurred_at, row.event, row.detail) for row in connection.execute(query)]

    def forget_before(self, moment: datetime) -> int:
        """Erase what ended before `moment` (tickets still open stay); how many tickets were erased."""
        ended = sa.and_(tickets.c.changed_at < moment, tickets.c.status != OPEN)
        with self._engine.begin() as connection:
            gone = connection.execute(sa.select(tickets.c.company, tickets.c.id).where(ended)).all()
            for company, ticket_id in gone:
                connection.execute(
                    sa.delete(ticket_events).where(
                        ticket_events.c.company == company, ticket_events.c.ticket_id == ticket_id
                    )
                )
            connection.execute(sa.delete(tickets).where(ended))
        return len(gone)

    def _change(
        self, ticket: Ticket, event: str, detail: str, unless_done: sa.sql.ColumnElement, **values: object
    ) -> None:
        """One change and its event, together; nothing when the ticket already stands there."""
        with self._engine.begin() as connection:
            update = sa.update(tickets).where(*_is(ticket), unless_done).values(**values, changed_at=self._now())
            if connection.execute(update).rowcount:
                self._record(connection, ticket, event, detail)

    def _record(self, connection: Connection, ticket: Ticket, event: str, detail: str | None = None) -> None:
        connection.execute(
            sa.insert(ticket_events).values(
                company=ticket.company,
                ticket_id=ticket.id,
                event=event,
                detail=detail,
                occurred_at=self._now(),
            )
        )

    def _last_ordinal(self, company: str, conversation_id: str) -> int:
        query = sa.select(sa.func.max(tickets.c.ordinal)).where(
            tickets.c.company == company, tickets.c.conversation_id == conversation_id
        )
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one() or 0


def _is(ticket: Ticket) -> tuple[sa.sql.ColumnElement, sa.sql.ColumnElement]:
    return tickets.c.company == ticket.company, tickets.c.id == ticket.id


def _entry(row: sa.engine.Row) -> Entry:
    return Entry(
        ticket=Ticket(row.company, row.id, row.conversation_id),
        status=row.status,
        queue=row.queue,
        outcome=row.outcome,
        reason=row.reason,
        opened_at=row.opened_at,
        changed_at=row.changed_at,
    )
