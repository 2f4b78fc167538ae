"""How every gateway is spoken to: bounded, retried where that is safe, and without a word of what is secret.

An adapter holds one `ApiClient` and gets an `ApiResponse` back, or one exception of the `GatewayError` family:

    no connection, cut, time-out, 5xx   GatewayUnavailable      retried if the call only reads
    429                                 GatewayRateLimited      retried if the gateway's wait fits into the time budget
    401, 403                            TokenRejected
    any other status not in `accept`    GatewayProtocolError    a redirect too: none is followed
    too large, or not the JSON it says  GatewayProtocolError

Exceptions and log lines name a call by the `label` that the adapter gives it, never by its URL: paths and queries carry
documents. Times are seconds.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import NoReturn

import async_timeout
import httpx
import stamina

from segunda_via.errors import GatewayProtocolError, GatewayRateLimited, GatewayUnavailable, TokenRejected
from segunda_via.http import exact_json
from segunda_via.http.bounded_transport import TooLarge
from segunda_via.http.client import CA_FILE, new_client
from segunda_via.http.host_queue import FEW, host_queue
from segunda_via.http.time_budget import remaining

__all__ = ["ApiResponse", "ApiClient", "PATIENCE", "Retries", "new_client"]

logger = logging.getLogger(__name__)

_ENOUGH_TO_TRY = 0.1
"""A retry that could not have this long is not worth waiting for."""


@dataclass(frozen=True)
class Retries:
    """How often and how patiently. One attempt may take most of a budget of 8 s, but leaves time for another."""

    attempts: int = 3
    attempt_timeout: float = 5.0
    connect_timeout: float = 2.5
    wait_initial: float = 0.1
    wait_max: float = 1.0
    wait_jitter: float = 0.3


PATIENCE = Retries()


@dataclass(frozen=True)
class ApiResponse:
    """A complete answer, whose status the adapter said it can read."""

    gateway: str
    label: str
    status: int
    content: bytes = field(repr=False)
    body: object = field(repr=False)
    """`content` as JSON, read by `exact_json`; its `NOT_JSON` when it is none."""
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The cookies that it sets; the client keeps none."""

    @property
    def ok(self) -> bool:
        """Whether it is a success, and not a status that the adapter said it accepts."""
        return 200 <= self.status < 300

    def json(self) -> object:
        """`body`; GatewayProtocolError when it is not JSON."""
        if self.body is exact_json.NOT_JSON:
            kind = "an empty body" if not self.content.strip() else "a body that is not JSON, or too much of it"
            raise GatewayProtocolError(self.gateway, f"{self.label}: HTTP {self.status} with {kind}")
        return self.body


class ApiClient:
    """The calls of one gateway account over the shared client.

    `headers` go with every call. The host is asked `at_once` things at once, whoever asks. `decode` makes UTF-8 of the
    bodies of a gateway that has another encoding.
    `explain(status, body)` may say in a few words why a call was refused; it is given
    the parsed JSON, or None, and must not repeat anything personal. A circuit breaker belongs around `_with_retries`.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        gateway: str,
        base_url: str,
        headers: Mapping[str, str],
        ca_file: str | None = None,
        retries: Retries = PATIENCE,
        at_once: int = FEW,
        decode: Callable[[bytes], bytes] = bytes,
        explain: Callable[[int, object], str | None] = lambda status, body: None,
    ) -> None:
        self._client = client
        self._gateway = gateway
        self._base_url = base_url
        self._queue = host_queue(client, base_url, at_once)
        self._headers = dict(headers)
        self._extensions = {CA_FILE: ca_file} if ca_file else {}
        self._retries = retries
        self._decode = decode
        self._explain = explain

    async def get(
        self,
        path: str,
        *,
        label: str,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
    ) -> ApiResponse:
        """GET `base_url` + `path`. Statuses of `accept` come back beside the 2xx, instead of being raised."""
        request = self._request("GET", path, params=params, headers=headers)
        return await self._with_retries(request, label, accept)

    async def post(
        self,
        path: str,
        *,
        label: str,
        body: object,
        only_reads: bool,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
    ) -> ApiResponse:
        """POST `body` as JSON, bytes as they are. It is retried only when `only_reads`: some gateways list by POST."""
        request = self._request("POST", path, body=body, headers=headers)
        if only_reads:
            return await self._with_retries(request, label, accept)
        return await self._attempt(request, label, accept)

    async def put(
        self, path: str, *, label: str, body: object, headers: Mapping[str, str] | None = None
    ) -> ApiResponse:
        """PUT `body` as JSON, once."""
        return await self._attempt(self._request("PUT", path, body=body, headers=headers), label, ())

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        limits = self._retries
        try:
            return self._client.build_request(
                method,
                self._base_url + path,
                params=params,
                json=None if isinstance(body, bytes) else body,
                content=body if isinstance(body, bytes) else None,
                headers={**self._headers, **(headers or {})},
                timeout=httpx.Timeout(limits.attempt_timeout, connect=limits.connect_timeout),
                extensions=self._extensions,
            )
        except (httpx.InvalidURL, UnicodeEncodeError):
            # The text of these repeats what was asked. A pasted token with a stray accent ends here.
            complaint = TokenRejected(self._gateway, "the token holds characters that no token has")
        raise complaint

    async def _with_retries(self, request: httpx.Request, label: str, accept: Collection[int]) -> ApiResponse:
        limits = self._retries
        async for attempt in stamina.retry_context(
            on=self._wait_before_retry,
            attempts=limits.attempts,
            timeout=None,  # the time budget bounds all attempts together
            wait_initial=limits.wait_initial,
            wait_max=limits.wait_max,
            wait_jitter=limits.wait_jitter,
        ):
            with attempt:
                return await self._attempt(request, label, accept)
        raise AssertionError("unreachable: stamina raises the last failure")

    @staticmethod
    def _wait_before_retry(error: BaseException) -> bool | float:
        """Whether to try again, or after how many seconds exactly: what a rate limit asks for."""
        if not isinstance(error, GatewayUnavailable):
            return False
        if isinstance(error, GatewayRateLimited) and error.retry_after is not None:
            return error.retry_after if error.retry_after + _ENOUGH_TO_TRY < remaining() else False
        return remaining() > _ENOUGH_TO_TRY

    async def _attempt(self, request: httpx.Request, label: str, accept: Collection[int]) -> ApiResponse:
        async with self._queue.turn():
            return await self._ask(request, label, accept)

    async def _ask(self, request: httpx.Request, label: str, accept: Collection[int]) -> ApiResponse:
        started = time.monotonic()
        failure: str
        try:
            # httpx's own time-outs bound each read; this one bounds a body that drips byte by byte.
            async with async_timeout.timeout(self._retries.attempt_timeout):
                response = await self._client.send(request, stream=True)
                try:
                    content = await self._read(response)
                finally:
                    await response.aclose()
        except (asyncio.TimeoutError, httpx.TimeoutException):
            failure = "no complete answer in time"
        except TooLarge:
            raise GatewayProtocolError(self._gateway, f"{label}: a body of more than 2 MB") from None
        except httpx.DecodingError:
            raise GatewayProtocolError(self._gateway, f"{label}: a body that cannot be decompressed") from None
        except httpx.HTTPError as error:
            failure = f"the connection failed ({type(error).__name__})"
        except (OSError, ValueError) as error:
            # OSError: a ca_file that vanished or is no certificate. ValueError: what anyio raises, on Python 3.10, from
            # a connect that was cancelled before its first attempt had failed.
            failure = f"the connection could not be made ({type(error).__name__})"
        else:
            elapsed = (time.monotonic() - started) * 1000
            logger.debug("%s: %s: HTTP %d in %.0f ms", self._gateway, label, response.status_code, elapsed)
            body = await exact_json.parse_beside(content, self._decode)
            if response.is_success or response.status_code in accept:
                return ApiResponse(
                    self._gateway, label, response.status_code, content, body, _cookies(response.headers)
                )
            self._refuse(response, label, body)
        # Raised out here so that the library's exception, which holds the request, is not chained to this one.
        raise GatewayUnavailable(self._gateway, f"{label}: {failure}")

    @staticmethod
    async def _read(response: httpx.Response) -> bytes:
        try:
            return await response.aread()
        except httpx.HTTPError:
            if response.is_success:
                raise
            return b""  # a refusal is told by its status, whatever became of its body

    def _refuse(self, response: httpx.Response, label: str, body: object) -> NoReturn:
        status = response.status_code
        reason = self._explain(status, None if body is exact_json.NOT_JSON else body)
        message = f"{label}: HTTP {status}" + (f" ({reason})" if reason else "")
        if status == 429:
            raise GatewayRateLimited(self._gateway, message, retry_after(response.headers))
        if status >= 500:
            raise GatewayUnavailable(self._gateway, message)
        if status in {401, 403}:
            raise TokenRejected(self._gateway, message)
        if response.is_redirect:
            message += ", a redirect; is the base_url right?"
        raise GatewayProtocolError(self._gateway, message)


def _cookies(headers: httpx.Headers) -> dict[str, str]:
    pairs = (line.split(";")[0].partition("=") for line in headers.get_list("set-cookie"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a 429 asks to wait: `Retry-After` (seconds or a date), else `RateLimit-Reset` (seconds).

    >>> retry_after({"retry-after": "3"}), retry_after({"ratelimit-reset": "1.5"}), retry_after({"retry-after": "soon"})
    (3.0, 1.5, None)
    >>> retry_after({"retry-after": "Mon, 23 Nov 2026 12:00:09 GMT", "date": "Mon, 23 Nov 2026 12:00:04 GMT"})
    5.0
    """
    for name in ("retry-after", "ratelimit-reset"):
        written = headers.get(name, "").strip()
        try:
            seconds = float(written)
        except ValueError:
            continue
        return max(0.0, seconds) if seconds == seconds else None
    try:
        # Against the gateway's own clock, so that a wrong one on either side does no harm.
        moment = parsedate_to_datetime(headers.get("retry-after", ""))
        return max(0.0, (moment - parsedate_to_datetime(headers.get("date", ""))).total_seconds())
    except (TypeError, ValueError, IndexError):
        return None
