"""The action server's endpoint, for turns that wait a little for it.

An action server that dies, or is started anew, takes seconds. Rasa gives such an action up at once, and the customer
reads an apology. Here the call is made again for a while: by another action server, when several stand behind the
address, or by the same one when it is back. An action is told the message's id, so what it did before it died is not
done twice.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

logger = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds from the first failure on. A turn has twenty."""
_PAUSE = 0.25
_NOBODY_THERE = frozenset({502, 503})
"""What a balancer answers when it finds no action server. An action that fails answers 500, and is not called again."""


class PatientEndpoint(EndpointConfig):
    """That endpoint, called as it would be; `patience` in seconds."""

    def __init__(self, endpoint: EndpointConfig, patience: float = PATIENCE) -> None:
        super().__init__(endpoint.url)
        self._endpoint = endpoint
        self._patience = patience

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """As the endpoint's own; it raises what the last call raised."""
        until: float | None = None
        while True:
            try:
                return await self._endpoint.request(*args, **kwargs)
            except (aiohttp.ClientConnectionError, ClientResponseError) as error:
                if isinstance(error, ClientResponseError) and error.status not in _NOBODY_THERE:
                    raise
                now = time.monotonic()
                until = until or now + self._patience
                if now + _PAUSE > until:
                    raise
                logger.warning("the action server is not there (%s); it is called again", type(error).__name__)
            await asyncio.sleep(_PAUSE)
