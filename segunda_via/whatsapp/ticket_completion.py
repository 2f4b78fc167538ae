"""Finishing never waits: a delivery is marked here, and its ticket is finished once the last message was accepted.

    marked ──last message accepted──> finished ──one fails after all──> handed_over (the ticket is opened again)
       └──one refused for good, or not sendable in time──────────────> handed_over

Each of these may be told twice. Finishing a ticket is idempotent; handing over is claimed first (`handing_over`), and
taken up again by `resume` should the process die over it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from segunda_via.boletos.outcome import Outcome
from segunda_via.storage.database import Moment, insert_once, metadata
from segunda_via.tickets.ticket import Ticket
from segunda_via.whatsapp.reply_drafts import ReplyDrafts

MARKED, FINISHED, HANDING_OVER, HANDED_OVER = "marked", "finished", "handing_over", "handed_over"
SEND_FAILED = "send_failed"
_LONGEST = timedelta(seconds=30)
"""What handing over may take; after that, whoever was at it has died."""

finishing = sa.Table(
    "segunda_via_finishing",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("turn", sa.String(255), primary_key=True),
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("ticket_id", sa.String(255)),
    sa.Column("outcome", sa.String(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
)

_KINDS = {"text": "texto", "image": "QR Code", "document": "PDF", "template": "opções"}


class Tickets(Protocol):
    def finish(self, company: str, conversation_id: str, outcome: Outcome) -> None: ...
    def reopen(self, company: str, conversation_or_ticket: str, reason: str) -> bool: ...
    def hand_over(self, company: str, conversation_id: str, reason: str, summary: str) -> None: ...


class TicketCompletion:
    """`current` gives the open ticket of a conversation."""

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        tickets: Tickets,
        turns: ReplyDrafts,
        current: Callable[[str, str], Ticket | None],
    ) -> None:
        self._engine = engine
        self._now = now
        self._tickets = tickets
        self._turns = turns
        self._current = current

    async def mark(self, company: str, conversation: str, turn: str | None, outcome: Outcome) -> None:
        """The delivery was said. Without a `turn` there is no outbox, and saying it was sending it."""
        await asyncio.to_thread(self._mark, company, conversation, turn, outcome)

    def discard(self, company: str, turn: str) -> None:
        """The turn is run anew, or given up: what it marked does not count."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(finishing).where(*_is(company, turn), finishing.c.state == MARKED))

    def accepted(self, company: str, turn: str, ordinal: int) -> None:
        """Twilio accepted that message of the turn; with the last one, the ticket is finished."""
        row = self._row(company, turn)
        if row is not None and row.state == MARKED and self._turns.count(turn) == ordinal + 1:
            self._tickets.finish(company, row.conversation, Outcome(row.outcome))
            self._move(company, turn, FINISHED, finishing.c.state == MARKED)

    def failed(self, company: str, turn: str, ordinal: int, kind: str, why: str) -> bool:
        """That message will not arrive; whether it was part of a delivery, which is then handed over."""
        row = self._row(company, turn)
        if row is None or row.state == HANDED_OVER:
            return row is not None
        count = self._turns.count(turn) or 0
        summary = f"A mensagem {ordinal + 1} de {count} ({_KINDS.get(kind, kind)}) não foi entregue: {why}"
        self._hand_over(row, summary)
        return True

    def resume(self) -> int:
        """Hand over what a process that died meanwhile was about to; how many those were."""
        stuck = sa.select(finishing).where(finishing.c.state == HANDING_OVER, self._is_old())
        with self._engine.connect() as connection:
            rows = connection.execute(stuck).all()
        return sum(self._hand_over(row, "Uma mensagem da entrega não chegou ao cliente") for row in rows)

    def _hand_over(self, row: sa.engine.Row, summary: str) -> bool:
        """Once, though a callback and the sender may both come with it; False when another is at it."""
        free = sa.or_(finishing.c.state.in_([MARKED, FINISHED]), sa.and_(self._is_old(), _handing_over()))
        if not self._move(row.company, row.turn, HANDING_OVER, free):
            return False
        if row.ticket_id:
            self._tickets.reopen(row.company, row.ticket_id, SEND_FAILED)
        self._tickets.hand_over(row.company, row.conversation, SEND_FAILED, summary)
        self._move(row.company, row.turn, HANDED_OVER, _handing_over())
        return True

    def _is_old(self) -> sa.sql.ColumnElement:
        return finishing.c.changed_at < self._now() - _LONGEST

    def _mark(self, company: str, conversation: str, turn: str | None, outcome: Outcome) -> None:
        if turn is None:
            self._tickets.finish(company, conversation, outcome)
            return
        ticket = self._current(company, conversation)
        row = {
            "company": company, "turn": turn, "conversation": conversation, "outcome": outcome.value, "state": MARKED,
            "ticket_id": ticket.id if ticket else None, "changed_at": self._now(),
        }  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(insert_once(self._engine, finishing).values(row))

    def _row(self, company: str, turn: str) -> sa.engine.Row | None:
        with self._engine.connect() as connection:
            return connection.execute(sa.select(finishing).where(*_is(company, turn))).first()

    def _move(self, company: str, turn: str, state: str, condition: sa.sql.ColumnElement) -> bool:
        update = sa.update(finishing).where(*_is(company, turn), condition)
        with self._engine.begin() as connection:
            return bool(connection.execute(update.values(state=state, changed_at=self._now())).rowcount)


def _handing_over() -> sa.sql.ColumnElement:
    return finishing.c.state == HANDING_OVER


def _is(company: str, turn: str) -> tuple[sa.sql.ColumnElement, sa.sql.ColumnElement]:
    return finishing.c.company == company, finishing.c.turn == turn
