"""What a server that is measured tells of itself, at GET /watched, in seconds and since it was last asked."""

from __future__ import annotations

import asyncio
import time

WATCHED = "/watched"
_STEP = 0.005


class Watch:
    """`handled`: how long each call to the webhook took. And the longest time that the event loop stood still."""

    def __init__(self) -> None:
        self.handled: list[float] = []
        self._stall = 0.0

    async def the_loop(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_STEP)
            self._stall = max(self._stall, time.perf_counter() - began - _STEP)

    def told(self) -> dict[str, object]:
        told = {"stall": self._stall, "handled": self.handled.copy()}
        self._stall = 0.0
        self.handled.clear()
        return told
