"""One simulator without the sandbox around it, to be set up as a test needs it and answered for where it must lie."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from segunda_via.http.api_client import new_client

BASE = "http://localhost"

Lie = Callable[[httpx.Request], "httpx.Response | None"]


@dataclass
class Asked:
    """One call as it was sent."""

    method: str
    path: str
    body: dict[str, object] = field(default_factory=dict)


class Alone(httpx.AsyncBaseTransport):
    """Sends what is asked to the simulator's application; `lie` may answer in its place."""

    def __init__(self, simulator: object, lie: Lie = lambda request: None) -> None:
        self._app = httpx.ASGITransport(app=simulator.app)
        self.lie = lie
        self.asked: list[Asked] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else {}
        self.asked.append(Asked(request.method, request.url.raw_path.decode(), body))
        return self.lie(request) or await self._app.handle_async_request(request)

    def client(self) -> httpx.AsyncClient:
        return new_client(self)

    def paths(self) -> list[str]:
        return [asked.path.split("?")[0] for asked in self.asked]


def answer(part: str, status: int, body: object) -> Lie:
    """That answer to every call whose path holds `part`; a text is sent as it is."""

    def lie(request: httpx.Request) -> httpx.Response | None:
        if part not in request.url.raw_path.decode():
            return None
        return httpx.Response(status, text=body) if isinstance(body, str) else httpx.Response(status, json=body)

    return lie
