"""What was loaded, at hand for some seconds: it can be saved while the server runs, and is asked for at every message.

It never raises, since a customer is waiting: when it cannot be loaded, what was loaded last counts.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

SECONDS = 5.0
"""How long something is used before it is loaded again."""

_log = logging.getLogger(__name__)
_NEVER = float("-inf")


class Cached(Generic[T]):
    """What `load` gives for each company, loaded at most every `seconds`; `default` until it was loaded once.

    `what` names it in the log. `clock` is in seconds and never goes back. `patience` is how many seconds `soon` waits
    for a load (None: until its end).
    """

    def __init__(
        self,
        what: str,
        load: Callable[[str], T],
        default: T,
        *,
        seconds: float = SECONDS,
        patience: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._load = load
        self._seconds = seconds
        self._patience = patience
        self._clock = clock
        self._default = default
        self._known: dict[str, T] = {}
        self._due_at: dict[str, float] = {}
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._failing: set[str] = set()

    def get(self, company: str) -> T:
        """From a thread that may wait for the database."""
        if self._is_due(company):
            self._refresh(company)
        return self._known.get(company, self._default)

    async def soon(self, company: str) -> T:
        """From the event loop, which goes on meanwhile. A load that outlasts the patience is waited for once."""
        if self._is_due(company):
            task = self._loading.get(company)
            if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
                task = self._loading[company] = asyncio.ensure_future(asyncio.to_thread(self._refresh, company))
            await asyncio.wait({task}, timeout=self._patience)
            if not task.done():
                self._postpone(company)
        return self._known.get(company, self._default)

    def _is_due(self, company: str) -> bool:
        return self._clock() >= self._due_at.get(company, _NEVER)

    def _postpone(self, company: str) -> None:
        self._due_at[company] = self._clock() + self._seconds

    def _refresh(self, company: str) -> None:
        if company in self._known:
            self._postpone(company)  # one loads, those beside it go on with what is known
        try:
            self._known[company] = self._load(company)
            self._failing.discard(company)
        except Exception as error:
            if company not in self._failing:  # once, not every few seconds
                _log.warning("%s: cannot be loaded (%s); the last one counts", self._what, type(error).__name__)
            self._failing.add(company)
        self._postpone(company)  # also counted from a failure that was slow
