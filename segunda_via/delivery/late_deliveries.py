"""Deliveries that were promised while the gateway could not be asked: at most one for each conversation.

    waiting ──due──> entered ──the gateway still cannot be asked──> waiting
                        ├──the boleto was said──────> said ──────┐
                        └──it ended in another way──> concluded ─┴──its job has ended──> (no row)

    waiting, entered ──the customer, a person or the ticket ended it──> (no row)

A row holds the document, encrypted, for as long as the delivery is promised. A try enters the conversation as a job of
the inbox, which bears a reference to the row and not the document. The latest reference alone counts, so that a try is
never made twice. What was said counts when the job has ended, since then it is in the outbox: a turn that is run again
until then says it again, or ends in the same way. Who enters what is due: `segunda_via.server.late_tries`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Connection, Engine, Row

from segunda_via.boletos.outcome import Outcome
from segunda_via.delivery.late_delivery import (
    CONCLUDED,
    ENTERED,
    PROMISED,
    SAID,
    WAITING,
    Concluded,
    LateDelivery,
    LateSealing,
    WaitingCount,
    late_deliveries,
)
from segunda_via.job_queue.queue import JobQueue
from segunda_via.storage.database import insert_or_change, single
from segunda_via.storage.keys import KeyRing
from segunda_via.tickets.journal import ABANDONED
from segunda_via.tickets.ticket import TicketEvent, TicketEventKind

DELIVER_LATE: Final = "entregar_segunda_via"
"""The intent by which a try enters the conversation: said by a job, never by a customer."""
TRY: Final = "late_delivery"
"""The kind of such a job, and the name of its reference in the turn's metadata."""

ENTERS_AGAIN_AFTER = timedelta(minutes=1)
"""A try that nothing became of, as when the action server was down, is made again after that."""


class LateDeliveries:
    """`now` gives the time, aware, in UTC. `waits` says when the tries are made, each counted from the promise."""

    def __init__(
        self, engine: Engine, keys: KeyRing, now: Callable[[], datetime], inbox: JobQueue, waits: Sequence[timedelta]
    ) -> None:
        self._engine = engine
        self._sealing = LateSealing(keys)
        self._credentials = keys.fingerprint("late deliveries' credentials")
        self._now = now
        self._inbox = inbox
        self._waits = tuple(waits)

    # told by the conversation

    def promise(
        self,
        company: str,
        conversation_id: str,
        document: str,
        outcome: Outcome,
        *,
        message_id: str,
        sent: Sequence[str] = (),
        mark: str = "",
    ) -> None:
        """From now on the delivery is tried, in the place of any that was promised before in that conversation.

        `mark` says which credentials were used; those that were refused are not used again.
        """
        now = self._now()
        refused = self._credentials(mark) if outcome is Outcome.TOKEN_REJECTED else None
        row = {
            "company": company,
            "conversation": self._sealing.hashed(conversation_id),
            "reference": _reference(),
            "state": WAITING,
            "sealed": self._sealing.seal(conversation_id, document, sent),
            "outcome": outcome.value,
            "reason": None,
            "refused": refused,
            "promised_in": self._sealing.hashed(message_id),
            "promised_at": now,
            "due_at": now + (self._waits[-1] if refused else self._waits[0]),
            "changed_at": now,
        }
        with single(self._engine) as connection:
            connection.execute(insert_or_change(self._engine, late_deliveries, ("company", "conversation"), row, row))

    def of(self, company: str, conversation_id: str) -> LateDelivery | None:
        """What is promised in that conversation; None when nothing is."""
        row = self._row(company, conversation_id)
        return self._opened(row) if row is not None and row.state in PROMISED else None

    def was_promised_in(self, late: LateDelivery, message_id: str) -> bool:
        """Whether it was promised in the turn of that message."""
        return late.promised_in == self._sealing.hashed(message_id)

    def of_try(self, company: str, conversation_id: str, reference: str) -> LateDelivery | Concluded | None:
        """What the try of that reference is to deliver, or how it was concluded; None when it counts no more."""
        row = self._row(company, conversation_id)
        if row is None or row.reference != reference:
            return None
        return Concluded(Outcome(row.outcome), row.reason) if row.state == CONCLUDED else self._opened(row)

    def is_refused(self, late: LateDelivery, mark: str) -> bool:
        """Whether those are the credentials that the gateway refused."""
        return late.refused is not None and late.refused == self._credentials(mark)

    def try_again(self, late: LateDelivery, outcome: Outcome, mark: str = "") -> bool:
        """The gateway could not be asked: it waits for the next try. False when that was the last one."""
        now = self._now()
        refused = self._credentials(mark) if outcome is Outcome.TOKEN_REJECTED else None
        left = [due for wait in self._waits if (due := late.promised_at + wait) > now]
        if not left:
            return False
        due = left[-1] if refused else left[0]
        return self._move(late, state=WAITING, outcome=outcome.value, refused=refused, due_at=due)

    def wait_a_little(self, late: LateDelivery) -> None:
        """Something else is asked there now: it waits, whatever the number of tries."""
        self._move(late, state=WAITING, due_at=self._now() + self._waits[0])

    def said(self, late: LateDelivery) -> None:
        """The boleto is among what this turn says."""
        self._move(late, state=SAID)

    def conclude(self, late: LateDelivery, outcome: Outcome, reason: str | None) -> None:
        """It ends without a delivery; the document is erased."""
        self._move(late, state=CONCLUDED, outcome=outcome.value, reason=reason and reason[:128], sealed=None)

    def end(self, company: str, conversation_id: str, connection: Connection | None = None) -> bool:
        """Nothing is promised there any more; whether something was. With `connection`, as part of that transaction.

        What was concluded stays as it is.
        """
        if connection is not None:
            mine = (*self._is(company, conversation_id), late_deliveries.c.state != CONCLUDED)
            return bool(connection.execute(sa.delete(late_deliveries).where(*mine)).rowcount)
        with single(self._engine) as own:
            return self.end(company, conversation_id, own)

    def ticket_changed(self, connection: Connection, event: TicketEvent) -> None:
        """With a ticket that is handed over or abandoned ends what is promised, in the same transaction.

        One that is finished was delivered, perhaps before this was promised.
        """
        abandoned = event.kind is TicketEventKind.FINISHED and event.outcome == ABANDONED
        if abandoned or event.kind is TicketEventKind.HANDED_OVER:
            self.end(event.ticket.company, event.ticket.conversation_id, connection)

    # told by the public server

    def due(self, company: str, mark: Callable[[], str | None]) -> list[LateDelivery]:
        """What is to be tried now, the oldest first: what is due, and what waited for other credentials.

        `mark` gives the credentials in force, if there are any. A try that is still under way is left out.
        """
        c, now = late_deliveries.c, self._now()
        waits = sa.or_(c.due_at <= now, sa.and_(c.state == WAITING, c.refused.is_not(None)))
        query = sa.select(late_deliveries).where(c.company == company, c.state.in_(PROMISED), waits)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(c.due_at)).all()
        rows = [row for row in rows if row.state == WAITING or not self._inbox.is_waiting(row.reference)]
        early = [row for row in rows if row.due_at > now]
        in_force = mark() if early else None
        changed = {row.reference for row in early if in_force and row.refused != self._credentials(in_force)}
        opened = [self._opened(row) for row in rows if row.due_at <= now or row.reference in changed]
        return [late for late in opened if late is not None]

    def enter(self, late: LateDelivery) -> bool:
        """Put the try into the inbox, once, whoever else does; False when another was quicker."""
        reference = _reference()
        payload = {"intent": DELIVER_LATE, "metadata": {TRY: reference}}
        with self._engine.begin() as connection:
            if not self._claim(connection, late, reference):
                return False
            conversation_id, company = late.conversation_id, late.company
            self._inbox.put(conversation_id, reference, TRY, payload, company=company, connection=connection)
        return True

    def claim(self, late: LateDelivery) -> bool:
        """Whether this process is the one to do something else with it; it is due again should that fail."""
        with single(self._engine) as connection:
            return self._claim(connection, late, _reference())

    def erase_ended(self, company: str) -> int:
        """Erase what was said or concluded by a job that has ended; how many."""
        c = late_deliveries.c
        ended = (c.company == company, c.state.in_([SAID, CONCLUDED]))
        with self._engine.connect() as connection:
            references = connection.execute(sa.select(c.reference).where(*ended)).scalars().all()
        over = [reference for reference in references if not self._inbox.is_waiting(reference)]
        if not over:
            return 0
        with single(self._engine) as connection:
            erase = sa.delete(late_deliveries).where(*ended, c.reference.in_(over))
            return int(connection.execute(erase).rowcount)

    def is_over(self, late: LateDelivery) -> bool:
        """Whether the time of the last try has gone by."""
        return self._now() > late.promised_at + self._waits[-1]

    def waiting(self, company: str) -> WaitingCount:
        """For operators."""
        c = late_deliveries.c
        query = sa.select(sa.func.count(), sa.func.min(c.promised_at))
        with self._engine.connect() as connection:
            count, since = connection.execute(query.where(c.company == company, c.state.in_(PROMISED))).one()
        return WaitingCount(int(count), since)

    def _claim(self, connection: Connection, late: LateDelivery, reference: str) -> bool:
        due_at = self._now() + ENTERS_AGAIN_AFTER
        return self._change(connection, late, state=ENTERED, reference=reference, due_at=due_at)

    def _move(self, late: LateDelivery, **values: object) -> bool:
        with single(self._engine) as connection:
            return self._change(connection, late, **values)

    def _change(self, connection: Connection, late: LateDelivery, **values: object) -> bool:
        """Unless it has ended, or another try has entered meanwhile."""
        same = (late_deliveries.c.reference == late.reference, late_deliveries.c.state == late.state)
        update = sa.update(late_deliveries).where(*self._is(late.company, late.conversation_id), *same)
        return bool(connection.execute(update.values(**values, changed_at=self._now())).rowcount)

    def _row(self, company: str, conversation_id: str) -> Row | None:
        query = sa.select(late_deliveries).where(*self._is(company, conversation_id))
        with self._engine.connect() as connection:
            return connection.execute(query).first()

    def _is(self, company: str, conversation_id: str) -> tuple[sa.sql.ColumnElement, sa.sql.ColumnElement]:
        hashed = self._sealing.hashed(conversation_id)
        return late_deliveries.c.company == company, late_deliveries.c.conversation == hashed

    def _opened(self, row: Row) -> LateDelivery | None:
        """None for what was concluded, or another key encrypted."""
        try:
            sealed = self._sealing.open(row.sealed) if row.sealed else None
        except InvalidToken:
            return None
        if sealed is None:
            return None
        return LateDelivery(
            row.company,
            *sealed,
            reference=row.reference,
            state=row.state,
            outcome=Outcome(row.outcome),
            refused=row.refused,
            promised_in=row.promised_in,
            promised_at=row.promised_at,
        )


def _reference() -> str:
    """Of a try, which nobody can guess."""
    return f"late-{uuid.uuid4().hex}"
