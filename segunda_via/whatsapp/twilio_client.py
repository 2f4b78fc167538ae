"""Twilio's API over httpx: asynchronous, with time-outs, saying of each failure whether the call may have arrived."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from segunda_via.http import exact_json
from segunda_via.http.bounded_transport import BoundedTransport
from segunda_via.http.client import public_authorities, silence
from segunda_via.http.transport import HttpTransport
from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.whatsapp.twilio_errors import Meaning, Reach, meaning

PRODUCTION = "https://api.twilio.com"
MESSAGING = "https://messaging.twilio.com"
_TIMEOUT = httpx.Timeout(10.0, connect=5.0, pool=30.0)
_AT_ONCE = 20
"""Calls under way together: with answers in 200 ms, more than the 80 messages a second that a number may send. The rest
waits outside httpx, which looks through all that wait and all connections at every call."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True)
class TwilioAccepted:
    sid: str


@dataclass(frozen=True)
class TwilioRefused:
    """Twilio, or the way to it, said no. `ambiguous`: the message may have been accepted all the same."""

    code: int | None
    meaning: Meaning
    ambiguous: bool = False
    retry_after: float | None = None


def new_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    silence()  # URLs carry phone numbers
    limits = httpx.Limits(max_connections=_AT_ONCE, keepalive_expiry=60)
    bounded = BoundedTransport(transport or HttpTransport(verify=public_authorities(), limits=limits))
    return httpx.AsyncClient(transport=bounded, timeout=_TIMEOUT, trust_env=False)


class TwilioClient:
    def __init__(self, api_url: str, http: httpx.AsyncClient) -> None:
        self._api = api_url
        self._messaging = MESSAGING if api_url == PRODUCTION else api_url
        self._http = http
        self._line = asyncio.Semaphore(_AT_ONCE)

    async def send(self, number: WhatsAppNumber, form: Mapping[str, str]) -> TwilioAccepted | TwilioRefused:
        """Post one message."""
        try:
            async with self._line:
                answer = await self._http.post(self._messages(number), data=dict(form), auth=_auth(number))
        except httpx.HTTPError as error:
            text = f"a Twilio não respondeu ({type(error).__name__})"
            return TwilioRefused(None, Meaning(text, Reach.PASSING), ambiguous=not isinstance(error, _NOT_SENT))
        body = _json(answer)
        if answer.is_success and body.get("sid"):
            return TwilioAccepted(str(body["sid"]))
        code = body.get("code") if isinstance(body.get("code"), int) else None
        uncertain = answer.is_success or answer.status_code >= 500
        return TwilioRefused(code, meaning(code, answer.status_code), uncertain, _seconds(answer))

    async def find(self, number: WhatsAppNumber, form: Mapping[str, str], since: datetime) -> list[str] | None:
        """SIDs of messages like `form` that were made since then, oldest first; None when Twilio does not say."""
        asked = {"To": form["To"], "From": form["From"], "PageSize": "50", "DateSent>": f"{since:%Y-%m-%d}"}
        try:
            async with self._line:
                answer = await self._http.get(self._messages(number), params=asked, auth=_auth(number))
        except httpx.HTTPError:
            return None
        if not answer.is_success:
            return None
        found = []
        for message in reversed(_json(answer).get("messages") or []):
            made = _moment(message.get("date_created"))
            if made is not None and made >= since - timedelta(seconds=5) and _alike(message, form):
                found.append(str(message["sid"]))
        return found

    async def typing(self, number: WhatsAppNumber, message_sid: str) -> bool:
        """Show "typing…" and mark the message read (a beta of Twilio's); False when it did not work.

        Not when messages wait to be sent: they are what the customer waits for.
        """
        if self._line.locked():
            return True
        url = f"{self._messaging}/v2/Indicators/Typing.json"
        try:
            data = {"messageId": message_sid, "channel": "whatsapp"}
            async with self._line:
                answer = await self._http.post(url, data=data, auth=_auth(number), timeout=3)
        except httpx.HTTPError:
            return False
        return answer.is_success

    async def get(self, number: WhatsAppNumber, path: str) -> httpx.Response:
        """A resource of the account, below /2010-04-01, or of the messaging service when it begins with /v2."""
        base = self._messaging if path.startswith("/v2") else f"{self._api}/2010-04-01"
        return await self._http.get(base + path, auth=_auth(number))

    def _messages(self, number: WhatsAppNumber) -> str:
        return f"{self._api}/2010-04-01/Accounts/{number.account_sid}/Messages.json"


def _auth(number: WhatsAppNumber) -> httpx.BasicAuth:
    return httpx.BasicAuth(number.account_sid, number.auth_token)


def _alike(message: Mapping[str, Any], form: Mapping[str, str]) -> bool:
    if message.get("direction") == "inbound":
        return False
    if form.get("MediaUrl"):
        return str(message.get("num_media", "0")) not in {"", "0"}
    if form.get("ContentSid"):
        return False  # its body is not known here
    return (message.get("body") or "") == form.get("Body", "")


def _json(answer: httpx.Response) -> dict[str, Any]:
    body = exact_json.parse(answer.content)
    return body if isinstance(body, dict) else {}


def _seconds(answer: httpx.Response) -> float | None:
    text = answer.headers.get("retry-after", "")
    return min(float(text), 300.0) if text.isdigit() else None


def _moment(text: object) -> datetime | None:
    try:
        return parsedate_to_datetime(str(text))
    except (TypeError, ValueError):
        return None
