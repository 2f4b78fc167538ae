"""What adapters of desks share: retries, the one exception of their port, and the note for the agent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from segunda_via.errors import GatewayError, GatewayUnavailable, TicketDeskError, TokenRejected
from segunda_via.http.api_client import Retries
from segunda_via.metrics import display_names

PATIENCE = Retries(attempts=2, attempt_timeout=8.0)
"""Nobody waits for a desk: the relay tells what failed again later."""


@contextmanager
def desk_errors() -> Iterator[None]:
    """TicketDeskError in the place of the HTTP layer's family.

    What an operator can mend (a rejected token, a desk that is down) may succeed later; what the desk refuses or says
    unintelligibly will not.
    """
    try:
        yield
    except GatewayError as error:
        rejected = isinstance(error, TokenRejected)
        retryable = rejected or isinstance(error, GatewayUnavailable)
        raise TicketDeskError(str(error), retryable=retryable, rejected=rejected) from None


def code_of(body: object, key: str) -> str | None:
    """`body[key]` (or its first item) when it is a code or a short fixed sentence, never what may repeat a name."""
    value = body.get(key) if isinstance(body, dict) else None
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, str) and re.fullmatch(r"[A-Za-z_][A-Za-z_ .']{0,79}", first) else None


def note_of(reason: str | None, summary: str | None, event_id: str) -> str:
    """The line for the agent. Its end tells this note from any other, so that it is not written twice."""
    told = " · ".join(filter(None, (summary, f"motivo: {display_names.reason(reason)}" if reason else None)))
    return f"{told or 'sem motivo informado'} [{mark(event_id)}]"


def mark(event_id: str) -> str:
    return f"sv-{event_id[:12]}"
