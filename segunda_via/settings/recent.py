"""The settings for who needs them in every turn: what was read counts for some seconds.

What this process saves counts at once; what another one does, when those are over.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from segunda_via.settings.environment import Environment
from segunda_via.settings.store import Saved, SettingsStore

SECONDS = 5.0


class RecentSettings:
    """Reads as the store does, and raises as it does; a failure is not kept. `clock` is in seconds, never goes back."""

    def __init__(
        self, store: SettingsStore, *, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._seconds = seconds
        self._clock = clock
        self._read: dict[tuple[str, str], tuple[float, Saved | None]] = {}
        store.when_saved(self._read.clear)

    @property
    def environment(self) -> Environment:
        return self._store.environment

    def get(self, company: str, name: str) -> Saved | None:
        """As `SettingsStore.get`, at most so many seconds old."""
        until, saved = self._read.get((company, name), (float("-inf"), None))
        if self._clock() >= until:
            asked_at = self._clock()
            saved = self._store.get(company, name)
            self._read[company, name] = (asked_at + self._seconds, saved)
        return saved
