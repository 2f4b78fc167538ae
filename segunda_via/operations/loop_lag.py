"""How long an event loop keeps everybody waiting while it computes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

EVERY = 0.1
"""Seconds between two measurements."""
_WEIGHT = 0.2


class LoopLag:
    """`seconds` is by how much this loop wakes its sleepers too late: lately, the last second counting most."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.seconds = 0.0

    async def measure(self) -> None:
        """For ever, in the loop that is measured."""
        while True:
            due = self._clock() + EVERY
            await asyncio.sleep(EVERY)
            self.note(self._clock() - due)

    def note(self, late: float) -> None:
        """One measurement, in seconds."""
        self.seconds += _WEIGHT * (max(0.0, late) - self.seconds)
