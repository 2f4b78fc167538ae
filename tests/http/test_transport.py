"""What a connection may end in, over real sockets."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvloop

from segunda_via.http.transport import HttpTransport

MOMENTS = 30
_RESET_WHEN_CLOSED = struct.pack("ii", 1, 0)


@pytest.fixture
def slammed() -> Iterator[str]:
    """The address of a server that resets its connections: at once, or some milliseconds after they are made."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:

        def slam() -> None:
            for moment in itertools.cycle(range(MOMENTS)):
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                time.sleep(moment / 2000)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_WHEN_CLOSED)
                connection.close()

        threading.Thread(target=slam, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)


async def call_often(address: str, times: int) -> list[httpx.Response | BaseException]:
    """While the loop is busy, so that a connection may be made and lost before anybody looks at it."""
    ended: list[httpx.Response | BaseException] = []

    async def busy() -> None:
        while True:
            time.sleep(0.002)  # noqa: ASYNC251  what computes in a loop
            await asyncio.sleep(0)

    computing = asyncio.create_task(busy())
    async with httpx.AsyncClient(transport=HttpTransport(), trust_env=False) as client:
        for _ in range(times):
            ended += await asyncio.gather(client.get(address), return_exceptions=True)
    computing.cancel()
    return ended


def test_a_connection_closed_at_once_is_a_failure_of_the_transport(slammed: str) -> None:
    loop = uvloop.new_event_loop()  # as the public server has it
    try:
        ended = loop.run_until_complete(call_often(slammed, 2 * MOMENTS))
    finally:
        loop.close()
    assert {type(each) for each in ended if not isinstance(each, httpx.TransportError)} == set()
