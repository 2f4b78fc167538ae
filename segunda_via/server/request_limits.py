"""How long a request's body may be, how long it may take, and how much an address may ask.

What is known by the head is refused by the head. A body that turns out too long, or does not arrive in time, is given
up: the visitor gets a 413 or a 408, and the connection is closed.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from segunda_via.settings.environment import Network
from segunda_via.urls import is_loopback
from segunda_via.web import proxies

KB = 1024
LARGEST: Sequence[tuple[str, int]] = (("/webhooks/", 64 * KB), ("/desk/", 256 * KB), ("/configuracoes", 256 * KB))
"""Bytes of a body, by how the path begins. Elsewhere nothing is posted."""

SECONDS = 15.0
"""What a body may take to arrive."""

PER_SECOND, AT_ONCE = 1000.0, 5000.0
"""What an address may ask: Twilio, too, calls from few addresses, with every message and all that becomes of it."""

REFUSED = 100.0
"""As much as that many others counts a request that was refused: a forged call, a guessed link, a wrong password."""


TOO_LARGE = "too large\n"


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
        self._budgets = Budgets(clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        asked = proxies.asked(request, self._trusted)
        # A proxy on this machine that is not declared speaks for everybody: one visitor must not close it for all.
        counted = not (asked.unknown_proxy and is_loopback(asked.address))
        if counted and not self._budgets.admit(asked.address):
            await _refuse(429, "too many requests\n")(scope, receive, send)
            return

        answering = False

        async def answer(message: Message) -> None:
            nonlocal answering
            if message["type"] == "http.response.start":
                answering = True
                if counted and 400 <= message["status"] < 500:
                    self._budgets.charge(asked.address, REFUSED)
            await send(message)

        longest = next((most for prefix, most in LARGEST if scope["path"].startswith(prefix)), 0)
        if int(request.headers.get("content-length", "0")) > longest:
            await _refuse(413, TOO_LARGE)(scope, receive, answer)
            return
        body = _Body(receive, longest, self._seconds)
        try:
            await self._app(scope, body.receive, answer)
        except _BodyRefused as refused:
            if not answering:
                await _refuse(refused.status_code, refused.detail)(scope, receive, answer)


class _BodyRefused(HTTPException):
    """Any route may say it in its own way, as it does with other refusals."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(status, words, {"Connection": "close"})


class _Body:
    """What is received, no longer and no later than it may be."""

    def __init__(self, receive: Receive, longest: int, seconds: float) -> None:
        self._receive = receive
        self._left = longest
        self._until = time.monotonic() + seconds
        self._complete = False

    async def receive(self) -> Message:
        if self._complete:  # whoever asks now waits for the visitor to go
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), max(0.0, self._until - time.monotonic()))
        except asyncio.TimeoutError:
            raise _BodyRefused(408, "too slow\n") from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _BodyRefused(413, TOO_LARGE)
        self._complete = message["type"] != "http.request" or not message.get("more_body", False)
        return message


@dataclass
class Budgets:
    """What each address has left, of those that asked last. `clock` is in seconds and never goes back."""

    clock: Callable[[], float] = time.monotonic
    per_second: float = PER_SECOND
    at_once: float = AT_ONCE
    remembered: int = 10_000
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    """By address: what was left, and when."""

    def admit(self, address: str) -> bool:
        """Whether there is something left for one more request, which is then taken."""
        admitted = self._now(address) >= 1
        if admitted:
            self.charge(address, 1)
        return admitted

    def charge(self, address: str, cost: float) -> None:
        left = self._now(address) - cost
        self._left[address] = (left, self.clock())
        self._left.move_to_end(address)
        if len(self._left) > self.remembered:
            self._left.popitem(last=False)

    def _now(self, address: str) -> float:
        left, since = self._left.get(address, (self.at_once, 0.0))
        return min(self.at_once, left + (self.clock() - since) * self.per_second)


def _refuse(status: int, words: str) -> PlainTextResponse:
    return PlainTextResponse(words, status, {"Connection": "close"})
