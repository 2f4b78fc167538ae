"""Customers who write: requests made and signed beforehand, sent over bare connections, so that little is measured
here but the server. Each waits for nobody else's answer, but for those who share a connection."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from scripts.processes import Server
from segunda_via.whatsapp import twilio_signature

_numbers = itertools.count()


WEBHOOK = "/webhooks/whatsapp/webhook"


@dataclass(frozen=True)
class Times:
    """Seconds from the request to its answer, as Twilio sees it, and as the server's handler does, where that tells."""

    waited: list[float]
    handled: list[float]


@dataclass(frozen=True)
class Busy:
    """What a server's event loop did meanwhile: seconds that it computed, and that it waited for a processor."""

    computed: float
    waited: float

    @classmethod
    def of(cls, server: Server) -> Busy:
        """Since its start (Linux)."""
        told = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/schedstat").read_text("ascii").split()
        return cls(int(told[0]) / 1e9, int(told[1]) / 1e9)

    def __sub__(self, before: Busy) -> Busy:
        return Busy(self.computed - before.computed, self.waited - before.waited)


async def steadily(
    server: Server, twilio: dict[str, str], pace: float, seconds: float, text: str, path: str = WEBHOOK
) -> list[float]:
    """So many a second, each at a moment of chance within its share of the time."""
    chance = random.Random(5)  # noqa: S311  no secret

    async def write(number: int) -> float:
        request = _request(server, twilio, text, path)
        await asyncio.sleep((number + chance.random()) / pace)
        async with _Connection(server) as connection:
            return await connection.ask(request)

    return list(await asyncio.gather(*(write(number) for number in range(int(pace * seconds)))))


async def no_pause(server: Server, twilio: dict[str, str], count: int, connections: int, text: str) -> list[float]:
    """As many as there are connections at any time, until all have written."""
    requests = [_request(server, twilio, text) for _ in range(count)]
    times = []

    async def work() -> None:
        async with _Connection(server) as connection:
            while requests:
                times.append(await connection.ask(requests.pop()))

    await asyncio.gather(*(work() for _ in range(connections)))
    return times


async def at_once(server: Server, twilio: dict[str, str], count: int, text: str) -> list[float]:
    """All at the same instant, over a connection each that was open before."""
    requests = [_request(server, twilio, text) for _ in range(count)]
    connections = [await _Connection(server).__aenter__() for _ in requests]
    times = await asyncio.gather(*(c.ask(request) for c, request in zip(connections, requests, strict=True)))
    for connection in connections:
        await connection.__aexit__()
    return list(times)


def _request(server: Server, twilio: dict[str, str], text: str, path: str = WEBHOOK) -> bytes:
    """Of a customer who never wrote before."""
    number, url = next(_numbers), f"{server.address}{path}"
    form = {
        "MessageSid": f"SM{number:032x}",
        "From": f"whatsapp:+55479{number:08}",
        "To": twilio["number"],
        "Body": text,
    }
    body = urlencode(form)
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {urlsplit(url).netloc}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        f"X-Twilio-Signature: {twilio_signature.sign(twilio['token'], url, list(form.items()))}",
    ]
    return "\r\n".join([*lines, "", body]).encode()


class _Connection:
    def __init__(self, server: Server) -> None:
        self._address = urlsplit(server.address)

    async def __aenter__(self) -> _Connection:
        self._reader, self._writer = await asyncio.open_connection(self._address.hostname, self._address.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def ask(self, request: bytes) -> float:
        began = time.perf_counter()
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        took = time.perf_counter() - began
        if b" 200 " not in head[:16] and b" 204 " not in head[:16]:
            raise RuntimeError(f"not acknowledged: {head[:40]!r}")
        length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        await self._reader.readexactly(int(length[0].split(b":")[1]) if length else 0)
        return took
