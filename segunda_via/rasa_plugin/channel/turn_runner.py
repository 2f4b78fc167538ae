"""One job of the inbox becomes one turn of Rasa, and its messages are queued: once, whatever dies in between.

sealed already                      nothing more to do
taken for the fourth time           an apology, and a person
in Rasa's tracker, but not sealed   the process died in between: what was drafted is queued, the turn not run again
over 20 seconds                     given up with an apology
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from rasa.core.channels.channel import UserMessage

from segunda_via.job_queue.job import Job
from segunda_via.job_queue.worker import Done, Retry, Verdict, backoff
from segunda_via.rasa_plugin.channel.whatsapp_output import NAME, WhatsAppOutput, addresses
from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.whatsapp import buttons as choices
from segunda_via.whatsapp.inbound import Inbound
from segunda_via.whatsapp.reply_drafts import ReplyDrafts
from segunda_via.whatsapp.ticket_completion import TicketCompletion

logger = logging.getLogger(__name__)

LONGEST_TURN = 20.0
TRIES = 3
ERROR = "utter_segunda_via_error"
HAND_OVER = "utter_segunda_via_hand_over"
FLOOD = "utter_segunda_via_slow_down"
MEDIA_INTENT = "enviar_midia"
_PAYLOAD = re.compile(r"/([\w+\-]+)\s*(\{.*\})?", re.DOTALL)


class Rasa(Protocol):
    """What is needed of the Rasa server."""

    async def handle(self, message: UserMessage) -> None: ...

    async def has_seen(self, conversation: str, message_id: str) -> bool:
        """Whether the tracker holds that message: trackers are saved when a turn has ended."""

    async def words(self, response: str) -> str:
        """The text of a response, as operators edited it."""


class Tickets(Protocol):
    def hand_over(self, company: str, conversation_id: str, reason: str, summary: str) -> None: ...


class TurnRunner:
    """The handler of the inbox's worker. `typing(sid)` shows that an answer is on its way, `queued()` that one is."""

    def __init__(
        self,
        rasa: Rasa,
        *,
        turns: ReplyDrafts,
        finishing: TicketCompletion,
        tickets: Tickets,
        number: Callable[[str], WhatsAppNumber | None],
        now: Callable[[], datetime],
        typing: Callable[[str, str], Awaitable[None]],
        queued: Callable[[], None],
        longest: float = LONGEST_TURN,
    ) -> None:
        self._rasa = rasa
        self._turns = turns
        self._finishing = finishing
        self._tickets = tickets
        self._number = number
        self._now = now
        self._typing = typing
        self._queued = queued
        self._longest = longest
        self._background: set[asyncio.Task[None]] = set()

    async def __call__(self, job: Job) -> Verdict:
        if job.kind == "flood":
            await self._say_instead(job, FLOOD)
            return Done("flood")
        if job.attempts > TRIES:
            return await self._hand_over(job)
        if job.attempts > 1 and await self._rasa.has_seen(job.ordering_key, job.key):
            return await self._queue_what_was_said(job)
        run, number, shown = await asyncio.to_thread(self._begin, job)
        if run is None:
            return Done("sealed before")
        output = WhatsAppOutput(self._turns, job.company, job.key, run, number)
        message = _message(job, output, shown)
        if message is None:
            return Done("nothing to answer")
        if job.kind == "message":
            self._start(self._typing(job.company, job.key))
        try:
            in_time = await self._run(message)
        except Exception as error:
            output.closed = True
            logger.error("a turn failed with %s", type(error).__name__)
            return Retry(backoff(job.attempts, 5.0))
        if not in_time and not await self._rasa.has_seen(job.ordering_key, job.key):
            output.closed = True
            logger.error("a turn was given up after %.0f s", self._longest)
            await asyncio.to_thread(self._finishing.discard, job.company, job.key)
            await self._say_instead(job, ERROR)
            return Done("given up")
        return await self._seal(job, output)

    def _begin(self, job: Job) -> tuple[str | None, WhatsAppNumber | None, list[choices.ButtonChoice]]:
        """The token of the run, the number in force, and the choices that the customer was last offered."""
        run = self._turns.begin(job.company, job.ordering_key, job.key)
        if run is not None and job.attempts > 1:
            self._finishing.discard(job.company, job.key)
        shown = self._turns.shown(job.company, job.ordering_key)
        return (
            run,
            self._number(job.company),
            [choices.ButtonChoice(each["title"], each["payload"]) for each in shown],
        )

    async def _run(self, message: UserMessage) -> bool:
        """Whether the turn ended in time. One that does not end when it is cancelled is left behind."""
        task = asyncio.create_task(self._rasa.handle(message))
        try:
            done, _ = await asyncio.wait({task}, timeout=self._longest)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not done:
            task.cancel()  # Rasa's lock is freed on the way out
            await asyncio.wait({task}, timeout=2.0)
        if task.done() and not task.cancelled():
            error = task.exception()
            if error is not None:
                raise error
            return True
        return False

    async def _seal(self, job: Job, output: WhatsAppOutput) -> Verdict:
        return await self._sealed(job, await output.seal())

    async def _sealed(self, job: Job, count: int | None) -> Verdict:
        if count is None:
            return Done("taken over")
        if count == 0:  # a delivery that said nothing has nothing to wait for
            await asyncio.to_thread(self._finishing.accepted, job.company, job.key, -1)
        self._queued()
        return Done(f"{count} messages")

    async def _queue_what_was_said(self, job: Job) -> Verdict:
        def seal() -> int | None:
            run = self._turns.begin(job.company, job.ordering_key, job.key, keep=True)
            return None if run is None else self._turns.seal(job.key, run)

        return await self._sealed(job, await asyncio.to_thread(seal))

    async def _hand_over(self, job: Job) -> Verdict:
        """A message that broke every turn: a person reads it."""
        logger.error("a message of the inbox failed %d times and is handed over", TRIES)
        await asyncio.to_thread(self._finishing.discard, job.company, job.key)
        await asyncio.to_thread(
            self._tickets.hand_over, job.company, job.ordering_key, "error", f"a mensagem falhou {TRIES} vezes"
        )
        await self._say_instead(job, ERROR, HAND_OVER)
        return Done("handed over")

    async def _say_instead(self, job: Job, *responses: str) -> None:
        """These responses in the place of the turn's own messages."""
        number = await asyncio.to_thread(self._number, job.company)
        company, customer = addresses(job.ordering_key, number)
        said = [
            {"kind": "text", "body": await self._rasa.words(response), "from": company, "to": customer}
            for response in responses
        ]
        await asyncio.to_thread(self._turns.say, job.company, job.ordering_key, job.key, said)
        self._queued()

    def _start(self, work: Awaitable[None]) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _message(job: Job, output: WhatsAppOutput, offered: Sequence[choices.ButtonChoice]) -> UserMessage | None:
    """What Rasa is told; None for what names no intent and says nothing."""
    text: str
    if job.kind == "message":
        inbound = Inbound(**job.payload)
        text, parsed = _understand(inbound, offered)
        metadata = _metadata(inbound)
    else:
        intent = str(job.payload.get("intent") or "")
        if not intent:
            return None
        text, parsed = f"/{intent}", parse_data(f"/{intent}", intent, job.payload.get("entities") or {})
        told = dict(job.payload.get("metadata") or {})
        metadata = {**told, "message_sid": job.key, "outbox": True, "input": job.kind}
    return UserMessage(
        text, output, job.ordering_key, input_channel=NAME, message_id=job.key, metadata=metadata, parse_data=parsed
    )


def _understand(inbound: Inbound, offered: Sequence[choices.ButtonChoice]) -> tuple[str, dict[str, Any] | None]:
    """The words for the NLU; or, where there are none to be understood, what the message is."""
    choice = choices.chosen(inbound.text, inbound.choice, offered)
    if choice is not None:
        match = _PAYLOAD.fullmatch(choice.payload.strip())
        if match:
            return choice.title, parse_data(choice.title, match[1], _entities(match[2]))
        return choice.payload, None
    if inbound.text:
        return inbound.text, None
    return inbound.kind, parse_data(inbound.kind, MEDIA_INTENT, {})


def parse_data(text: str, intent: str, entities: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
    """What the NLU would have said, so that it is not asked."""
    if isinstance(entities, Mapping):
        entities = [
            {"entity": name, "value": value, "start": 0, "end": 0, "confidence": 1.0}
            for name, value in entities.items()
        ]
    certain = {"name": intent, "confidence": 1.0}
    return {"text": text, "intent": certain, "intent_ranking": [certain], "entities": list(entities)}


def _entities(text: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}


def _metadata(inbound: Inbound) -> dict[str, Any]:
    return {
        "message_sid": inbound.sid,
        "outbox": True,
        "input": inbound.kind,
        "to": inbound.to,
        "profile_name": inbound.profile_name,
        "wa_id": inbound.wa_id,
        "external_user_id": inbound.external_user_id,
    }
