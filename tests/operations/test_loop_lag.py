"""How late an event loop is."""

from __future__ import annotations

import asyncio

import pytest

from segunda_via.operations.loop_lag import EVERY, LoopLag


def test_the_last_measurements_count_most() -> None:
    lag = LoopLag()
    for _ in range(50):
        lag.note(1.0)
    assert lag.seconds == pytest.approx(1.0, abs=0.01)
    for _ in range(50):
        lag.note(-0.001)
    assert lag.seconds == pytest.approx(0.0, abs=0.01)


async def test_a_loop_that_computes_is_late() -> None:
    """By a clock that goes on by half a second more than was slept."""
    ticks = iter(range(1000))
    lag = LoopLag(lambda: next(ticks) * (EVERY + 0.5))
    task = asyncio.create_task(lag.measure())
    while not lag.seconds:  # noqa: ASYNC110  measured for ever, told to nobody
        await asyncio.sleep(EVERY)
    task.cancel()
    assert lag.seconds in [pytest.approx(0.5 * (1 - 0.8**measured)) for measured in range(1, 20)]
