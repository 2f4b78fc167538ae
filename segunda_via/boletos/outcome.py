"""How a request for a segunda via ended, and what each ending does to the ticket."""

from __future__ import annotations

from enum import Enum


class TicketFate(str, Enum):
    FINISH = "finish"
    HAND_OVER = "hand_over"
    KEEP_OPEN = "keep_open"


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
    def fate(self) -> TicketFate:
        """What becomes of the ticket, before the second-try rule of `nothing_to_send` is applied."""
        if self in _DELIVERED:
            return TicketFate.FINISH
        if self is Outcome.NOTHING_TO_SEND:
            return TicketFate.KEEP_OPEN
        return TicketFate.HAND_OVER


_DELIVERED = frozenset({Outcome.OVERDUE, Outcome.NEXT_DUE, Outcome.PARTIAL})
