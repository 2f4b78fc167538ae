"""A gateway without a network: a simulator's application called in-process, and answers that stand in for its own."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
from starlette.types import ASGIApp

from segunda_via import documents

Content = bytes | str | dict | list
"""JSON is made of what is neither bytes nor text."""


class Wire(httpx.AsyncBaseTransport):
    """Hands requests to `app`. `requests` are those made; `stand_in` answers those whose path holds a part."""

    def __init__(self, app: ASGIApp) -> None:
        self.requests: list[httpx.Request] = []
        self._app = httpx.ASGITransport(app)
        self._answers: list[tuple[str, Callable[[httpx.Request], httpx.Response]]] = []

    def stand_in(self, part: str, content: Content, status: int = 200) -> None:
        if not isinstance(content, (bytes, str)):
            content = json.dumps(content)
        self._answers.insert(0, (part, lambda request: httpx.Response(status, content=content)))

    @property
    def paths(self) -> list[str]:
        """Of the requests made, with documents replaced."""
        return ["/".join("{document}" if documents.is_valid(p) else p for p in _parts(r)) for r in self.requests]

    def count(self, part: str) -> int:
        return sum(part in path for path in self.paths)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        for part, answer in self._answers:
            if part in request.url.path:
                return answer(request)
        response = await self._app.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())


def _parts(request: httpx.Request) -> list[str]:
    return request.url.path.replace("=", "=/").split("/")
