"""The use case: a ticket's life, as the dialogue tells it.

A conversation has at most one open ticket. Each of these may be told twice and does its work once. All of it happens in
our own database, quickly; what another desk has to be told is put down in the same transaction (`also`) and told later
by the relay, so that a desk that is down makes no customer wait.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from segunda_via.boletos.outcome import Outcome
from segunda_via.errors import TicketDeskError
from segunda_via.tickets.human_takeover import HumanTakeover
from segunda_via.tickets.journal import HANDED_OVER, Also, Journal, nothing
from segunda_via.tickets.ticket import QUEUE, InvoiceSent, Ticket, TicketEvent

SAME_HAND_OVER = timedelta(minutes=10)
"""Told again within this time, for the same reason and queue, a hand-over is the one that was made."""

SILENCE = timedelta(hours=24)


def nobody(company: str) -> Also:
    return nothing


def a_day(company: str) -> timedelta:
    return SILENCE


class TicketService:
    """`journal` keeps the tickets, `takeovers` who is answered by people; `silence(company)` is how long at most.

    `also(company)` is what puts down, in the transaction of a change, that another desk has to be told.
    """

    def __init__(
        self,
        journal: Journal,
        takeovers: HumanTakeover,
        now: Callable[[], datetime],
        *,
        also: Callable[[str], Also] = nobody,
        silence: Callable[[str], timedelta] = a_day,
    ) -> None:
        self._journal = journal
        self._takeovers = takeovers
        self._now = now
        self._also = also
        self._silence = silence

    def open(self, company: str, conversation_id: str, desk_ticket_id: str | None = None) -> None:
        """Open the conversation's ticket and put it into the queue; nothing when it already stands there."""
        also = self._also(company)
        ticket, made = self._journal.open(company, conversation_id, desk_ticket_id, QUEUE, also)
        if not made:
            self._journal.transfer(ticket, QUEUE, also)

    def delivers(self, company: str, conversation_id: str, invoice: InvoiceSent) -> None:
        """What the open ticket is going to be finished with; nothing without one."""
        self._journal.sends(company, conversation_id, invoice)

    def finish(self, company: str, conversation_id: str, outcome: Outcome) -> None:
        """Finish the open ticket. Only a delivery finishes one: any other outcome is refused."""
        if not outcome.is_delivered:
            raise TicketDeskError(f"{outcome.value} não finaliza um ticket", retryable=False)
        self._journal.finish(company, conversation_id, outcome.value, self._also(company))

    def abandon(self, company: str, conversation_id: str) -> None:
        """Close the open ticket of a customer who left a question unanswered."""
        ticket = self._journal.current(company, conversation_id)
        if ticket is not None:
            self._journal.abandon(ticket, self._also(company))

    def hand_over(
        self,
        company: str,
        conversation_id: str,
        reason: str,
        summary: str,
        desk_ticket_id: str | None = None,
        *,
        queue: str | None = None,
        outcome: str | None = None,
    ) -> None:
        """Give the conversation to the people of `queue`, opening a ticket when there is none yet.

        `reason` is a word, `summary` one line for the agent. Where the desk itself carries the conversation
        (`desk_ticket_id`), the assistant is silent in it from now on.
        """
        queue = queue or QUEUE
        if self._is_with_them(company, conversation_id, reason, queue):
            return
        ticket, _ = self._journal.open(company, conversation_id, desk_ticket_id)
        tell, lasts = self._also(company), self._silence(company)

        def also(connection: Connection, event: TicketEvent) -> None:
            tell(connection, event)
            if desk_ticket_id is not None:
                self._takeovers.begin(connection, company, conversation_id, ticket.id, lasts)

        self._journal.hand_over(ticket, reason, summary, also, queue=queue, outcome=outcome)

    def reopen(self, company: str, conversation_or_ticket: str, reason: str) -> bool:
        """Open a ticket again, or the last one of a conversation. False when there is none, or it is open."""
        ticket = self.find(company, conversation_or_ticket)
        return ticket is not None and self._journal.reopen(ticket, reason, self._also(company))

    def returned(self, company: str, conversation_or_ticket: str, how: str = "desk") -> bool:
        """The people of the desk are done: the assistant answers again. False when it did already."""
        ticket = self.find(company, conversation_or_ticket)
        if ticket is None:
            return False
        with self._journal.engine.begin() as connection:
            spoke = self._takeovers.end(connection, company, ticket.conversation_id)
            return self._journal.returned(connection, ticket, how) or spoke

    def end_expired(self) -> int:
        """Write down the end of every silence that nobody ended in time; how many there were."""
        expired = self._takeovers.expired()
        for takeover in expired:
            ticket = Ticket(takeover.company, takeover.ticket_id, takeover.conversation_id)
            with self._journal.engine.begin() as connection:
                if self._takeovers.end(connection, takeover.company, takeover.conversation_id):
                    self._journal.returned(connection, ticket, "expired")
        return len(expired)

    def find(self, company: str, conversation_or_ticket: str) -> Ticket | None:
        """A ticket by our id or the desk's, else the last one of that conversation."""
        ticket = self._journal.get(company, conversation_or_ticket)
        if ticket is not None:
            return ticket
        latest = self._journal.latest(company, conversation_or_ticket)
        return None if latest is None else latest.ticket

    def _is_with_them(self, company: str, conversation_id: str, reason: str, queue: str) -> bool:
        latest = self._journal.latest(company, conversation_id)
        return (
            latest is not None
            and latest.status == HANDED_OVER
            and (latest.reason, latest.queue) == (reason, queue)
            and latest.changed_at > self._now() - SAME_HAND_OVER
        )
