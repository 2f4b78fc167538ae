"""A host is asked a few things at once; who waits here loses nothing by it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from segunda_via.errors import GatewayUnavailable
from segunda_via.http.api_client import ApiClient, Retries, new_client
from segunda_via.http.time_budget import LATEST, asking, remaining, time_budget, waiting

AT_ONCE = 2
ONCE = Retries(attempts=1)


class Gateway(httpx.AsyncBaseTransport):
    """Answers after `seconds`, or when it is `open`; knows what it was asked, and how much at once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.open = asyncio.Event()
        self.open.set()
        self.now: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        self.asked.append(request.url.path.strip("/"))
        self.now[host] = self.now.get(host, 0) + 1
        self.most[host] = max(self.most.get(host, 0), self.now[host])
        try:
            await asyncio.sleep(self.seconds)
            await self.open.wait()
        finally:
            self.now[host] -= 1
        return httpx.Response(200, json={})


@pytest.fixture
async def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with new_client(gateway) as client:
        yield client


def api(client: httpx.AsyncClient, host: str = "pay.test", retries: Retries = ONCE) -> ApiClient:
    """As each delivery makes one."""
    base_url = f"https://{host}"
    return ApiClient(client, gateway="asaas", base_url=base_url, headers={}, retries=retries, at_once=AT_ONCE)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_host_is_asked_few_things_at_once_whoever_asks_and_in_their_order(
    client: httpx.AsyncClient, gateway: Gateway
) -> None:
    names = [str(number) for number in range(9)]
    gateway.seconds = 0.001
    await asyncio.gather(*(api(client).get(f"/{name}", label="x") for name in names))
    assert gateway.most == {"pay.test": AT_ONCE}
    assert gateway.asked == names


async def test_who_asks_another_host_does_not_wait(client: httpx.AsyncClient, gateway: Gateway) -> None:
    gateway.open.clear()
    stuck = [asyncio.ensure_future(api(client).get("/slow", label="x")) for _ in range(AT_ONCE + 1)]
    other = asyncio.ensure_future(api(client, "other.test").get("/other", label="x"))
    await settle()
    assert gateway.asked == ["slow", "slow", "other"]
    gateway.open.set()
    await asyncio.gather(other, *stuck)


async def test_who_gives_up_waiting_or_asking_leaves_the_place_to_the_next(
    client: httpx.AsyncClient, gateway: Gateway
) -> None:
    gateway.open.clear()
    calls = [asyncio.ensure_future(api(client).get(f"/{number}", label="x")) for number in range(AT_ONCE + 2)]
    await settle()
    calls[0].cancel()
    calls[AT_ONCE].cancel()
    await settle()
    assert gateway.asked == ["0", "1", str(AT_ONCE + 1)]
    gateway.open.set()
    await asyncio.gather(*calls, return_exceptions=True)
    await api(client).get("/afterwards", label="x")


async def test_waiting_here_is_no_time_of_the_gateways(client: httpx.AsyncClient, gateway: Gateway) -> None:
    """Each of them has a budget for one answer, and the last of them waits for many."""

    async def deliver() -> None:
        async with time_budget(0.5, gateway="asaas"):
            await api(client, retries=Retries(attempts=1, attempt_timeout=0.5)).get("/", label="x")

    gateway.seconds = 0.2
    await asyncio.gather(*(deliver() for _ in range(AT_ONCE * 6)))
    assert len(gateway.asked) == AT_ONCE * 6


async def test_what_a_gateway_takes_is_counted_while_another_call_waits() -> None:
    async with time_budget(5, gateway="asaas"):
        with waiting(), asking():
            before = remaining()
            await asyncio.sleep(0.1)
        assert remaining() < before - 0.05


async def test_the_budget_around_moves_too() -> None:
    async with time_budget(0.2, gateway="asaas"), time_budget(0.1, gateway="asaas"):
        with waiting():
            await asyncio.sleep(0.4)
        assert remaining() > 0


@pytest.mark.slow
async def test_nobody_waits_longer_than_a_turn_may_last() -> None:
    async def wait() -> None:
        async with time_budget(0.1, gateway="asaas"):
            with waiting():
                await asyncio.sleep(LATEST * 10)

    with pytest.raises(GatewayUnavailable):
        await wait()
