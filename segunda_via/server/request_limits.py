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

ASKED_PER_SECOND, ASKED_AT_ONCE = 1000.0, 5000.0
"""What an address may ask: Twilio, too, calls from few addresses, with every message and all that becomes of it."""

REFUSED_PER_SECOND, REFUSED_AT_ONCE = 10.0, 50.0
"""How often a visitor may be refused (a forged call, a guessed link, a wrong password) and is still answered.

Visitors behind a proxy that nobody declared are told apart by what it says of them: one of them must not keep Twilio's
calls, which come the same way, from being answered.
"""

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
        self._asked = Budgets(ASKED_PER_SECOND, ASKED_AT_ONCE, clock)
        self._refused = Budgets(REFUSED_PER_SECOND, REFUSED_AT_ONCE, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        asked = proxies.asked(request, self._trusted)
        if self._refused.left(asked.visitor) < 1 or not self._admits(asked):
            await _refuse(429, "too many requests\n")(scope, receive, send)
            return

        answering = False

        async def answer(message: Message) -> None:
            nonlocal answering
            if message["type"] == "http.response.start":
                answering = True
                if 400 <= message["status"] < 500:
                    self._refused.charge(asked.visitor)
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

    def _admits(self, asked: proxies.Asked) -> bool:
        if asked.unknown_proxy and is_loopback(asked.address):
            return True  # a proxy on this machine speaks for everybody
        if self._asked.left(asked.address) < 1:
            return False
        self._asked.charge(asked.address)
        return True


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
    """What each of those that came last has left. `clock` is in seconds and never goes back."""

    per_second: float
    at_once: float
    clock: Callable[[], float] = time.monotonic
    remembered: int = 10_000
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    """What was left, and when."""

    def left(self, who: str) -> float:
        left, since = self._left.get(who, (self.at_once, 0.0))
        return min(self.at_once, left + (self.clock() - since) * self.per_second)

    def charge(self, who: str) -> None:
        """One less."""
        self._left[who] = (self.left(who) - 1, self.clock())
        self._left.move_to_end(who)
        if len(self._left) > self.remembered:
            self._left.popitem(last=False)


def _refuse(status: int, words: str) -> PlainTextResponse:
    return PlainTextResponse(words, status, {"Connection": "close"})
