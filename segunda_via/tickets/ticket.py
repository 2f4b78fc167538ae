"""The port to ticket desks, and what is told through it.

A desk is told of a ticket by `Event`s, one after the other. Every call is idempotent (an event that was told already,
or a ticket that already stands there, changes nothing) and raises only TicketDeskError, which knows whether telling it
again later may succeed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Protocol, runtime_checkable

QUEUE = "Segunda Via de Boleto"
"""The queue's name; desks of the seed's family match it exactly, spaces included."""


@dataclass(frozen=True)
class Ticket:
    """One request of one customer. `conversation_id` is Rasa's sender id, unchanged.

    `id` is the desk's own when the desk carries the conversation, else conversation id + ordinal. `desk_id` is what the
    desk knows it by: the same in the first case; in the second what a desk gave that opened it for us, else None.
    """

    company: str
    id: str
    conversation_id: str
    desk_id: str | None = None


class TicketEventKind(str, Enum):
    """What can be told of a ticket."""

    TRANSFERRED = "transferred"
    FINISHED = "finished"
    HANDED_OVER = "handed_over"
    REOPENED = "reopened"


@dataclass(frozen=True)
class InvoiceSent:
    """What a ticket was finished with. Money is in reais."""

    number: str
    due_date: date
    amount: Decimal


@dataclass(frozen=True)
class TicketEvent:
    """One thing that became of a ticket. `id` is this event's for ever: who is told twice knows it by that.

    `reason` is a word, `summary` a line for the person who takes over. Neither carries personal data but for a masked
    document.
    """

    id: str
    kind: TicketEventKind
    ticket: Ticket
    occurred_at: datetime
    queue: str = QUEUE
    outcome: str | None = None
    reason: str | None = None
    summary: str | None = None
    invoice: InvoiceSent | None = field(default=None)


class TicketDesk(Protocol):
    """One account at one desk, ready to be told. TicketDeskError is the only thing that its methods raise."""

    name: str

    async def open(self, ticket: Ticket) -> str | None:
        """The desk's own id of a ticket that we began, opened there when it is not yet; None where it needs none."""

    async def transfer(self, event: TicketEvent) -> None:
        """Put the ticket into the queue of exactly that name."""

    async def finish(self, event: TicketEvent) -> None:
        """Close the ticket: the customer has what they asked for, or left."""

    async def hand_over(self, event: TicketEvent) -> None:
        """Give the ticket to the people of that queue, saying why."""

    async def reopen(self, event: TicketEvent) -> None:
        """Open a closed ticket again, for a person."""

    async def check(self) -> None:
        """Whether the desk can be used; TicketDeskError says what is wrong."""


@runtime_checkable
class KeepsQueues(TicketDesk, Protocol):
    """A desk whose queues can be listed and created. These too raise only TicketDeskError."""

    async def missing(self, queue: str) -> str | None:
        """None when the queue is there; else one line for the operator: what is missing, and what looks like it."""

    async def near_misses(self, queue: str) -> list[str]:
        """The queues whose names a person would take for that one, though they are others."""

    async def create_queue(self, name: str, message: str, color: str) -> None:
        """Create it under exactly that name, with what the desk can keep of message and colour."""
