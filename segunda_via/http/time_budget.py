"""One time budget for everything a delivery asks of a gateway, retries included.

    async with time_budget(8.0, gateway="asaas"):
        ...     # every await in here shares one deadline; when it passes, GatewayUnavailable

The deadline travels in a context variable, so that tasks started inside inherit it and nothing has to be handed down.
Budgets nest: an inner one can only shorten the time that is left. Seconds, on the event loop's monotonic clock.

It is the gateway's time that counts. While our own event loop is late, because we compute or the machine is busy, an
answer may lie there unread: the deadline moves by as much as the loop was late, by `LATEST` seconds at most.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from segunda_via.errors import GatewayUnavailable

LATEST = 4.0
"""A turn has twelve seconds, whatever the gateway does and however busy we are."""
_LOOK = 0.05
_TO_BE_EXPECTED = 0.02


class _Budget:
    """Cancels the task at a deadline that moves while the event loop is late. `expired` says that it did."""

    def __init__(self, task: asyncio.Task[object], seconds: float) -> None:
        self._task = task
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
        if late > _TO_BE_EXPECTED:
            self.deadline = min(self._latest, self.deadline + late)
        if self._loop.time() < self.deadline:
            self._watch()
        else:
            self.expired = True
            self._task.cancel()


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
    budget = _Budget(task, seconds)
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
