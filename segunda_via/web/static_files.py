"""The screen's own style sheet, script and icon: what is in the list, and nothing else of the disk."""

from __future__ import annotations

from functools import lru_cache

from sanic.request import Request
from sanic.response import HTTPResponse, raw

from segunda_via.web.headers import SECURITY
from segunda_via.web.rendering import HERE

TYPES = {
    "screen.css": "text/css; charset=utf-8",
    "screen.js": "text/javascript; charset=utf-8",
    "messages.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


async def serve(request: Request, name: str) -> HTTPResponse:
    if name not in TYPES:
        return raw(b"", status=404, headers=dict(SECURITY), content_type="text/plain")
    headers = {**SECURITY, "Cache-Control": "public, max-age=300"}
    return raw(_read(name), content_type=TYPES[name], headers=headers)


@lru_cache(maxsize=len(TYPES))
def _read(name: str) -> bytes:
    return (HERE / "static" / name).read_bytes()
