"""The WhatsApp number at hand for a few seconds: it can be saved while the server runs, and is asked for often."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from segunda_via.settings.whatsapp import WhatsAppNumber

logger = logging.getLogger(__name__)

REMEMBERED = 5.0
"""Seconds that the settings are used before they are read again."""

_NEVER: tuple[float, WhatsAppNumber | None] = (float("-inf"), None)


class CachedWhatsAppNumber:
    """`read` reads the settings, and may wait for the database. When that fails, what was read before counts on."""

    def __init__(
        self, read: Callable[[str], WhatsAppNumber | None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._clock = clock
        self._known: dict[str, tuple[float, WhatsAppNumber | None]] = {}

    def __call__(self, company: str) -> WhatsAppNumber | None:
        """From a thread that may wait."""
        read_at, number = self._known.get(company, _NEVER)
        if self._clock() - read_at > REMEMBERED:
            if company in self._known:  # one call reads, those beside it go on with what was known
                self._known[company] = (self._clock(), number)
            try:
                number = self._read(company)
            except Exception as error:
                logger.error("the WhatsApp settings cannot be read (%s)", type(error).__name__)
            self._known[company] = (self._clock(), number)
        return number

    async def soon(self, company: str) -> WhatsAppNumber | None:
        """From the event loop, which does not wait."""
        read_at, number = self._known.get(company, _NEVER)
        if self._clock() - read_at <= REMEMBERED:
            return number
        return await asyncio.to_thread(self, company)
