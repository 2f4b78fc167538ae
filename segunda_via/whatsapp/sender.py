"""Sends what turns have queued: in order per conversation, each once the one before was accepted and is on its way.

What Twilio accepted is written down before anything else. An attempt that may have arrived (a time-out, a crash) is
looked for at Twilio before it is repeated. What was not sent after half an hour is not sent any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Engine

from segunda_via.job_queue.group_commit import GroupCommit
from segunda_via.job_queue.job import Job
from segunda_via.job_queue.worker import Done, Fail, Retry, Verdict, backoff
from segunda_via.media.links import MediaLinks
from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.whatsapp.sent_messages import FAILED, RANKS, Callback, SentMessage, SentMessages, Status, rank
from segunda_via.whatsapp.ticket_completion import TicketCompletion
from segunda_via.whatsapp.twilio_client import TwilioAccepted, TwilioClient, TwilioRefused
from segunda_via.whatsapp.twilio_errors import Reach, meaning

logger = logging.getLogger(__name__)

LATEST = timedelta(minutes=30)
"""A message older than this is of no use any more."""

ON_ITS_WAY = 2.0
"""Seconds to wait for Twilio's `sent` before the next message goes out."""

_LOOK_AGAIN = 0.5
_LONGEST_BACKOFF = 30.0
_ACCOUNT_BACKOFF = timedelta(seconds=30)


class Sender:
    """The handler of the outbox's worker. `number(company)` is the WhatsApp number in force, if there is one."""

    def __init__(
        self,
        *,
        engine: Engine,
        sent_messages: SentMessages,
        completion: TicketCompletion,
        twilio: TwilioClient,
        links: MediaLinks,
        number: Callable[[str], WhatsAppNumber | None],
        now: Callable[[], datetime],
        on_its_way: float = ON_ITS_WAY,
    ) -> None:
        self._sent_messages = sent_messages
        self._completion = completion
        self._twilio = twilio
        self._links = links
        self._number = number
        self._now = now
        self._on_its_way = on_its_way
        self._heard: dict[str, asyncio.Event] = {}
        self._callbacks: GroupCommit[Callback] = GroupCommit(engine, sent_messages.tell, "callbacks")

    async def __call__(self, job: Job) -> Verdict:
        message, earlier, number = await asyncio.to_thread(self._look_up, job)
        if message.sid is not None:
            await asyncio.to_thread(self._settle, message)
            return Done(message.sid)
        if _in_vain(earlier):
            return Fail("not sent: an earlier message of the turn failed")
        if self._now() - job.created_at > LATEST:
            return await self._give_up(message, message.error or "expired", "não pôde ser enviada em 30 minutos")
        if number is None:
            return Retry(_ACCOUNT_BACKOFF)
        form = self._form(job, number)
        if job.attempts > 1 and message.clear_attempts != job.attempts - 1:
            found = await self._twilio.find(number, form, job.created_at)
            if found is None:
                return Retry(backoff(job.attempts, _LONGEST_BACKOFF))
            known = await asyncio.to_thread(self._sent_messages.known, found)
            if earlier_sids := [sid for sid in found if sid not in known]:
                return await self._accepted(message, earlier_sids[0])
        outcome = await self._twilio.send(number, form)
        if isinstance(outcome, TwilioRefused) and "ContentSid" in form and outcome.meaning.reach is Reach.MESSAGE:
            logger.error("a template was refused (%s); what it offers goes out as text", outcome.meaning.text)
            outcome = await self._twilio.send(number, self._as_text(form, job))
        if isinstance(outcome, TwilioAccepted):
            return await self._accepted(message, outcome.sid)
        return await self._refused(job, message, outcome)

    async def status(self, sid: str, status: str, error: str | None) -> None:
        """Twilio's callback: keep it, and when a message of a delivery failed after all, hand its ticket over."""
        await self._callbacks((sid, status, error))
        if rank(status) >= RANKS["sent"] and (event := self._heard.get(sid)):
            event.set()
        if status in FAILED:
            await asyncio.to_thread(self._failed_after_all, sid)

    def _look_up(self, job: Job) -> tuple[SentMessage, list[SentMessage], WhatsAppNumber | None]:
        """The message, those of its turn that came before it, and the number in force."""
        answers = self._sent_messages.answering(job.batch)
        message = next((each for each in answers if each.key == job.key), None) or SentMessage.new(job)
        return message, [each for each in answers if each.ordinal < message.ordinal], self._number(job.company)

    async def _accepted(self, message: SentMessage, sid: str) -> Verdict:
        heard = self._heard[sid] = asyncio.Event()
        try:
            status = await asyncio.to_thread(self._write_down, message, sid)
            if status is None or not status.on_its_way:
                await self._wait_until_on_its_way(sid, heard)
        finally:
            del self._heard[sid]
        return Done(sid)

    def _write_down(self, message: SentMessage, sid: str) -> Status | None:
        self._sent_messages.accepted(message, sid)
        return self._settle(replace(message, sid=sid))

    def _settle(self, message: SentMessage) -> Status | None:
        """What follows from acceptance: the ticket may be finished, unless the message is known to have failed."""
        status = self._sent_messages.status(message.sid or "")
        if status is not None and status.failed:
            self._hand_over(message, status)
        else:
            self._completion.accepted(message.company, message.message_id, message.ordinal)
        return status

    def _failed_after_all(self, sid: str) -> None:
        message, status = self._sent_messages.by_sid(sid), self._sent_messages.status(sid)
        if message is not None and status is not None and status.failed:
            self._hand_over(message, status)

    def _hand_over(self, message: SentMessage, status: Status) -> None:
        code = int(status.error) if status.error and status.error.isdigit() else None
        why = meaning(code).text if code else "a Twilio não disse por quê"
        logger.warning("a message was not delivered: %s (%s)", why, code)
        why = f"{why} ({code})" if code else why
        self._will_not_arrive(message, why)

    async def _refused(self, job: Job, message: SentMessage, outcome: TwilioRefused) -> Verdict:
        error = str(outcome.code or "unavailable")
        if not outcome.ambiguous:
            await asyncio.to_thread(self._sent_messages.refused, message, job.attempts, error)
        reach = outcome.meaning.reach
        logger.log(
            logging.ERROR if reach is Reach.ACCOUNT else logging.WARNING,
            "a message was refused: %s (%s)",
            outcome.meaning.text,
            error,
        )
        if reach is Reach.PASSING:
            wait = backoff(job.attempts, _LONGEST_BACKOFF)
            return Retry(max(wait, timedelta(seconds=outcome.retry_after or 0)))
        if reach is Reach.ACCOUNT:
            return Retry(_ACCOUNT_BACKOFF)
        return await self._give_up(message, error, f"{outcome.meaning.text} ({error})")

    async def _give_up(self, message: SentMessage, error: str, why: str) -> Verdict:
        await asyncio.to_thread(self._will_not_arrive, message, why)
        await asyncio.to_thread(self._sent_messages.refused, message, message.clear_attempts, error)
        return Fail(error)

    def _will_not_arrive(self, message: SentMessage, why: str) -> None:
        self._completion.failed(message.company, message.message_id, message.ordinal, message.kind, why)

    async def _wait_until_on_its_way(self, sid: str, heard: asyncio.Event) -> None:
        """Its callback is heard at once when it comes to this process, and looked for in case another has it."""
        limit = time.monotonic() + self._on_its_way
        while (left := limit - time.monotonic()) > 0:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(heard.wait(), min(left, _LOOK_AGAIN))
                return
            status = await asyncio.to_thread(self._sent_messages.status, sid)
            if status is not None and status.on_its_way:
                return

    def _form(self, job: Job, number: WhatsAppNumber) -> Mapping[str, str]:
        payload: Mapping[str, Any] = job.payload
        form = {"From": payload.get("from") or number.number, "To": payload["to"], "StatusCallback": number.status_url}
        if payload["kind"] in {"image", "document"}:
            return {**form, "MediaUrl": self._links.renewed(payload["url"], number.public_url)}
        if payload["kind"] == "template":
            variables = json.dumps(payload["variables"], ensure_ascii=False)
            return {**form, "ContentSid": payload["template"], "ContentVariables": variables}
        return {**form, "Body": payload["body"]}

    @staticmethod
    def _as_text(form: Mapping[str, str], job: Job) -> Mapping[str, str]:
        kept = {name: value for name, value in form.items() if not name.startswith("Content")}
        return {**kept, "Body": str(job.payload["body"])}


def _in_vain(earlier: list[SentMessage]) -> bool:
    """Whether an earlier message of the turn showed that nothing reaches this customer now."""
    refused = [each.error for each in earlier if each.sid is None and each.error]
    return any(error.isdigit() and meaning(int(error)).reach is Reach.CUSTOMER for error in refused)
