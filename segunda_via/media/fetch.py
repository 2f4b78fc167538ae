"""The gateway's own PDF, fetched when a customer opens the link.

The URL comes from the gateway, so it is treated as a stranger's: it must not make this server call places that only
this server can reach. Every hop of at most three redirects is held to the same rules:

    scheme    https; plain http only at the configured `base_url`'s host, when that is loopback or `allow_http`
    host      one of the slip's `pdf_hosts`
    address   every address the name resolves to is public, but for `base_url`'s host; the connection goes to the very
              address that was checked, so a second DNS answer changes nothing
    content   a PDF by its first bytes, whatever its content type; at most 16 MB, at most 10 seconds in all.
              Whether it really is one, and of which boleto, is for `gateway_pdf` to read

MediaRefused when a rule forbids it, MediaUnavailable when it did not come. Neither names the URL. Nothing is stored.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urljoin

import async_timeout
import httpx

from segunda_via.errors import MediaRefused, MediaUnavailable
from segunda_via.http.client import USER_AGENT, public_authorities, silence
from segunda_via.media.slip import Slip
from segunda_via.urls import is_loopback

MAX_BYTES = 16 * 1024 * 1024
MAX_REDIRECTS = 3
TIMEOUT = 10.0
"""Seconds for everything, the wait for a free place included."""

_MAGIC, _MAGIC_WITHIN = b"%PDF-", 1024
_AT_ONCE = 4  # a bound on memory: each may hold 16 MB
_EVEN_SO_NOT_PUBLIC = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16")))
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""(host, port) -> its addresses, in order of preference. OSError when there are none."""


class PdfFetcher:
    """Fetches PDFs. `client` makes a client that follows no redirects and keeps no connection; it is closed after use.

    A connection must not be kept for another fetch: connections are made to addresses, and the certificate of one host
    says nothing for another one behind the same address.
    """

    def __init__(
        self,
        client: Callable[[], httpx.AsyncClient] | None = None,
        resolver: Resolver | None = None,
        *,
        timeout: float = TIMEOUT,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._client = client or _new_client
        self._resolve = resolver or _resolve
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def fetch(self, slip: Slip) -> bytes:
        """The PDF behind `slip.pdf_url`."""
        try:
            async with async_timeout.timeout(self._timeout), self._places, self._client() as client:
                return await self._follow(client, slip)
        except asyncio.TimeoutError:
            raise MediaUnavailable("it took too long") from None
        except (httpx.HTTPError, OSError) as error:
            failure = type(error).__name__
        # Raised out here, so that the library's exception, which holds the URL, is not chained to it.
        raise MediaUnavailable(f"the connection failed ({failure})")

    async def _follow(self, client: httpx.AsyncClient, slip: Slip) -> bytes:
        url = slip.pdf_url or ""
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._get(client, slip, _parse(url))
            if isinstance(answer, bytes):
                return answer
            url = urljoin(url, answer)
        raise MediaRefused("it redirects too often")

    async def _get(self, client: httpx.AsyncClient, slip: Slip, url: httpx.URL) -> bytes | str:
        """The content, or where it redirects to."""
        addresses = await self._permitted_addresses(slip, url)
        for address in addresses:
            request = client.build_request(
                "GET",
                url.copy_with(host=address),
                headers={"Host": url.netloc.decode("ascii")},
                extensions={"sni_hostname": _host(url)},
            )
            try:
                response = await client.send(request, stream=True, follow_redirects=False)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if address == addresses[-1]:
                    raise
                continue
            try:
                return await self._read(response)
            finally:
                await response.aclose()
        raise MediaUnavailable("its host has no address")

    async def _permitted_addresses(self, slip: Slip, url: httpx.URL) -> Sequence[str]:
        own = slip.pdf_hosts.is_base(_host(url))
        if not slip.pdf_hosts.trusts(_host(url)):
            raise MediaRefused("its host is not one that this gateway serves PDFs from")
        if url.scheme != "https" and not own:
            raise MediaRefused("it is not https")
        addresses = await self._resolve(_host(url), url.port or (443 if url.scheme == "https" else 80))
        if own:
            if url.scheme != "https" and not slip.pdf_hosts.allow_http and not all(map(is_loopback, addresses)):
                raise MediaRefused("plain http needs allow_http")
        elif not all(map(is_public, addresses)):
            raise MediaRefused("its host is not on the public internet")
        return addresses

    async def _read(self, response: httpx.Response) -> bytes | str:
        if response.is_redirect and "location" in response.headers:
            return str(response.headers["location"])
        if response.status_code != 200:
            raise MediaUnavailable(f"HTTP {response.status_code}")
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise MediaRefused("it is compressed, though it was asked not to be")
        if int(response.headers.get("content-length", "0")) > self._max_bytes:  # h11 let nothing but digits through
            raise MediaRefused("it is too large")
        content = bytearray()
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > self._max_bytes:
                raise MediaRefused("it is too large")
            if len(content) >= _MAGIC_WITHIN:
                _require_pdf(content)
        _require_pdf(content)
        return bytes(content)


def is_public(address: str) -> bool:
    """Whether that address is on the public internet, and no other one is hidden in it.

    >>> [is_public(a) for a in ("8.8.8.8", "2606:4700::1111", "10.0.0.1", "169.254.169.254", "::ffff:8.8.8.8")]
    [True, True, False, False, False]
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if any(ip in network for network in _EVEN_SO_NOT_PUBLIC) or ip.is_multicast or not ip.is_global:
        return False
    # Mapped, translated and tunnelled IPv4 lies outside of IPv6's global unicast, or in the networks above.
    return isinstance(ip, ipaddress.IPv4Address) or ip in _GLOBAL_UNICAST


def _host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii").lower()


def _parse(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        parsed = httpx.URL("")
    if parsed.scheme not in {"http", "https"} or not parsed.host or parsed.userinfo:
        raise MediaRefused("it is not a web address")
    return parsed


def _require_pdf(content: bytearray) -> None:
    if _MAGIC not in content[: _MAGIC_WITHIN + len(_MAGIC) - 1]:
        raise MediaRefused("it is not a PDF")


async def _resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _new_client() -> httpx.AsyncClient:
    silence()
    return httpx.AsyncClient(
        verify=public_authorities(),
        limits=httpx.Limits(max_keepalive_connections=0),
        timeout=httpx.Timeout(TIMEOUT, connect=3.0),
        headers={"User-Agent": USER_AGENT, "Accept": "application/pdf", "Accept-Encoding": "identity"},
        trust_env=False,  # a proxy would resolve the name anew
    )
