"""The saved texts at hand for a few seconds, so that a new text is read without training or restarting, everywhere.

It never raises: a customer is waiting. When the settings cannot be read, or not at once, the texts last read count, and
the domain's where none were ever read.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from segunda_via.conversation.responses import Responses, SavedResponses, lay_over

_log = logging.getLogger(__name__)


class ResponseCache:
    """`now` is a clock in seconds that never goes back; `patience` is how long a message waits for the settings."""

    def __init__(
        self,
        read: Callable[[str], SavedResponses],
        now: Callable[[], float],
        ttl: float = 3.0,
        patience: float = 1.0,
    ) -> None:
        self._read = read
        self._now = now
        self._ttl = ttl
        self._patience = patience
        self._known: dict[str, SavedResponses] = {}
        self._stale_at: dict[str, float] = {}
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._failing = False

    async def laid_over(self, company: str, responses: Responses) -> Responses:
        """`responses` under the texts that the company saved."""
        return lay_over(responses, await self.saved(company))

    async def saved(self, company: str) -> SavedResponses:
        """What the company saved, at most `ttl` seconds ago unknown."""
        if self._now() >= self._stale_at.get(company, float("-inf")):
            task = self._reading.get(company)
            if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
                task = self._reading[company] = asyncio.ensure_future(self._refresh(company))
            # A database that hangs is waited for once, by a thread of its own; the messages go on.
            await asyncio.wait({task}, timeout=self._patience)
            if not task.done():
                self._stale_at[company] = self._now() + self._ttl
        return self._known.get(company, SavedResponses())

    async def _refresh(self, company: str) -> None:
        try:
            self._known[company] = await asyncio.to_thread(self._read, company)
            self._failing = False
        except Exception as error:
            if not self._failing:  # once, not every few seconds
                _log.warning("texts: the settings cannot be read (%s); the last texts count", type(error).__name__)
            self._failing = True
        self._stale_at[company] = self._now() + self._ttl  # also counted from a failure that was slow
