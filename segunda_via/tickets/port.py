"""The port to ticket desks. Every call is idempotent, and raises only TicketDeskError."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from segunda_via.outcomes import Outcome

QUEUE = "Segunda Via de Boleto"
"""The queue's name; desks of the seed's family match it exactly, spaces included."""


@dataclass(frozen=True)
class Ticket:
    """One request of one customer. `conversation_id` is Rasa's sender id, unchanged.

    `id` is the desk's own when the desk carries the conversation, else conversation id + ordinal.
    """

    company: str
    id: str
    conversation_id: str


class TicketDesk(Protocol):
    name: str

    def transfer(self, ticket: Ticket, queue: str) -> None:
        """Put the ticket into the queue of exactly that name."""

    def finish(self, ticket: Ticket, outcome: Outcome) -> None:
        """Close the ticket: the customer has what they asked for."""

    def hand_over(self, ticket: Ticket, reason: str, summary: str) -> None:
        """Give the ticket to a person, saying why. Neither text carries personal data."""

    def reopen(self, ticket: Ticket, reason: str) -> None:
        """Open a closed ticket again, for a person."""

    def check(self) -> None:
        """Whether the desk can be used; TicketDeskError says what is wrong."""
