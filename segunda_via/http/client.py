"""The one HTTP client that all gateways share: kept alive, following no redirects, and silent.

httpx logs the URL of every request at INFO, and httpcore the headers of every answer at DEBUG. URLs carry CPFs and
headers carry session tokens, so `new_client` quiets both libraries' loggers where they are written, whatever level and
handlers a process sets later. What is worth logging of a call is logged by `api_client.ApiClient`, without any of that.
"""

from __future__ import annotations

import logging
import ssl
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from segunda_via.http.bounded_transport import BoundedTransport
from segunda_via.http.transport import HttpTransport

USER_AGENT = "segunda-via/0.1"

CA_FILE = "segunda_via.ca_file"
"""The request extension that names a private certificate authority's file."""

# How many one host is asked at once: `segunda_via.http.host_queue`. What waited in the pool would be counted as the
# gateway's time.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=40, keepalive_expiry=60)

_TALKATIVE = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)


def new_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client for `ApiClient`. Whoever builds it closes it. `transport` is for tests."""
    silence()
    return httpx.AsyncClient(
        transport=BoundedTransport(transport or TrustingTransport()),
        follow_redirects=False,
        # Companies share this client: a cookie that one account's answer sets must not go out with another's request.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity"},
        trust_env=False,  # a .netrc or a proxy of the environment must not see what is asked here
    )


class TrustingTransport(httpx.AsyncBaseTransport):
    """Trusts the public authorities, or for a request with the `CA_FILE` extension, the one in that file alone.

    So a self-hosted gateway with a private authority shares the client without its authority being trusted for others.
    """

    def __init__(self) -> None:
        self._by_ca_file: dict[str | None, HttpTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        ca_file = request.extensions.get(CA_FILE)
        if ca_file not in self._by_ca_file:
            trusted = ssl.create_default_context(cafile=ca_file) if ca_file else public_authorities()
            self._by_ca_file[ca_file] = HttpTransport(verify=trusted, limits=_LIMITS)
        return await self._by_ca_file[ca_file].handle_async_request(request)

    async def aclose(self) -> None:
        for transport in self._by_ca_file.values():
            await transport.aclose()


@cache
def public_authorities() -> ssl.SSLContext:
    """A context that trusts the public authorities; one for the process, since reading them takes 25 ms or more."""
    return httpx.create_ssl_context()


def silence() -> None:
    """Keep httpx's and httpcore's own log records from being written anywhere. Harmless when done twice."""
    for name in _TALKATIVE:
        logging.getLogger(name).addFilter(_write_nothing)


def _write_nothing(record: logging.LogRecord) -> bool:
    return False
