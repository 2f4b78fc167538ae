"""How a request for a segunda via ended, and what follows from each ending."""

from __future__ import annotations

from enum import Enum

SEARCHES_BEFORE_A_PERSON = 2


class TicketFate(str, Enum):
    """What becomes of the ticket: the values of the slot `segunda_via_fate`."""

    FINISH = "finish"
    HAND_OVER = "hand_over"
    TRY_AGAIN = "try_again"
    """It stays open, and another document is asked for."""
    WAIT = "wait"
    """It stays open, and nothing follows now: a late delivery is promised."""


class Outcome(str, Enum):
    """The values of the slot `segunda_via_outcome`."""

    OVERDUE = "overdue"
    NEXT_DUE = "next_due"
    PARTIAL = "partial"
    UNPAYABLE = "unpayable"
    NOTHING_TO_SEND = "nothing_to_send"
    INVALID_DOCUMENT = "invalid_document"
    SUSPICIOUS = "suspicious"
    GATEWAY_UNAVAILABLE = "gateway_unavailable"
    NOT_CONFIGURED = "not_configured"
    TOKEN_REJECTED = "token_rejected"  # noqa: S105  not a secret
    TOO_MANY_TRIES = "too_many_tries"

    @property
    def is_delivered(self) -> bool:
        """Whether the customer received an invoice that can be paid. Nothing else may finish a ticket."""
        return self in _DELIVERED

    @property
    def can_come_late(self) -> bool:
        """Whether the same request may succeed later: the gateway could not be asked."""
        return self in _LATE

    def fate(self, searches: int = 1) -> TicketFate:
        """What follows this outcome of the `searches`-th document that was looked up in the conversation.

        >>> Outcome.PARTIAL.fate().value, Outcome.SUSPICIOUS.fate().value
        ('finish', 'hand_over')
        >>> Outcome.NOTHING_TO_SEND.fate(searches=1).value, Outcome.NOTHING_TO_SEND.fate(searches=2).value
        ('try_again', 'hand_over')
        """
        if self.is_delivered:
            return TicketFate.FINISH
        if self is Outcome.NOTHING_TO_SEND and searches < SEARCHES_BEFORE_A_PERSON:
            return TicketFate.TRY_AGAIN
        return TicketFate.HAND_OVER


_LATE = frozenset({Outcome.GATEWAY_UNAVAILABLE, Outcome.TOKEN_REJECTED})
_DELIVERED = frozenset({Outcome.OVERDUE, Outcome.NEXT_DUE, Outcome.PARTIAL})
