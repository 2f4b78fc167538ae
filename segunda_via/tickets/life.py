"""The use case: a ticket's life, as the dialogue tells it.

A conversation has at most one open ticket. Each of these may be told twice and does its work once.
"""

from __future__ import annotations

from segunda_via.errors import TicketDeskError
from segunda_via.outcomes import Outcome, TicketFate
from segunda_via.tickets.journal import Journal
from segunda_via.tickets.port import QUEUE, TicketDesk


class TicketLife:
    """`journal` numbers the tickets; `desk` is where people see them (the journal itself by default)."""

    def __init__(self, journal: Journal, desk: TicketDesk) -> None:
        self._journal = journal
        self._desk = desk

    def open(self, company: str, conversation_id: str, desk_ticket_id: str | None = None) -> None:
        """Open the conversation's ticket and put it into the queue; nothing when it already stands there."""
        ticket, _ = self._journal.open(company, conversation_id, desk_ticket_id)
        self._desk.transfer(ticket, QUEUE)

    def finish(self, company: str, conversation_id: str, outcome: Outcome) -> None:
        """Finish the open ticket. Only a delivery finishes one: any other outcome is refused."""
        if outcome.fate is not TicketFate.FINISH:
            raise TicketDeskError(f"{outcome.value} does not finish a ticket", retryable=False)
        ticket = self._journal.current(company, conversation_id)
        if ticket is not None:
            self._desk.finish(ticket, outcome)

    def hand_over(
        self, company: str, conversation_id: str, reason: str, summary: str, desk_ticket_id: str | None = None
    ) -> None:
        """Give the conversation to a person, opening a ticket when there is none yet."""
        ticket, _ = self._journal.open(company, conversation_id, desk_ticket_id)
        self._desk.hand_over(ticket, reason, summary)
