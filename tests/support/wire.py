"""`Alone`, with the requests themselves kept, and answers put in the place of what a part of a path would give."""

from __future__ import annotations

import json

import httpx

from segunda_via.boletos import documents
from support.alone import Alone

Content = bytes | str | dict | list
"""JSON is made of what is neither bytes nor text."""


class Wire(Alone):
    def __init__(self, simulator: object) -> None:
        super().__init__(simulator, self._stands_in)
        self.requests: list[httpx.Request] = []
        self._answers: list[tuple[str, int, bytes | str]] = []

    def stand_in(self, part: str, content: Content, status: int = 200) -> None:
        """From now on, whatever path holds `part` is answered so. The latest word counts."""
        if not isinstance(content, (bytes, str)):
            content = json.dumps(content)
        self._answers.insert(0, (part, status, content))

    @property
    def routes(self) -> list[str]:
        """Of the requests made, with documents replaced."""
        parts = (request.url.path.replace("=", "=/").split("/") for request in self.requests)
        return ["/".join("{document}" if documents.is_valid(part) else part for part in path) for path in parts]

    def count(self, part: str) -> int:
        return sum(part in route for route in self.routes)

    def _stands_in(self, request: httpx.Request) -> httpx.Response | None:
        self.requests.append(request)
        path = request.url.path
        found = ((status, content) for part, status, content in self._answers if part in path)
        status, content = next(found, (0, b""))
        return httpx.Response(status, content=content) if status else None
