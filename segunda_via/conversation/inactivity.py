"""A question that waits for its answer: after a while without one it is closed.

The timer stands in a durable queue, so it outlives a restart. On WhatsApp that is the inbox, by which it enters the
conversation as the intent `EXTERNAL_inactive`; elsewhere nothing can be said unasked, and the relay's worker closes the
ticket without words.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from segunda_via.job_queue.queue import JobQueue

INACTIVE: Final = "EXTERNAL_inactive"
"""The intent by which the timer enters the conversation."""
TIMER: Final = "timer"


_WHATSAPP = "whatsapp:"
"""How the id of every conversation on WhatsApp begins."""


class InactivityTimers:
    """`inbox` is WhatsApp's, `timers` everybody else's. `patience(company)` is how long a question may stay
    unanswered, None for ever.
    """

    def __init__(
        self,
        inbox: JobQueue,
        timers: JobQueue,
        now: Callable[[], datetime],
        patience: Callable[[str], timedelta | None],
    ) -> None:
        self._inbox = inbox
        self._timers = timers
        self._now = now
        self._patience = patience

    def asked(self, company: str, conversation_id: str, channel: str | None) -> None:
        """A question was asked: the time runs from now on, whatever ran before."""
        self.over(conversation_id)
        patience = self._patience(company)
        if patience is not None:
            self._queue(conversation_id).put(
                conversation_id,
                f"{TIMER}:{uuid.uuid4().hex}",
                TIMER,
                {"intent": INACTIVE, "channel": channel},
                company=company,
                due_at=self._now() + patience,
            )

    def over(self, conversation_id: str) -> None:
        """No question waits any more."""
        self._queue(conversation_id).cancel_kind(conversation_id, TIMER)

    def _queue(self, conversation_id: str) -> JobQueue:
        return self._inbox if conversation_id.startswith(_WHATSAPP) else self._timers
