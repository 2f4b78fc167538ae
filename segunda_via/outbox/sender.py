"""Sends what turns have queued: in order per conversation, each once the one before was accepted and is on its way.

What Twilio accepted is written down before anything else. An attempt that may have arrived (a time-out, a crash) is
looked for at Twilio before it is repeated. What was not sent after half an hour is not sent any more.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from segunda_via.media.links import MediaLinks
from segunda_via.outbox.finishing import Finishing
from segunda_via.outbox.lanes import Entry
from segunda_via.outbox.steps import RANKS, Sent, Steps
from segunda_via.outbox.twilio_client import Accepted, Refused, TwilioClient
from segunda_via.outbox.twilio_errors import Reach, meaning
from segunda_via.outbox.worker import Done, Fail, Retry, Verdict, backoff
from segunda_via.settings.whatsapp import WhatsApp

logger = logging.getLogger(__name__)

LATEST = timedelta(minutes=30)
"""A message older than this is of no use any more."""

ON_ITS_WAY = 2.0
"""Seconds to wait for Twilio's `sent` before the next message goes out."""

_LONGEST_BACKOFF = 30.0
_ACCOUNT_BACKOFF = timedelta(seconds=30)


class Sender:
    """The handler of the outbox's worker. `number(company)` is the WhatsApp number in force, if there is one."""

    def __init__(
        self,
        *,
        steps: Steps,
        finishing: Finishing,
        twilio: TwilioClient,
        links: MediaLinks,
        number: Callable[[str], WhatsApp | None],
        public_url: Callable[[WhatsApp], str],
        now: Callable[[], datetime],
        on_its_way: float = ON_ITS_WAY,
    ) -> None:
        self._steps = steps
        self._finishing = finishing
        self._twilio = twilio
        self._links = links
        self._number = number
        self._public_url = public_url
        self._now = now
        self._on_its_way = on_its_way
        self._heard: dict[str, asyncio.Event] = {}

    async def __call__(self, entry: Entry) -> Verdict:
        step = await asyncio.to_thread(self._steps.open, entry)
        if step.sid is not None:
            return await self._after(entry, step.sid, wait=False)
        if await self._stopped(step):
            return Fail("not sent: an earlier message of the turn failed")
        if self._now() - entry.created_at > LATEST:
            return await self._give_up(step, step.error or "expired", "não pôde ser enviada em 30 minutos")
        number = await asyncio.to_thread(self._number, entry.company)
        if number is None:
            return Retry(_ACCOUNT_BACKOFF)
        form = self._form(entry, number)
        if entry.attempts > 1 and step.clear_attempts != entry.attempts - 1:
            found = await self._twilio.find(number, form, entry.created_at)
            if found is None:
                return Retry(backoff(entry.attempts, _LONGEST_BACKOFF))
            known = await asyncio.to_thread(self._steps.known, found)
            if earlier := [sid for sid in found if sid not in known]:
                return await self._accepted(entry, earlier[0])
        outcome = await self._twilio.send(number, form)
        if isinstance(outcome, Accepted):
            return await self._accepted(entry, outcome.sid)
        return await self._refused(entry, step, outcome)

    def told(self, sid: str) -> None:
        """A callback about that message came. From the loop's own thread."""
        if event := self._heard.get(sid):
            event.set()

    async def status(self, sid: str, status: str, error: str | None) -> None:
        """Twilio's callback: keep it, and when a message of a delivery failed after all, hand its ticket over."""
        new = await asyncio.to_thread(self._steps.tell, sid, status, error)
        self.told(sid)
        if new or status in {"failed", "undelivered"}:
            step = await asyncio.to_thread(self._steps.by_sid, sid)
            if step is not None:
                await self._judge(step)

    async def _accepted(self, entry: Entry, sid: str) -> Verdict:
        await asyncio.to_thread(self._steps.accepted, entry.key, sid)
        return await self._after(entry, sid, wait=True)

    async def _after(self, entry: Entry, sid: str, *, wait: bool) -> Verdict:
        ordinal = int(entry.payload.get("ordinal", 0))
        step = await asyncio.to_thread(self._steps.open, entry)
        if not await self._judge(step):
            await asyncio.to_thread(self._finishing.accepted, entry.company, entry.batch, ordinal)
        if wait:
            await self._wait_until_on_its_way(sid)
        return Done(sid)

    async def _judge(self, step: Sent) -> bool:
        """Whether the accepted message is known to have failed; then its delivery is handed over."""
        status = await asyncio.to_thread(self._steps.status, step.sid or "")
        if status is None or not status.failed:
            return False
        code = int(status.error) if status.error and status.error.isdigit() else None
        why = meaning(code).text if code else "a Twilio não disse por quê"
        logger.warning("a message was not delivered: %s (%s)", why, code)
        why = f"{why} ({code})" if code else why
        await asyncio.to_thread(self._finishing.failed, step.company, step.turn, step.ordinal, step.kind, why)
        return True

    async def _refused(self, entry: Entry, step: Sent, outcome: Refused) -> Verdict:
        error = str(outcome.code or "unavailable")
        if not outcome.ambiguous:
            await asyncio.to_thread(self._steps.refused, entry.key, entry.attempts, error)
        reach = outcome.meaning.reach
        logger.log(
            logging.ERROR if reach is Reach.ACCOUNT else logging.WARNING,
            "a message was refused: %s (%s)",
            outcome.meaning.text,
            error,
        )
        if reach is Reach.PASSING:
            wait = backoff(entry.attempts, _LONGEST_BACKOFF)
            return Retry(max(wait, timedelta(seconds=outcome.retry_after or 0)))
        if reach is Reach.ACCOUNT:
            return Retry(_ACCOUNT_BACKOFF)
        return await self._give_up(step, error, f"{outcome.meaning.text} ({error})")

    async def _give_up(self, step: Sent, error: str, why: str) -> Verdict:
        await asyncio.to_thread(self._finishing.failed, step.company, step.turn, step.ordinal, step.kind, why)
        await asyncio.to_thread(self._steps.refused, step.key, step.clear_attempts, error)
        return Fail(error)

    async def _stopped(self, step: Sent) -> bool:
        """Whether an earlier message of the turn showed that nothing reaches this customer now."""
        if step.ordinal == 0:
            return False
        earlier = await asyncio.to_thread(self._steps.of_turn, step.turn)
        return any(
            each.ordinal < step.ordinal
            and each.sid is None
            and each.error is not None
            and each.error.isdigit()
            and meaning(int(each.error)).reach is Reach.CUSTOMER
            for each in earlier
        )

    async def _wait_until_on_its_way(self, sid: str) -> None:
        limit = time.monotonic() + self._on_its_way
        event = self._heard.setdefault(sid, asyncio.Event())
        try:
            while (left := limit - time.monotonic()) > 0:
                status = await asyncio.to_thread(self._steps.status, sid)
                if status is not None and status.rank >= RANKS["sent"]:
                    return
                event.clear()
                try:
                    await asyncio.wait_for(event.wait(), min(left, 0.5))
                except asyncio.TimeoutError:
                    continue
        finally:
            self._heard.pop(sid, None)

    def _form(self, entry: Entry, number: WhatsApp) -> Mapping[str, str]:
        step: Mapping[str, Any] = entry.payload
        form = {"From": step.get("from") or number.number, "To": step["to"], "StatusCallback": number.status_url}
        if step["kind"] in {"image", "document"}:
            return {**form, "MediaUrl": self._links.renewed(step["url"], self._public_url(number))}
        if step["kind"] == "template":
            variables = json.dumps(step["variables"], ensure_ascii=False)
            return {**form, "ContentSid": step["template"], "ContentVariables": variables}
        return {**form, "Body": step["body"]}
