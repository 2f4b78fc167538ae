"""One time budget for everything a delivery asks of a gateway, retries included.

    async with time_budget(8.0, gateway="asaas"):
        ...     # every await in here shares one deadline; when it passes, GatewayUnavailable

The deadline travels in a context variable, so that tasks started inside inherit it and nothing has to be handed down.
Budgets nest: an inner one can only shorten the time that is left. Seconds, on the event loop's monotonic clock.

It is the gateway's time that counts. While our own event loop is late, because we compute or the machine is busy, an
answer may lie there unread; and while all that is to be asked waits in our own queue (`waiting`), nothing is asked at
all. The deadline moves by as much, by `LATEST` seconds at most.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from segunda_via.errors import GatewayUnavailable

LATEST = 4.0
"""A turn has twelve seconds, whatever the gateway does and however busy we are."""
_LOOK = 0.05
_TO_BE_EXPECTED = 0.02


class _Budget:
    """Cancels the task at a deadline that moves while the event loop is late. `expired` says that it did."""

    def __init__(self, task: asyncio.Task[object], seconds: float, outer: _Budget | None) -> None:
        self._task = task
        self.outer = outer
        self._waiting, self._asking = 0, 0
        self._not_counted_since: float | None = None
        self._loop = asyncio.get_running_loop()
        self.deadline = self._loop.time() + seconds
        self._latest = self.deadline + LATEST
        self.expired = False
        self._watch()

    def stop(self) -> None:
        self._handle.cancel()

    def _watch(self) -> None:
        self._due = min(self._loop.time() + _LOOK, self.deadline)
        self._handle = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        late = self._loop.time() - self._due
        if self._not_counted_since is not None:
            self._count_anew()
        elif late > _TO_BE_EXPECTED:
            self._move(late)
        if self._loop.time() < self.deadline:
            self._watch()
        else:
            self.expired = True
            self._task.cancel()

    def change(self, *, waiting: int = 0, asking: int = 0) -> None:
        """So many more, or fewer, of its calls wait in our queue, or are asked."""
        self._waiting += waiting
        self._asking += asking
        self._count_anew()

    def _count_anew(self) -> None:
        if self._not_counted_since is not None:
            self._move(self._loop.time() - self._not_counted_since)
        only_waits = self._waiting > 0 and self._asking == 0
        self._not_counted_since = self._loop.time() if only_waits else None

    def _move(self, seconds: float) -> None:
        self.deadline = min(self._latest, self.deadline + seconds)


_budget: ContextVar[_Budget | None] = ContextVar("segunda_via_gateway_budget", default=None)


@asynccontextmanager
async def time_budget(seconds: float, *, gateway: str) -> AsyncIterator[None]:
    """Bound the block by `seconds`, or by what an outer budget leaves; GatewayUnavailable when they are spent.

    A cancellation from outside passes through as such.
    """
    if seconds >= remaining():
        # The outer budget cuts first. Arming a second timer for the same moment would cancel the task twice.
        yield
        return
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a time budget needs a task that it can cancel")
    budget = _Budget(task, seconds, _budget.get())
    token = _budget.set(budget)
    try:
        yield
    except asyncio.CancelledError:
        if not budget.expired:
            raise
        raise GatewayUnavailable(gateway, f"no answer within the time budget of {seconds:g} s") from None
    finally:
        budget.stop()
        _budget.reset(token)


def remaining() -> float:
    """Seconds left of the budget in force, never negative; infinite outside of any."""
    budget = _budget.get()
    return math.inf if budget is None else max(0.0, budget.deadline - asyncio.get_running_loop().time())


@contextmanager
def waiting() -> Iterator[None]:
    """A call waits in our own queue: that is no time of the gateway's, unless another call of the budget is asked."""
    with _told(waiting=1):
        yield


@contextmanager
def asking() -> Iterator[None]:
    """The gateway is asked."""
    with _told(asking=1):
        yield


@contextmanager
def _told(*, waiting: int = 0, asking: int = 0) -> Iterator[None]:
    """What all budgets in force are told, the outer ones too."""
    innermost = _budget.get()
    for budget in _outwards(innermost):
        budget.change(waiting=waiting, asking=asking)
    try:
        yield
    finally:
        for budget in _outwards(innermost):
            budget.change(waiting=-waiting, asking=-asking)


def _outwards(budget: _Budget | None) -> Iterator[_Budget]:
    while budget is not None:
        yield budget
        budget = budget.outer
