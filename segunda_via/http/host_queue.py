"""How many calls one host is asked at once: few, over connections that are kept alive; the others wait here.

A small self-hosted gateway has a short listening queue, and who does not fit into it is refused. Here nobody is: first
come, first served, whichever account asks, and waiting is not counted as the gateway's time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httpx

from segunda_via.http.time_budget import asking, waiting

FEW = 4
"""What a gateway on a company's own machine bears."""
HOSTED = 10
"""What a service for many companies bears from one of its customers."""


class HostQueue:
    """Of one host, for `at_once` calls."""

    def __init__(self, at_once: int) -> None:
        self._places = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn, which lasts as long as the block."""
        with waiting():
            await self._places.acquire()
        try:
            with asking():
                yield
        finally:
            self._places.release()


_QUEUES: WeakKeyDictionary[httpx.AsyncClient, dict[str, HostQueue]] = WeakKeyDictionary()


def host_queue(client: httpx.AsyncClient, base_url: str, at_once: int) -> HostQueue:
    """The queue of that host, one for all accounts that share the client."""
    queues = _QUEUES.setdefault(client, {})
    host = urlsplit(base_url).netloc
    if host not in queues:
        queues[host] = HostQueue(at_once)
    return queues[host]
