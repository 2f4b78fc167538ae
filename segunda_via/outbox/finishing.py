"""Finishing never waits: a delivery is marked here, and its ticket is finished once the last message was accepted.

    marked ──last message accepted──> finished ──one fails after all──> handed_over (the ticket is opened again)
       └──one refused for good, or not sendable in time──────────────> handed_over

Each of these may be told twice: the ticket is told first and the state kept after, and telling a ticket is idempotent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from segunda_via.database import Moment, insert_once, metadata
from segunda_via.outbox.turns import Turns
from segunda_via.outcomes import Outcome
from segunda_via.tickets.port import Ticket

MARKED, FINISHED, HANDED_OVER = "marked", "finished", "handed_over"
SEND_FAILED = "send_failed"

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


class Finishing:
    """`current` gives the open ticket of a conversation."""

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        tickets: Tickets,
        turns: Turns,
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
            self._set(company, turn, FINISHED)

    def failed(self, company: str, turn: str, ordinal: int, kind: str, why: str) -> bool:
        """That message will not arrive; whether it was part of a delivery, which is then handed over."""
        row = self._row(company, turn)
        if row is None or row.state == HANDED_OVER:
            return row is not None
        count = self._turns.count(turn) or 0
        summary = f"A mensagem {ordinal + 1} de {count} ({_KINDS.get(kind, kind)}) não foi entregue: {why}"
        if row.state == FINISHED:
            self._tickets.reopen(company, row.ticket_id or row.conversation, SEND_FAILED)
        self._tickets.hand_over(company, row.conversation, SEND_FAILED, summary)
        self._set(company, turn, HANDED_OVER)
        return True

    def state(self, company: str, turn: str) -> str | None:
        row = self._row(company, turn)
        return None if row is None else str(row.state)

    def forget_before(self, moment: datetime) -> int:
        with self._engine.begin() as connection:
            return int(connection.execute(sa.delete(finishing).where(finishing.c.changed_at < moment)).rowcount)

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

    def _set(self, company: str, turn: str, state: str) -> None:
        update = sa.update(finishing).where(*_is(company, turn)).values(state=state, changed_at=self._now())
        with self._engine.begin() as connection:
            connection.execute(update)


def _is(company: str, turn: str) -> tuple[sa.sql.ColumnElement, sa.sql.ColumnElement]:
    return finishing.c.company == company, finishing.c.turn == turn
