"""How long a request's body may be, how long it may take, and how many an address may send.

What is known by the head is refused by the head. A body that turns out too long, or does not arrive in time, is given
up: whoever reads it gets a 413 or a 408 out of it, and the connection is closed.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from segunda_via.settings.environment import Network
from segunda_via.web import proxies

SECONDS = 15.0
"""What a body may take to arrive."""
KB = 1024


@dataclass(frozen=True)
class Bounds:
    """`body` in bytes; of one address `rate` requests a second in the long run, `burst` of them at once."""

    body: int
    rate: float
    burst: int


PATHS = (
    ("/webhooks/", Bounds(body=64 * KB, rate=100, burst=400)),
    ("/desk/", Bounds(body=256 * KB, rate=50, burst=200)),
    ("/media/", Bounds(body=0, rate=5, burst=60)),
    ("/configuracoes/entrar", Bounds(body=16 * KB, rate=1, burst=20)),
    ("/configuracoes/primeiro-acesso", Bounds(body=16 * KB, rate=1, burst=20)),
    ("/configuracoes", Bounds(body=256 * KB, rate=50, burst=300)),
)
"""By how the path begins; the first counts."""
ELSEWHERE = Bounds(body=0, rate=50, burst=200)


class RequestLimits:
    """A middleware of pure ASGI, before everything else."""

    def __init__(
        self,
        app: ASGIApp,
        trusted: Sequence[Network] = (),
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._trusted = trusted
        self._seconds = seconds
        self._rates = {prefix: Rate(bounds, clock) for prefix, bounds in (*PATHS, ("", ELSEWHERE))}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        prefix, bounds = next((each for each in PATHS if scope["path"].startswith(each[0])), ("", ELSEWHERE))
        if not self._rates[prefix].admits(proxies.asked(request, self._trusted).address):
            await _refuse(429, "too many requests\n")(scope, receive, send)
        elif int(request.headers.get("content-length", "0")) > bounds.body:
            await _refuse(413, "too large\n")(scope, receive, send)
        else:
            await self._bounded(scope, receive, send, bounds.body)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send, longest: int) -> None:
        body = _Body(receive, longest, self._seconds)
        answering = False

        async def answer(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        try:
            await self._app(scope, body.receive, answer)
        except _BodyRefused as refused:
            if not answering:
                await _refuse(refused.status, refused.words)(scope, receive, send)


class _BodyRefused(Exception):
    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


class _Body:
    """What is received, no longer and no later than it may be."""

    def __init__(self, receive: Receive, longest: int, seconds: float) -> None:
        self._receive = receive
        self._left = longest
        self._until = time.monotonic() + seconds
        self._complete = False

    async def receive(self) -> Message:
        if self._complete:  # from here on it only waits for the visitor to go
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), max(0.0, self._until - time.monotonic()))
        except asyncio.TimeoutError:
            raise _BodyRefused(408, "too slow\n") from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _BodyRefused(413, "too large\n")
        self._complete = message["type"] != "http.request" or not message.get("more_body", False)
        return message


@dataclass
class Rate:
    """A bucket of tokens for each address, of those that were seen last."""

    bounds: Bounds
    clock: Callable[[], float] = time.monotonic
    remembered: int = 10_000
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def admits(self, address: str) -> bool:
        now = self.clock()
        tokens, since = self._buckets.pop(address, (float(self.bounds.burst), now))
        tokens = min(float(self.bounds.burst), tokens + (now - since) * self.bounds.rate)
        admitted = tokens >= 1
        self._buckets[address] = (tokens - 1 if admitted else tokens, now)
        if len(self._buckets) > self.remembered:
            self._buckets.popitem(last=False)
        return admitted


def _refuse(status: int, words: str) -> PlainTextResponse:
    return PlainTextResponse(words, status, {"Connection": "close"})
