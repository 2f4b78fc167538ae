"""Has Rasa run turns, over HTTP: the other side of `rasa_plugin/channel/turn_channel.py`.

What failed is told apart by what follows from it:

    RasaUnavailable   Rasa, or what it needs, is not there now: the same again, until it is back
    TurnFailed        Rasa ran the turn, and it broke or took too long: again, a few times
    TurnRejected      Rasa does not take this for a turn: never again
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from segunda_via.http.bounded_transport import BoundedTransport
from segunda_via.http.client import silence
from segunda_via.http.transport import HttpTransport

logger = logging.getLogger(__name__)

LONGEST_TURN = 20.0
"""Seconds that Rasa gives a turn. A job's lease outlasts them by far, and is renewed."""

CONNECTIONS = 128
"""More than turns are run at once: see `server/admission.py`."""

LOOP_LAG = "X-Event-Loop-Lag"
"""The header by which Rasa tells by how many seconds its event loop is late."""

_PATH = "/webhooks/segunda_via/turn"
_TIMEOUT = httpx.Timeout(LONGEST_TURN + 5.0, connect=3.0)
_STATUS_SECONDS = 3.0

Message = Mapping[str, Any]
"""What Rasa said: see `rasa_plugin/channel/turn.py`."""


class RasaUnavailable(Exception):
    """No turn could be run; whether it was run all the same is not known. The text holds nothing of the turn."""


class TurnFailed(Exception):
    """The turn broke, or took too long."""


class TurnRejected(Exception):
    """What was asked for is no turn to Rasa."""


@dataclass(frozen=True)
class Turn:
    """The customer's `text`, or what it means when that is known already: an `intent` and its `entities`.

    `attempt` above 1 says that this turn may have been run: Rasa then looks for the message before it runs it.
    """

    conversation_id: str
    message_id: str
    text: str = field(default="", repr=False)
    intent: str | None = None
    entities: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def as_json(self, attempt: int) -> Mapping[str, Any]:
        return {**vars(self), "entities": list(self.entities), "attempt": attempt}


def new_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Kept alive, and without the environment's proxies: Rasa stands on this machine or in its network."""
    silence()
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=30)
    bounded = BoundedTransport(transport or HttpTransport(limits=limits))
    return httpx.AsyncClient(transport=bounded, timeout=_TIMEOUT, trust_env=False, follow_redirects=False)


class RasaClient:
    """`secret` is what the turn channel demands."""

    def __init__(self, url: str, secret: str, http: httpx.AsyncClient) -> None:
        self._url = url.rstrip("/") + _PATH
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._http = http
        self.loop_lag = 0.0
        """Seconds by which Rasa's event loop was late when it answered last."""

    async def run(self, turn: Turn, attempt: int) -> list[Message]:
        """What was said in it, in order; the same when it is asked for again."""
        try:
            response = await self._http.post(self._url, json=turn.as_json(attempt), headers=self._headers)
        except httpx.HTTPError as error:
            raise RasaUnavailable(type(error).__name__) from None
        self.loop_lag = _seconds(response.headers.get(LOOP_LAG))
        if response.status_code != httpx.codes.OK:
            raise _failure(response.status_code)
        try:
            messages = response.json()["messages"]
        except (ValueError, KeyError, TypeError):
            messages = None
        if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
            raise RasaUnavailable("an answer that is none of Rasa's")
        return messages

    async def status(self) -> str | None:
        """Why Rasa cannot run a turn now, in a few words; None when it can."""
        try:
            response = await self._http.get(self._url, headers=self._headers, timeout=_STATUS_SECONDS)
        except httpx.HTTPError as error:
            return f"unreachable ({type(error).__name__})"
        if response.status_code == httpx.codes.OK:
            return None
        if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return "no model is loaded"
        return str(_failure(response.status_code))


def _seconds(header: str | None) -> float:
    try:
        return float(header or 0)
    except ValueError:
        return 0.0


def _failure(status: int) -> Exception:
    """What that status of the turn channel means; what only a person can mend is told in the log."""
    if status == httpx.codes.UNAUTHORIZED:
        logger.error(
            "Rasa refused the secret of the turn channel: SEGUNDA_VIA_TURN_SECRET, or SEGUNDA_VIA_SECRET_KEY from "
            "which it derives, must be the same for Rasa and for the public server. No message is answered until then"
        )
        return RasaUnavailable("the secret was refused")
    if status == httpx.codes.NOT_FOUND:
        logger.error("what answers at SEGUNDA_VIA_RASA_URL has no turn channel: is it named in Rasa's credentials.yml?")
        return RasaUnavailable("no turn channel")
    if status in (httpx.codes.INTERNAL_SERVER_ERROR, httpx.codes.GATEWAY_TIMEOUT):
        return TurnFailed(f"status {status}")
    if status in (httpx.codes.BAD_REQUEST, httpx.codes.REQUEST_ENTITY_TOO_LARGE):
        return TurnRejected(f"status {status}")
    return RasaUnavailable(f"status {status}")
