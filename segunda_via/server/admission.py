"""How many turns are run at once: as many as are answered in time. What is not taken waits in the inbox.

The limit shrinks by a fifth, at most once a second, when a turn shows that Rasa or the action server has too much to
do: its event loop is late, the turn took longer than any gateway makes one last, or it was refused. A slow gateway
alone shrinks nothing: waiting costs nobody anything.

While more than half of it is used, and all goes well, it grows: at first by one with each turn, as nothing is known
yet, so that it doubles in the time of a turn; from where it once had to shrink, by one for each round of turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from segunda_via.http.rasa_client import RasaUnavailable, Turn

FEWEST, FIRST, MOST = 2, 8, 64
LATE = 0.25
"""Seconds by which Rasa's event loop may be late."""
TOO_LONG = 10.0
"""Seconds of a turn. A gateway has eight of them."""
_SHRINK = 0.8
_PAUSE = 1.0


class Rasa(Protocol):
    """See `RasaClient`."""

    @property
    def loop_lag(self) -> float: ...

    async def run(self, turn: Turn, attempt: int) -> list[Mapping[str, Any]]: ...


class Admission:
    """`clock` is in seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limit = float(FIRST)
        self._careful_from = float(MOST)
        self._shrunk_at = float("-inf")
        self.in_flight = 0
        """Turns that are being run."""

    def limit(self) -> int:
        """How many turns may be run at once now."""
        return int(self._limit)

    def begin(self) -> None:
        self.in_flight += 1

    def end(self, seconds: float, loop_lag: float = 0.0, *, refused: bool = False) -> None:
        """A turn has ended, after so long; `loop_lag` is what Rasa told of itself."""
        is_used = self.in_flight * 2 > self.limit()
        self.in_flight -= 1
        if refused or seconds > TOO_LONG or loop_lag > LATE:
            self._shrink()
        elif is_used:
            step = 1.0 if self._limit < self._careful_from else 1 / self.limit()
            self._limit = min(float(MOST), self._limit + step)

    def _shrink(self) -> None:
        if self._clock() - self._shrunk_at >= _PAUSE:  # those that began before the last time tell nothing new
            self._shrunk_at = self._clock()
            self._limit = self._careful_from = max(float(FEWEST), self._limit * _SHRINK)


class MeasuredRasa:
    """Rasa, with every turn's course told to the admission."""

    def __init__(self, rasa: Rasa, admission: Admission, clock: Callable[[], float] = time.monotonic) -> None:
        self._rasa = rasa
        self._admission = admission
        self._clock = clock

    async def run(self, turn: Turn, attempt: int) -> list[Mapping[str, Any]]:
        """As `RasaClient.run`."""
        began, refused = self._clock(), False
        self._admission.begin()
        try:
            return await self._rasa.run(turn, attempt)
        except RasaUnavailable:
            refused = True
            raise
        finally:
            self._admission.end(self._clock() - began, self._rasa.loop_lag, refused=refused)
