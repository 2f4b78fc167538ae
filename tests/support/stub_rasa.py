"""Rasa as the public server sees it, over HTTP: what it says is the test's. It keeps the turn channel's promises."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from support.uvicorn_server import loopback, running

Said = list[dict[str, Any]]
Call = dict[str, Any]
"""The JSON of a request for a turn."""


async def echo(call: Call) -> Said:
    return [{"text": f"eco: {call['text']}"}]


@dataclass
class StubRasa:
    """`script` is the turn. What was said stands in the conversation when it has ended, and is told again."""

    secret: str
    script: Callable[[Call], Awaitable[Said]] = echo
    calls: list[Call] = field(default_factory=list)
    """Every request, also one that was not run."""
    seen: list[Call] = field(default_factory=list)
    """The turns that were run."""
    said: dict[str, Said] = field(default_factory=dict)
    status: int = 200
    """What it answers instead of a turn, when it is another one."""

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/webhooks/segunda_via/turn", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {self.secret}":
            return JSONResponse({"error": "unauthorized"}, 401)
        if self.status != 200:
            return JSONResponse({"error": "told so"}, self.status)
        if request.method == "GET":
            return JSONResponse({"model": "loaded"})
        call: Call = await request.json()
        self.calls.append(call)
        message_id = call["message_id"]
        if call["attempt"] == 1 or message_id not in self.said:
            self.seen.append(call)
            self.said[message_id] = await self.script(call)
        return JSONResponse({"messages": self.said[message_id]})


@contextlib.asynccontextmanager
async def listening(rasa: StubRasa, port: int = 0) -> AsyncIterator[str]:
    """Its address, while it listens on loopback in the test's own loop."""
    told = uvicorn.Config(rasa.app, ws="none", lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    async with running(told, loopback(port)) as address:
        yield address
