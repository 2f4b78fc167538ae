"""One job of the inbox becomes one turn of Rasa. Its answers are queued, and the job ended, in one transaction.

So a process that dies leaves a job that is taken again, and Rasa, which finds the message in its conversation, says the
same again. Whoever has lost the lease of a job writes nothing.

    Rasa is not there          tried again until it is, without a limit of tries; after 10 s the customer is told to
                               wait, after 10 min a person takes over
    the turn breaks            tried again; after three failures a person takes over, with an apology
    a message is no turn       a person takes over at once
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from segunda_via.app import App
from segunda_via.http.rasa_client import RasaUnavailable, Turn, TurnFailed, TurnRejected
from segunda_via.job_queue.job import Job
from segunda_via.job_queue.queue import JobQueue
from segunda_via.job_queue.worker import Done, Ended, Fail, Retry, Verdict, backoff
from segunda_via.server.admission import Admission, MeasuredRasa
from segunda_via.server.words import spoken
from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.whatsapp import replies, turn_request
from segunda_via.whatsapp.replies import ReplyWriter
from segunda_via.whatsapp.shown_choices import ShownChoices
from segunda_via.whatsapp.ticket_completion import TicketCompletion

logger = logging.getLogger(__name__)

T = TypeVar("T")

FAILURES = 3
"""Turns of one message that break before a person takes over."""
LONGEST_BACKOFF = 5.0
TOLD_TO_WAIT_AFTER = timedelta(seconds=10)
LOOKED_AT_FOR = timedelta(seconds=12)
"""A few looks of `reassure`, also of a server that was just started."""
HANDED_OVER_AFTER = timedelta(minutes=10)

ERROR = "utter_segunda_via_error"
FLOOD = "utter_segunda_via_slow_down"
HAND_OVER = "utter_segunda_via_hand_over"
WAIT = "utter_segunda_via_wait"


class Rasa(Protocol):
    """See `RasaClient`, whose exceptions count here."""

    async def run(self, turn: Turn, attempt: int) -> list[Mapping[str, Any]]: ...


class Tickets(Protocol):
    def hand_over(self, company: str, conversation_id: str, reason: str, summary: str) -> None: ...


class Inbox:
    """The handler of the inbox's worker.

    `words` gives the text of a response as operators edited it. `typing` shows that an answer is on its way, `queued`
    tells that one waits to be sent. `is_silenced` says whether people answer in that conversation.
    """

    def __init__(
        self,
        rasa: Rasa,
        *,
        engine: Engine,
        inbox: JobQueue,
        writer: ReplyWriter,
        choices: ShownChoices,
        completion: TicketCompletion,
        tickets: Tickets,
        is_silenced: Callable[[str, str], bool],
        number: Callable[[str], WhatsAppNumber | None],
        words: Callable[[str, str], str],
        now: Callable[[], datetime],
        typing: Callable[[str, str], Awaitable[None]],
        queued: Callable[[], None],
    ) -> None:
        self._rasa = rasa
        self._engine = engine
        self._inbox = inbox
        self._writer = writer
        self._choices = choices
        self._completion = completion
        self._tickets = tickets
        self._is_silenced = is_silenced
        self._number = number
        self._words = words
        self._now = now
        self._typing = typing
        self._queued = queued
        self._background: set[asyncio.Task[None]] = set()

    async def __call__(self, job: Job) -> Verdict:
        try:
            return await self._handle(job)
        except SQLAlchemyError as error:
            logger.error("a message of the inbox waits for the database (%s)", type(error).__name__)
            return Retry(backoff(job.attempts, LONGEST_BACKOFF))

    async def _handle(self, job: Job) -> Verdict:
        if not replies.is_on_whatsapp(job.ordering_key):
            return Fail("not a conversation on WhatsApp")
        if job.kind == "flood":
            return await self._in_a_thread(self._answer, job, "flood", FLOOD)
        if job.failures >= FAILURES:
            return await self._in_a_thread(self._hand_over, job, f"a mensagem falhou {FAILURES} vezes")
        offered = await asyncio.to_thread(self._choices.of, job.company, job.ordering_key)
        turn = turn_request.of(job, offered)
        if turn is None:
            return Done("nothing to answer")
        if job.kind == "message":
            self._start(self._typing(job.company, job.key))
        try:
            said = await self._rasa.run(turn, job.attempts)
        except RasaUnavailable as error:
            logger.warning("Rasa is not available: %s", error)
            return await self._in_a_thread(self._wait, job)
        except TurnFailed as error:
            logger.error("a turn failed: %s", error)
            await self._in_a_thread(self._tell_to_wait, job)
            return Retry(backoff(job.failures + 1, LONGEST_BACKOFF), failed=True)
        except TurnRejected as error:
            logger.error("Rasa does not take a message of the inbox for a turn: %s", error)
            return await self._in_a_thread(self._hand_over, job, "o assistente não entendeu o formato da mensagem")
        return await self._in_a_thread(self._queue, job, said, bool(offered))

    def _queue(self, job: Job, said: Sequence[Mapping[str, Any]], offered: bool) -> Verdict:
        found = replies.read(said, job.ordering_key, self._number(job.company))
        if not offered and not found.choices:
            found = replace(found, choices=None)  # there are none to be forgotten
        count = len(found.messages)
        marks = []
        if found.delivered is not None:
            marks = [self._completion.mark(job.company, job.ordering_key, job.key, found.delivered, count)]
        with self._engine.begin() as connection:
            if not self._inbox.done(job, f"{count} messages", connection):
                logger.warning("a message of the inbox was taken over by another process")
                return Ended()
            self._writer.put(connection, job.company, job.ordering_key, job.key, found)
            for mark in marks:
                mark(connection)
        if marks and not count:
            self._completion.nothing_to_send(job.company, job.key)
        return Ended()

    def _wait(self, job: Job) -> Verdict:
        """Until Rasa is back. Who waits for an answer is told so, and in the end is not left without one."""
        if job.kind == "message" and self._waited(job) > HANDED_OVER_AFTER:
            minutes = HANDED_OVER_AFTER.total_seconds() / 60
            return self._hand_over(job, f"o assistente ficou fora do ar por {minutes:.0f} minutos")
        self._tell_to_wait(job)
        return Retry(backoff(job.attempts, LONGEST_BACKOFF))

    async def reassure(self) -> None:
        """Tell everybody to wait whose message no worker has taken yet: here it waits for others, not for Rasa."""
        waiting = await asyncio.to_thread(self._inbox.not_taken_for, TOLD_TO_WAIT_AFTER, LOOKED_AT_FOR)
        for job in waiting:
            await self._in_a_thread(self._tell_to_wait, job)

    def _waited(self, job: Job) -> timedelta:
        return self._now() - job.due_at

    def _tell_to_wait(self, job: Job) -> None:
        """Once for each message, however often it is tried."""
        if job.kind != "message" or self._waited(job) <= TOLD_TO_WAIT_AFTER:
            return
        if self._is_silenced(job.company, job.ordering_key):
            return
        told = replies.texts([self._words(job.company, WAIT)], job.ordering_key)
        with self._engine.begin() as connection:
            self._writer.put(connection, job.company, job.ordering_key, f"{job.key}:wait", told)

    def _hand_over(self, job: Job, why: str) -> Verdict:
        """A person reads it. Where people answer already, nothing is said."""
        logger.error("a message of the inbox is handed over: no turn could be made of it")
        if self._is_silenced(job.company, job.ordering_key):
            return Done("people answer there")
        self._tickets.hand_over(job.company, job.ordering_key, "error", why)
        return self._answer(job, "handed over", ERROR, HAND_OVER)

    def _answer(self, job: Job, note: str, *responses: str) -> Verdict:
        """These responses in the place of a turn."""
        said = replies.texts([self._words(job.company, each) for each in responses], job.ordering_key)
        with self._engine.begin() as connection:
            if self._inbox.done(job, note, connection):
                self._writer.put(connection, job.company, job.ordering_key, job.key, said)
        return Ended()

    async def _in_a_thread(self, work: Callable[..., T], *arguments: object) -> T:
        """What may put something into the outbox."""
        result = await asyncio.to_thread(work, *arguments)
        self._queued()
        return result

    def _start(self, work: Awaitable[None]) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def handler(app: App, admission: Admission, queued: Callable[[], None]) -> Inbox:
    """The inbox of that App; `queued` is told that something waits to be sent."""
    return Inbox(
        MeasuredRasa(app.rasa_client, admission),
        engine=app.repeatable,
        inbox=app.whatsapp_inbox,
        writer=app.reply_writer,
        choices=app.shown_choices,
        completion=app.ticket_completion,
        tickets=app.tickets,
        is_silenced=app.human_takeover.is_silenced,
        number=app.whatsapp_number.get,
        words=partial(spoken, app),
        now=app.now,
        typing=app.typing_indicator.show,
        queued=queued,
    )
