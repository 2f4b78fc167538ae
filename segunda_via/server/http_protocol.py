"""HTTP as it comes from the wire, where ASGI cannot see it: heads that are malformed, too large, too slow, too many.

uvicorn with httptools refuses most of what is ambiguous. It leaves open what stands here: a transfer coding other than
`chunked`, a head without end or that never ends, and a peer that opens every connection there is.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from segunda_via.settings.environment import Network

HEAD_SECONDS = 10.0
HEAD_BYTES = 32 * 1024
HEADERS = 100
CONNECTIONS = 64
"""Of one address at once. Proxies that are trusted have as many as they like."""


class MalformedHead(Exception):
    """Raised inside a callback of the parser, which makes it a 400 and closes the connection."""


@dataclass
class ConnectionLimits:
    """Shared by all connections of a server.

    `trusted` are the proxies that speak for many. `seconds` is how long a head may take, from the connection or from
    the request's first byte; `connections` how many an address may hold.
    """

    trusted: Sequence[Network] = ()
    seconds: float = HEAD_SECONDS
    connections: int = CONNECTIONS
    _open: Counter[str] = field(default_factory=Counter)

    def opened(self, address: str) -> bool:
        """Whether that address may have one more; `closed` has to be told of it when it may."""
        if self._open[address] >= self.connections and not self._is_trusted(address):
            return False
        self._open[address] += 1
        return True

    def closed(self, address: str) -> None:
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return any(parsed in network for network in self.trusted)


def protocol_with(limits: ConnectionLimits) -> type[HttpToolsProtocol]:
    """What uvicorn takes as `http`: it makes an object of this class for each connection."""

    class LimitedHttpProtocol(StrictHttpProtocol):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(limits, *args, **kwargs)

    return LimitedHttpProtocol


class StrictHttpProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, limits: ConnectionLimits, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limits = limits
        self._address: str | None = None
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        """Of an unfinished head, as they came."""
        self._headers_bytes = 0
        """Of the headers that were read."""
        self._in_body = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if not self._limits.opened(address):
            transport.abort()
            return
        self._address = address
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        if self._address is not None:
            self._limits.closed(self._address)
            self._address = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if not self._in_body:
            self._head_bytes += len(data)
            if self._head_timer is None:
                self._expect_head()
        super().data_received(data)
        if not self._in_body and self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("Request head too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._headers_bytes = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._headers_bytes += len(name) + len(value)
        if len(self.headers) > HEADERS or len(self.url) + self._headers_bytes > HEAD_BYTES:
            raise MalformedHead("too large")

    def on_headers_complete(self) -> None:
        _require_sound(self.headers, self.parser.get_http_version())
        self._stop_timer()
        self._in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_body = False
        self._head_bytes = 0

    def _expect_head(self) -> None:
        self._head_timer = self.loop.call_later(self._limits.seconds, self._head_is_late)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.close()


def _require_sound(headers: Sequence[tuple[bytes, bytes]], http_version: str) -> None:
    """MalformedHead unless these say in one way only who is asked, and where the body ends."""
    hosts = [value for name, value in headers if name == b"host"]
    lengths = [value for name, value in headers if name == b"content-length"]
    codings = [value for name, value in headers if name == b"transfer-encoding"]
    if len(hosts) > 1 or (http_version == "1.1" and not hosts):
        raise MalformedHead("no host, or several")
    if len(lengths) + len(codings) > 1 or (codings and http_version != "1.1"):
        raise MalformedHead("the body's end is told in several ways")
    if any(not (length.isascii() and length.isdigit()) for length in lengths):
        raise MalformedHead("a length that is no number")
    if any(coding.strip().lower() != b"chunked" for coding in codings):
        raise MalformedHead("a transfer coding other than chunked")
