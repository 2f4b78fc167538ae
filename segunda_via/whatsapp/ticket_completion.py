"""Finishing never waits: a delivery is marked here, and its ticket is finished once the last message was accepted.

    marked ──last message accepted──> finished ──one fails after all──> handed_over (the ticket is opened again)
       └──one refused for good, or not sendable in time──────────────> handed_over

It is marked in the transaction that queues its messages. Each of these may be told twice. Finishing a ticket is
idempotent; handing over is claimed first (`handing_over`), and taken up again by `resume` should the process die over
it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from segunda_via.boletos.outcome import Outcome
from segunda_via.storage.database import Moment, insert_once, metadata, single
from segunda_via.storage.keys import KeyRing
from segunda_via.tickets.sealing import TicketSealing
from segunda_via.tickets.ticket import Ticket

MARKED, FINISHED, HANDING_OVER, HANDED_OVER = "marked", "finished", "handing_over", "handed_over"
SEND_FAILED = "send_failed"
_LONGEST = timedelta(seconds=30)
"""What handing over may take; after that, whoever was at it has died."""

completions = sa.Table(
    "segunda_via_ticket_completions",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("message_id", sa.String(255), primary_key=True),
    # What is hashed and what is encrypted: `segunda_via.tickets.sealing`.
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Column("messages", sa.Integer, nullable=False),
    sa.Column("outcome", sa.String(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
)
"""`message_id` is that of the message that was answered, `messages` how many answers it has."""

_KINDS = {"text": "texto", "image": "QR Code", "document": "PDF", "template": "opções"}

Mark = Callable[[Connection], None]
"""Marks a delivery, in the transaction that queues its messages."""


class Tickets(Protocol):
    def finish(self, company: str, conversation_id: str, outcome: Outcome) -> None: ...
    def reopen(self, company: str, conversation_or_ticket: str, reason: str) -> bool: ...
    def hand_over(self, company: str, conversation_id: str, reason: str, summary: str) -> None: ...


class TicketCompletion:
    """`current` gives the open ticket of a conversation."""

    def __init__(
        self,
        engine: Engine,
        keys: KeyRing,
        now: Callable[[], datetime],
        tickets: Tickets,
        current: Callable[[str, str], Ticket | None],
    ) -> None:
        self._engine = engine
        self._sealing = TicketSealing(keys)
        self._now = now
        self._tickets = tickets
        self._current = current

    def mark(self, company: str, conversation_id: str, message_id: str, outcome: Outcome, messages: int) -> Mark:
        """What marks the delivery that was said in so many messages. The ticket is looked for here, before it."""
        ticket = self._current(company, conversation_id)
        row = {
            "company": company,
            "message_id": message_id,
            "conversation": self._sealing.hashed(conversation_id),
            "sealed": self._sealing.seal(conversation_id=conversation_id, ticket_id=ticket.id if ticket else None),
            "messages": messages,
            "outcome": outcome.value,
            "state": MARKED,
            "changed_at": self._now(),
        }

        def mark(connection: Connection) -> None:
            connection.execute(insert_once(self._engine, completions).values(row))

        return mark

    def accepted(self, company: str, message_id: str, ordinal: int) -> None:
        """Twilio accepted that answer to the message; with the last one, the ticket is finished."""
        row = self._row(company, message_id)
        if row is not None and row.state == MARKED and row.messages == ordinal + 1:
            self._finish(row)

    def nothing_to_send(self, company: str, message_id: str) -> None:
        """A delivery that said nothing has nothing to wait for."""
        self.accepted(company, message_id, -1)

    def failed(self, company: str, message_id: str, ordinal: int, kind: str, why: str) -> bool:
        """That answer will not arrive; whether it was part of a delivery, which is then handed over."""
        row = self._row(company, message_id)
        if row is None or row.state == HANDED_OVER:
            return row is not None
        what = f"A mensagem {ordinal + 1} de {row.messages} ({_KINDS.get(kind, kind)})"
        self._hand_over(row, f"{what} não foi entregue: {why}")
        return True

    def resume(self) -> int:
        """Do what a process that died meanwhile was about to; how many tickets those were."""
        silent = sa.and_(completions.c.state == MARKED, completions.c.messages == 0)
        stuck = sa.select(completions).where(sa.or_(_handing_over(), silent), self._is_old())
        with self._engine.connect() as connection:
            rows = connection.execute(stuck).all()
        return sum(
            self._finish(row)
            if row.state == MARKED
            else self._hand_over(row, "Uma mensagem da entrega não chegou ao cliente")
            for row in rows
        )

    def _finish(self, row: sa.engine.Row) -> bool:
        ids = self._sealing.open(row.sealed)
        self._tickets.finish(row.company, ids["conversation_id"], Outcome(row.outcome))
        return self._move(row, FINISHED, completions.c.state == MARKED)

    def _hand_over(self, row: sa.engine.Row, summary: str) -> bool:
        """Once, though a callback and the sender may both come with it; False when another is at it."""
        free = sa.or_(completions.c.state.in_([MARKED, FINISHED]), sa.and_(self._is_old(), _handing_over()))
        if not self._move(row, HANDING_OVER, free):
            return False
        ids = self._sealing.open(row.sealed)
        if ids["ticket_id"]:
            self._tickets.reopen(row.company, ids["ticket_id"], SEND_FAILED)
        self._tickets.hand_over(row.company, ids["conversation_id"], SEND_FAILED, summary)
        self._move(row, HANDED_OVER, _handing_over())
        return True

    def _is_old(self) -> sa.sql.ColumnElement:
        return completions.c.changed_at < self._now() - _LONGEST

    def _row(self, company: str, message_id: str) -> sa.engine.Row | None:
        query = sa.select(completions).where(*_is(company, message_id))
        with self._engine.connect() as connection:
            return connection.execute(query).first()

    def _move(self, row: sa.engine.Row, state: str, condition: sa.sql.ColumnElement) -> bool:
        update = sa.update(completions).where(*_is(row.company, row.message_id), condition)
        with single(self._engine) as connection:
            return bool(connection.execute(update.values(state=state, changed_at=self._now())).rowcount)


def reseal(connection: Connection, old: KeyRing, new: KeyRing) -> int:
    """A new secret key, in the caller's transaction; how many rows. `InvalidToken` when one has another key."""
    before, after = TicketSealing(old), TicketSealing(new)
    rows = connection.execute(sa.select(completions)).all()
    for row in rows:
        ids = before.open(row.sealed)
        values = {"conversation": after.hashed(ids["conversation_id"]), "sealed": after.seal(**ids)}
        connection.execute(sa.update(completions).where(*_is(row.company, row.message_id)).values(values))
    return len(rows)


def _handing_over() -> sa.sql.ColumnElement:
    return completions.c.state == HANDING_OVER


def _is(company: str, message_id: str) -> tuple[sa.sql.ColumnElement, sa.sql.ColumnElement]:
    return completions.c.company == company, completions.c.message_id == message_id
