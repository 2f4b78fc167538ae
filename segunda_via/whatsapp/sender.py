"""Sends what turns have queued: in order per conversation, each once the one before was accepted and is on its way.

A job is what one turn said. What Twilio accepted is written down before the next message goes, so that after a crash
one message alone is in doubt: it is looked for at Twilio before it is sent again. What was not sent after half an hour
is not sent any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Engine

from segunda_via.job_queue.group_commit import GroupCommit
from segunda_via.job_queue.job import Job
from segunda_via.job_queue.worker import Done, Ended, Fail, Retry, Verdict, backoff
from segunda_via.media.links import MediaLinks
from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.whatsapp.sent_messages import (
    DELIVERED,
    FAILED,
    MESSAGES,
    RANKS,
    Callback,
    SentMessage,
    SentMessages,
    Status,
    messages_of,
    rank,
)
from segunda_via.whatsapp.ticket_completion import TicketCompletion
from segunda_via.whatsapp.twilio_client import TwilioAccepted, TwilioClient, TwilioRefused
from segunda_via.whatsapp.twilio_errors import Reach, meaning

logger = logging.getLogger(__name__)

LATEST = timedelta(minutes=30)
"""A message older than this is of no use any more."""

ON_ITS_WAY = 2.0
"""Seconds to wait for Twilio's `sent` before the next message goes out."""

EXPIRED = "expired"
"""In the place of Twilio's code: a message could not be sent while it was of use."""

_IN_VAIN = "not sent: an earlier message of the turn failed"
_SURE = 15.0
"""Seconds for which a job is ours without a look: half of its lease, which a worker that runs renews before that."""
_LOOK_AGAIN = 0.5
_LONGEST_BACKOFF = 30.0
_ACCOUNT_BACKOFF = timedelta(seconds=30)


Message = Mapping[str, Any]


class Sender:
    """The handler of the outbox's worker, whose jobs are what a turn said. `number(company)` is the WhatsApp number in
    force, if there is one; `holds(job)` whether the job is still ours, for at least a lease's time.
    """

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
        holds: Callable[[Job], bool],
        on_its_way: float = ON_ITS_WAY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sent_messages = sent_messages
        self._completion = completion
        self._twilio = twilio
        self._links = links
        self._number = number
        self._now = now
        self._holds = holds
        self._on_its_way = on_its_way
        self._clock = clock
        self._heard: dict[str, asyncio.Event] = {}
        self._callbacks: GroupCommit[Callback] = GroupCommit(engine, sent_messages.tell, "callbacks")

    async def __call__(self, job: Job) -> Verdict:
        """Message after message. What an earlier attempt did is known; the first message that it did not write down may
        have been sent all the same.
        """
        messages, number = await asyncio.to_thread(self._look_up, job)
        unsure, began = job.attempts > 1, self._clock()
        for place, (message, content) in enumerate(messages):
            if message.sid is not None:
                continue
            if message.is_given_up:
                if _nothing_reaches_them(message):
                    return Fail(_IN_VAIN)
                continue
            if self._clock() - began > _SURE and not await asyncio.to_thread(self._holds, job):
                return Ended()
            began = self._clock()
            after = await self._send(job, message, content, number, unsure=unsure)
            if isinstance(after, (Retry, Fail)):
                await asyncio.to_thread(self._settle, job, [each for each, _ in messages])
                return after
            messages[place], unsure = (after, content), False
        await asyncio.to_thread(self._settle, job, [each for each, _ in messages])
        return Done(f"{sum(each.sid is not None for each, _ in messages)} of {len(messages)} sent")

    async def status(self, sid: str, status: str, error: str | None) -> None:
        """Twilio's callback: keep it, and when a message of a delivery failed after all, hand its ticket over."""
        await self._callbacks((sid, status, error))
        if rank(status) >= RANKS["sent"] and (event := self._heard.get(sid)):
            event.set()
        if status in FAILED:
            await asyncio.to_thread(self._failed_after_all, sid)

    def _look_up(self, job: Job) -> tuple[list[tuple[SentMessage, Message]], WhatsAppNumber | None]:
        """The messages, as far as each is known already, and the number in force."""
        known = {each.ordinal: each for each in self._sent_messages.answering(job.batch)} if _is_known(job) else {}
        return [
            (known.get(ordinal) or SentMessage.new(job, ordinal, str(content["kind"])), content)
            for ordinal, content in messages_of(job)
        ], self._number(job.company)

    async def _send(
        self, job: Job, message: SentMessage, content: Message, number: WhatsAppNumber | None, *, unsure: bool
    ) -> SentMessage | Retry | Fail:
        """The message as it is known now, so that the next one may go; or why that may not."""
        if self._now() - job.created_at > LATEST:
            return await self._give_up(message, message.error or EXPIRED, "não pôde ser enviada em 30 minutos")
        if number is None:
            return Retry(_ACCOUNT_BACKOFF)
        form = self._form(content, number)
        if unsure and message.clear_attempts != job.attempts - 1:
            found = await self._twilio.find(number, form, job.created_at)
            if found is None:
                return Retry(backoff(job.attempts, _LONGEST_BACKOFF))
            known = await asyncio.to_thread(self._sent_messages.known, found)
            if earlier_sids := [sid for sid in found if sid not in known]:
                return await self._accepted(message, earlier_sids[0])
        outcome = await self._twilio.send(number, form)
        if isinstance(outcome, TwilioRefused) and "ContentSid" in form and outcome.meaning.reach is Reach.MESSAGE:
            logger.error("a template was refused (%s); what it offers goes out as text", outcome.meaning.text)
            outcome = await self._twilio.send(number, self._as_text(form, content))
        if isinstance(outcome, TwilioAccepted):
            return await self._accepted(message, outcome.sid)
        return await self._refused(job, message, outcome)

    async def _accepted(self, message: SentMessage, sid: str) -> SentMessage:
        heard = self._heard[sid] = asyncio.Event()
        try:
            await asyncio.to_thread(self._sent_messages.accepted, message, sid)
            await self._wait_until_on_its_way(sid, heard)
        finally:
            del self._heard[sid]
        return replace(message, sid=sid)

    def _settle(self, job: Job, messages: Sequence[SentMessage]) -> None:
        """What follows from what Twilio accepted. With a delivery's last message its ticket is finished, unless one is
        known to have failed: before it was written down, its callback found nothing.
        """
        accepted = {each.sid: each for each in messages if each.sid is not None}
        if not accepted:
            return
        failed = self._sent_messages.failed(list(accepted))
        for sid, status in failed.items():
            self._hand_over(accepted[sid], status)
        last = messages[-1]
        if job.payload.get(DELIVERED, True) and last.sid is not None and last.sid not in failed:
            self._completion.accepted(last.company, last.message_id, last.ordinal)

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

    async def _refused(self, job: Job, message: SentMessage, outcome: TwilioRefused) -> SentMessage | Retry | Fail:
        error, reach = str(outcome.code or "unavailable"), outcome.meaning.reach
        logger.log(
            logging.ERROR if reach is Reach.ACCOUNT else logging.WARNING,
            "a message was refused: %s (%s)",
            outcome.meaning.text,
            error,
        )
        if reach in (Reach.MESSAGE, Reach.CUSTOMER):
            given_up = await self._give_up(message, error, f"{outcome.meaning.text} ({error})")
            return given_up if reach is Reach.CUSTOMER else message
        if not outcome.ambiguous:
            await asyncio.to_thread(self._sent_messages.refused, message, job.attempts, error)
        if reach is Reach.ACCOUNT:
            return Retry(_ACCOUNT_BACKOFF)
        return Retry(max(backoff(job.attempts, _LONGEST_BACKOFF), timedelta(seconds=outcome.retry_after or 0)))

    async def _give_up(self, message: SentMessage, error: str, why: str) -> Fail:
        await asyncio.to_thread(self._will_not_arrive, message, why)
        await asyncio.to_thread(self._sent_messages.given_up, message, error)
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

    def _form(self, content: Message, number: WhatsAppNumber) -> Mapping[str, str]:
        form = {"From": content.get("from") or number.number, "To": content["to"], "StatusCallback": number.status_url}
        if content["kind"] in {"image", "document"}:
            return {**form, "MediaUrl": self._links.renewed(content["url"], number.public_url)}
        if content["kind"] == "template":
            variables = json.dumps(content["variables"], ensure_ascii=False)
            return {**form, "ContentSid": content["template"], "ContentVariables": variables}
        return {**form, "Body": content["body"]}

    @staticmethod
    def _as_text(form: Mapping[str, str], content: Message) -> Mapping[str, str]:
        kept = {name: value for name, value in form.items() if not name.startswith("Content")}
        return {**kept, "Body": str(content["body"])}


def _is_known(job: Job) -> bool:
    """Whether something may have become of its messages, or of those before it: it was tried, or an older version put
    it, whose jobs were a message each.
    """
    return job.attempts > 1 or MESSAGES not in job.payload


def _nothing_reaches_them(message: SentMessage) -> bool:
    """Whether it showed that nothing reaches this customer now."""
    error = message.error or ""
    return error.isdigit() and meaning(int(error)).reach is Reach.CUSTOMER
