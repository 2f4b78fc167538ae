"""Clocks that tests put forward."""

from __future__ import annotations

from datetime import datetime, timedelta

from segunda_via import clock


class Clock:
    """Stands still at `now` until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, span: timedelta) -> None:
        self.now += span


class RunningClock:
    """Goes as the real one does, `ahead` of it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return clock.now() + self.ahead
