"""The time budget and calls that go out together."""

from __future__ import annotations

import asyncio
import math
import time

import pytest

from segunda_via.errors import GatewayUnavailable, TokenRejected
from segunda_via.http.gather import gather
from segunda_via.http.time_budget import LATEST, remaining, time_budget


async def test_a_spent_budget_is_unavailable():
    with pytest.raises(GatewayUnavailable, match="asaas: no answer within the time budget"):
        async with time_budget(0.05, gateway="asaas"):
            await asyncio.sleep(5)


async def test_our_own_computing_is_not_the_gateways_time():
    """The answer came after 0.1 s, but nobody had the time to read it."""
    async with time_budget(0.3, gateway="asaas"):
        answer = asyncio.ensure_future(asyncio.sleep(0.1, "an answer"))
        await asyncio.sleep(0)
        time.sleep(0.6)  # noqa: ASYNC251  somebody computes
        assert await answer == "an answer"
        assert 0 < remaining() <= 0.3


@pytest.mark.slow
async def test_however_busy_we_are_a_turn_ends():
    async def compute() -> None:
        while True:
            time.sleep(0.5)  # noqa: ASYNC251
            await asyncio.sleep(0.001)

    computing = asyncio.ensure_future(compute())
    with pytest.raises(GatewayUnavailable):
        async with time_budget(0.1, gateway="asaas"):
            await asyncio.sleep(LATEST * 10)
    computing.cancel()


async def test_remaining_counts_down_and_is_infinite_outside():
    assert remaining() == math.inf
    async with time_budget(1, gateway="asaas"):
        assert 0.9 < remaining() <= 1
        await asyncio.sleep(0.05)
        assert remaining() < 0.96
    assert remaining() == math.inf


async def test_an_inner_budget_only_shortens():
    async with time_budget(2, gateway="asaas"):
        async with time_budget(9, gateway="asaas"):
            assert remaining() <= 2
        with pytest.raises(GatewayUnavailable):
            async with time_budget(0.02, gateway="asaas"):
                await asyncio.sleep(1)
        assert 0 < remaining() < 2
    with pytest.raises(GatewayUnavailable):
        async with time_budget(0.03, gateway="asaas"), time_budget(9, gateway="asaas"):
            await asyncio.sleep(1)


async def test_what_fails_inside_comes_out_as_it_is():
    for failure in (TokenRejected("asaas", "x"), asyncio.TimeoutError(), KeyError("x")):
        with pytest.raises(type(failure)) as caught:
            async with time_budget(1, gateway="asaas"):
                raise failure
        assert caught.value is failure
    assert remaining() == math.inf


async def test_a_cancellation_from_outside_stays_one():
    async def wait() -> None:
        async with time_budget(5, gateway="asaas"):
            await asyncio.sleep(5)

    task = asyncio.ensure_future(wait())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_tasks_share_the_deadline_of_who_started_them():
    async def left() -> float:
        return remaining()

    async with time_budget(1, gateway="asaas"):
        assert all(0 < seconds <= 1 for seconds in await gather(left(), left()))


async def test_together_keeps_the_order():
    async def later(value: int, seconds: float) -> int:
        await asyncio.sleep(seconds)
        return value

    assert await gather(later(1, 0.03), later(2, 0.01), later(3, 0)) == [1, 2, 3]
    assert await gather() == []


async def test_one_failure_cancels_the_others():
    cancelled = []

    async def slow() -> None:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    async def failing() -> None:
        await asyncio.sleep(0.01)
        raise TokenRejected("asaas", "x")

    with pytest.raises(TokenRejected):
        await gather(slow(), failing(), slow())
    assert cancelled == [True, True]
