"""Shows "typing…" where Twilio lets us."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Awaitable, Callable

from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.whatsapp.twilio_client import TwilioClient

PAUSE = 600.0
"""Seconds without indicators after Twilio refused one."""


class TypingIndicator:
    """`number(company)` is the WhatsApp number in force, if there is one."""

    def __init__(
        self,
        twilio: TwilioClient,
        number: Callable[[str], Awaitable[WhatsAppNumber | None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._twilio = twilio
        self._number = number
        self._clock = clock
        self._again_at = float("-inf")

    async def show(self, company: str, message_id: str) -> None:
        """That an answer to that message is on its way; errors are ignored."""
        if self._clock() < self._again_at:
            return
        with contextlib.suppress(Exception):
            number = await self._number(company)
            if number is not None and not await self._twilio.typing(number, message_id):
                self._again_at = self._clock() + PAUSE
