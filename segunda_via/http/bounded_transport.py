"""A transport whose answers end: whoever reads one gets no more than `MAX_BODY` bytes of it, unpacked.

httpx reads bodies whole, and unpacks a compressed one without a bound: 64 KB become 64 MB. This one unpacks here, and
stops.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpx

MAX_BODY = 2 * 1024 * 1024

_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
_EITHER_FORMAT = 32 + zlib.MAX_WBITS


class TooLarge(httpx.DecodingError):
    """A body of more than `MAX_BODY` bytes."""


class BoundedTransport(httpx.AsyncBaseTransport):
    """`inner`, its answers bounded."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.inner.handle_async_request(request)
        packed = response.headers.get("content-encoding", "").strip().lower() in _PACKED
        headers = [
            (name, value)
            for name, value in response.headers.raw
            if not (packed and name.lower() in {b"content-encoding", b"content-length"})
        ]
        stream = _Bounded(response.stream, zlib.decompressobj(_EITHER_FORMAT) if packed else None)
        return httpx.Response(response.status_code, headers=headers, stream=stream, extensions=response.extensions)

    async def aclose(self) -> None:
        await self.inner.aclose()


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, inner: Any, unpacker: Any) -> None:
        self._inner = inner
        self._unpacker = unpacker

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MAX_BODY
        async for chunk in self._inner:
            if self._unpacker:
                try:
                    chunk = self._unpacker.decompress(chunk, left + 1)
                except zlib.error:
                    raise httpx.DecodingError("a body that cannot be unpacked") from None
            left -= len(chunk)
            if left < 0:
                raise TooLarge(f"a body of more than {MAX_BODY} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
