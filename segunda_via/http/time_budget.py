"""One time budget for everything a delivery asks of a gateway, retries included.

    async with time_budget(8.0, gateway="asaas"):
        ...     # every await in here shares one deadline; when it passes, GatewayUnavailable

The deadline travels in a context variable, so that tasks started inside inherit it and nothing has to be handed down.
Budgets nest: an inner one can only shorten the time that is left. Seconds, on the event loop's monotonic clock.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

import async_timeout

from segunda_via.errors import GatewayUnavailable

_deadline: ContextVar[float] = ContextVar("segunda_via_gateway_deadline", default=math.inf)


@asynccontextmanager
async def time_budget(seconds: float, *, gateway: str) -> AsyncIterator[None]:
    """Bound the block by `seconds`, or by what an outer budget leaves; GatewayUnavailable when they are spent.

    A cancellation from outside passes through as such.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    if deadline >= _deadline.get():
        # The outer budget cuts first. Arming a second timer for the same moment would cancel the task twice.
        yield
        return
    token = _deadline.set(deadline)
    timer = async_timeout.timeout_at(deadline)
    try:
        async with timer:
            yield
    except asyncio.TimeoutError:
        if not timer.expired:
            raise
        raise GatewayUnavailable(gateway, f"no answer within the time budget of {seconds:g} s") from None
    finally:
        _deadline.reset(token)


def remaining() -> float:
    """Seconds left of the budget in force, never negative; infinite outside of any."""
    deadline = _deadline.get()
    if math.isinf(deadline):
        return math.inf
    return max(0.0, deadline - asyncio.get_running_loop().time())
