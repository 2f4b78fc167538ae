"""How Twilio calls a webhook: the signature, the time-outs, the retries.

The signature is HMAC-SHA1, by the auth token, over the URL followed by every parameter and its value, sorted, blank
ones too. Time-outs and retries are Twilio's defaults (5 s to connect, 15 s in all, one retry when no connection came
about), or those that the URL's fragment asks for: `#ct=&rt=&tt=&rc=&rp=`, which is not sent.
Source: twilio.com/docs/usage/webhooks, webhooks-security and webhooks-connection-overrides.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag

import httpx


def signature(token: str, url: str, parameters: Mapping[str, str]) -> str:
    """What Twilio puts into `X-Twilio-Signature`."""
    signed = url + "".join(name + parameters[name] for name in sorted(parameters))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


@dataclass(frozen=True)
class Overrides:
    """Times are in seconds. `retry_on` is the set of what is tried again: ct, rt, 4xx, 5xx."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})

    @classmethod
    def of(cls, fragment: str) -> Overrides:
        """Read a URL's fragment; what it does not name, or names out of range, is the default.

        >>> Overrides.of("rc=3&rp=5xx,ct&rt=1000").retries
        3
        """
        told = dict(parse_qsl(fragment))

        def seconds(name: str, least: int, most: int, default: float) -> float:
            text = told.get(name, "")
            return int(text) / 1000 if text.isdigit() and least <= int(text) <= most else default

        count = told.get("rc", "")
        policy = frozenset(told.get("rp", "ct").split(","))
        return cls(
            connect=seconds("ct", 100, 10_000, cls.connect),
            read=seconds("rt", 100, 15_000, cls.read),
            total=seconds("tt", 100, 15_000, cls.total),
            retries=int(count) if count.isdigit() and int(count) <= 5 else cls.retries,
            retry_on=frozenset({"ct", "rt", "4xx", "5xx"}) if "all" in policy else policy,
        )


@dataclass(frozen=True)
class Answered:
    """How the last attempt ended: an HTTP status, or the error of Twilio's debugger."""

    status: int | None
    error: int | None
    attempts: int
    milliseconds: int

    @property
    def accepted(self) -> bool:
        return self.error is None


async def call(client: httpx.AsyncClient, token: str, url: str, parameters: Mapping[str, str]) -> Answered:
    """POST a signed form to a webhook, again where Twilio would; never raises."""
    address, fragment = urldefrag(url)
    limits = Overrides.of(fragment)
    headers = {
        "X-Twilio-Signature": signature(token, address, parameters),
        "I-Twilio-Idempotency-Token": secrets.token_hex(16),
        "User-Agent": "TwilioProxy/1.1",
        "Accept": "*/*",
    }
    began = time.monotonic()
    attempts, status, error, failed = 0, None, None, "ct"
    while attempts == 0 or (attempts <= limits.retries and failed in limits.retry_on):
        left = limits.total - (time.monotonic() - began)
        if left <= 0:
            break
        attempts += 1
        status, error, failed = await _attempt(client, address, parameters, headers, limits, left)
        if error is None:
            break
    return Answered(status, error, attempts, round((time.monotonic() - began) * 1000))


async def _attempt(
    client: httpx.AsyncClient,
    url: str,
    parameters: Mapping[str, str],
    headers: Mapping[str, str],
    limits: Overrides,
    left: float,
) -> tuple[int | None, int | None, str]:
    """Status, error of the debugger, and which kind of failure that is to a retry policy."""
    timeout = httpx.Timeout(min(limits.read, left), connect=min(limits.connect, left))
    try:
        answer = await client.post(url, data=dict(parameters), headers=dict(headers), timeout=timeout)
    except (httpx.ConnectError, httpx.ConnectTimeout):
        return None, 11205, "ct"
    except httpx.HTTPError:
        return None, 11205, "rt"
    if answer.status_code < 400:
        return answer.status_code, None, ""
    return answer.status_code, 11200, "4xx" if answer.status_code < 500 else "5xx"
