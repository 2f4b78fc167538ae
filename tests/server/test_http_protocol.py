"""What the internet may send to the public server's socket, over real connections."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from segunda_via.server.http_protocol import ConnectionLimits, protocol_with

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextlib.asynccontextmanager
async def serving(limits: ConnectionLimits) -> AsyncIterator[int]:
    server = uvicorn.Server(
        uvicorn.Config(echo, port=0, http=protocol_with(limits), ws="none", lifespan="off", log_config=None)
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn sets no event
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with serving(ConnectionLimits()) as port:
        yield port


async def answer(port: int, *sent: bytes) -> bytes:
    """All that comes back until the server closes; the rest is not sent once it has."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        for part in sent:
            writer.write(part)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), 20)
    return b""


def status(answered: bytes) -> int | None:
    """Of the first answer; None when the connection was closed without one."""
    return int(answered.split(b" ", 2)[1]) if answered else None


async def test_what_is_sound_is_answered(port: int) -> None:
    closing = b"Connection: close\r\n"
    for head, body in (
        (b"Content-Length: 2\r\n", b"oi"),
        (b"Transfer-Encoding: chunked\r\n", b"2\r\noi\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: Chunked\r\n", b"1\r\no\r\n1\r\ni\r\n0\r\n\r\n"),
    ):
        answered = await answer(port, POST + head + closing + b"\r\n", body)
        assert (status(answered), answered[-2:]) == (200, b"oi")


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: -1\r\n",
        b"Content-Length: +2\r\n",
        b"Content-Length: 2\r\nContent-Length: 2\r\n",
        b"Content-Length: 2\r\nContent-Length: 3\r\n",
        b"Content-Length: 2, 2\r\n",
        b"Content-Length: \xd9\xa2\r\n",
        b"Content-Length: 99999999999999999999999\r\n",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked, gzip\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: \x0bchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Content-Length : 2\r\n",
        b"Host: b\r\n",
        b" folded: 1\r\n",
        b"a b: 1\r\n",
        b"nul: \x00\r\n",
        b"X: 1\r\n" * 200,
        b"X: " + b"a" * 70_000 + b"\r\n",
    ],
)
async def test_what_can_be_read_in_two_ways_or_has_no_end_is_refused(port: int, head: bytes) -> None:
    body = b"2\r\noi\r\n0\r\n\r\n" if b"ransfer" in head else b"oi" if b"Length" in head else b""
    answered = await answer(port, POST + head + b"Connection: close\r\n\r\n" + body)
    assert status(answered) == 400
    assert answered.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "chunks", [b"0x2\r\noi\r\n0\r\n\r\n", b"+2\r\noi\r\n0\r\n\r\n", b"-1\r\n", b"2 \r\noi\r\n0\r\n\r\n"]
)
async def test_chunks_of_no_sound_length_close_the_connection(port: int, chunks: bytes) -> None:
    answered = await answer(port, POST + b"Transfer-Encoding: chunked\r\n\r\n", chunks, GET)
    assert status(answered) in {400, None}
    assert answered.count(b"HTTP/1.1 ") <= 1


async def test_a_request_names_its_host(port: int) -> None:
    assert status(await answer(port, b"GET / HTTP/1.1\r\n\r\n")) == 400


async def test_a_head_that_never_ends_is_closed_and_others_are_served_meanwhile() -> None:
    async with serving(ConnectionLimits(seconds=0.5)) as port:
        slow = asyncio.create_task(answer(port, b"GET / HTTP/1.1\r\nHo"))
        silent = asyncio.create_task(answer(port))
        assert status(await answer(port, GET[:-2] + b"Connection: close\r\n\r\n")) == 200
        assert await asyncio.gather(slow, silent) == [b"", b""]


async def test_the_second_head_of_a_connection_is_timed_too() -> None:
    async with serving(ConnectionLimits(seconds=0.5)) as port:
        answered = await answer(port, GET, b"GET / HTTP/1.1\r\nHo")
    assert answered.count(b"HTTP/1.1 200") == 1


async def test_a_body_may_take_longer_than_a_head() -> None:
    async with serving(ConnectionLimits(seconds=0.2)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(POST + b"Connection: close\r\nContent-Length: 2\r\n\r\no")
        await asyncio.sleep(0.6)
        writer.write(b"i")
        assert (await reader.read()).endswith(b"oi")


async def test_nine_hundred_half_open_connections_of_one_address_leave_room_for_others() -> None:
    async with serving(ConnectionLimits(connections=20)) as port:
        opened = [await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0)) for _ in range(900)]
        for _, writer in opened:
            with contextlib.suppress(ConnectionError):
                writer.write(b"GET / HT")
        assert status(await answer(port, GET[:-2] + b"Connection: close\r\n\r\n")) == 200
        ended = [asyncio.ensure_future(reader.read()) for reader, _ in opened]
        done, held = await asyncio.wait(ended, timeout=2)
        assert (len(done), len(held)) == (880, 20)
        for _, writer in opened:
            writer.close()
        await asyncio.wait(held, timeout=5)
        again = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))
        again[1].write(GET)
        assert await again[0].readline() == b"HTTP/1.1 200 OK\r\n", "what was closed is not counted"
        again[1].close()


async def test_a_trusted_proxy_has_as_many_as_it_likes() -> None:
    limits = ConnectionLimits(trusted=[ipaddress.ip_network("127.0.0.0/8")], connections=1)
    async with serving(limits) as port:
        first = await asyncio.open_connection("127.0.0.1", port)
        assert status(await answer(port, GET[:-2] + b"Connection: close\r\n\r\n")) == 200
        first[1].close()
