"""One inbox entry, one turn: what happens when it is slow, breaks, or the process died in its middle."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from rasa.core.channels.channel import UserMessage
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from segunda_via.app import App
from segunda_via.boletos.outcome import Outcome
from segunda_via.job_queue.job import Job
from segunda_via.job_queue.worker import Done, Retry, Verdict
from segunda_via.rasa_plugin.channel.turn_runner import TurnRunner
from segunda_via.rasa_plugin.channel.whatsapp_output import WhatsAppOutput, WhatsAppPush
from segunda_via.settings.environment import Environment
from segunda_via.whatsapp.reply_drafts import ReplyDrafts
from segunda_via.whatsapp.ticket_completion import finishing

CONVERSATION_ID = "whatsapp:+14155238886:whatsapp:+5547999990001"
MESSAGE_ID = "SM" + "0" * 32
INBOUND = {
    "sid": MESSAGE_ID,
    "sender": "whatsapp:+5547999990001",
    "to": "whatsapp:+14155238886",
    "kind": "text",
    "text": "oi",
}


class Rasa:
    def __init__(self, script: Callable[[UserMessage], Awaitable[None]]) -> None:
        self.script = script
        self.turns = 0
        self.tracker: set[str] = set()

    async def handle(self, message: UserMessage) -> None:
        self.turns += 1
        await self.script(message)
        self.tracker.add(message.message_id)

    async def has_seen(self, conversation: str, message_id: str) -> bool:
        return message_id in self.tracker

    async def words(self, response: str) -> str:
        return response


async def says(message: UserMessage, *texts: str) -> None:
    for text in texts:
        await message.output_channel.send_text_message(message.sender_id, text)


class OneMessage:
    """A customer's message in the inbox, and what becomes of it."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.moment = datetime.now(timezone.utc)
        self.app = App(Environment(secret_key=Fernet.generate_key().decode()), now=lambda: self.moment, home=folder)
        self.app.__dict__["engine"] = engine
        self.rasa = Rasa(lambda message: says(message, "um", "dois"))
        self.app.inbox.put(CONVERSATION_ID, MESSAGE_ID, "message", INBOUND)

    def take(self) -> Job:
        self.moment += timedelta(seconds=60)
        (entry,) = self.app.whatsapp_inbox.take("test")
        return entry

    async def run(self, entry: Job | None = None) -> Verdict:
        async def typing(company: str, sid: str) -> None:
            return None

        runner = TurnRunner(
            self.rasa,
            turns=self.app.reply_drafts,
            finishing=self.app.ticket_completion,
            tickets=self.app.tickets,
            number=lambda company: None,
            now=lambda: self.moment,
            typing=typing,
            queued=lambda: None,
            longest=0.3,
        )
        return await runner(entry or self.take())

    def queued(self) -> list[str]:
        bodies = []
        while taken := self.app.outbox.take("reader"):
            bodies += [str(entry.payload["body"]) for entry in taken]
            for entry in taken:
                self.app.outbox.done(entry)
        return bodies


@pytest.fixture
def inbound(engine: Engine, tmp_path: Path) -> OneMessage:
    return OneMessage(engine, tmp_path)


async def test_a_turn_queues_what_it_said(inbound: OneMessage) -> None:
    assert await inbound.run() == Done("2 messages")
    assert inbound.queued() == ["um", "dois"]


async def test_a_death_before_the_tracker_was_saved_runs_the_turn_anew(inbound: OneMessage) -> None:
    died = asyncio.Event()

    async def dies(message: UserMessage) -> None:
        await says(message, "de antes")
        died.set()
        await asyncio.sleep(60)

    inbound.rasa.script = dies
    turn = asyncio.create_task(inbound.run())
    await died.wait()
    turn.cancel()
    await asyncio.gather(turn, return_exceptions=True)
    inbound.rasa.script = lambda message: says(message, "novo")
    await inbound.run()
    assert inbound.queued() == ["novo"]


async def test_a_death_after_the_tracker_was_saved_queues_what_was_said(inbound: OneMessage) -> None:
    entry = inbound.take()
    run = inbound.app.reply_drafts.begin("default", CONVERSATION_ID, MESSAGE_ID)
    assert run is not None
    assert inbound.app.reply_drafts.draft(MESSAGE_ID, run, [{"kind": "text", "body": "dito", "to": "x", "from": "y"}])
    inbound.rasa.tracker.add(MESSAGE_ID)
    assert entry.attempts == 1
    assert await inbound.run() == Done("1 messages")
    assert (inbound.rasa.turns, inbound.queued()) == (0, ["dito"])


async def test_a_death_after_the_queueing_changes_nothing(inbound: OneMessage) -> None:
    await inbound.run()
    inbound.rasa.tracker.clear()  # as if it had not been saved: what was queued counts all the same
    assert await inbound.run() == Done("sealed before")
    assert (inbound.rasa.turns, inbound.queued()) == (1, ["um", "dois"])


async def test_a_slow_turn_is_given_up_with_an_apology(inbound: OneMessage) -> None:
    heard: list[UserMessage] = []

    async def slow(message: UserMessage) -> None:
        heard.append(message)
        await says(message, "pela metade")
        inbound.app.ticket_completion._mark("default", CONVERSATION_ID, MESSAGE_ID, Outcome.OVERDUE)
        await asyncio.sleep(60)

    inbound.rasa.script = slow
    assert await inbound.run() == Done("given up")
    await says(heard[0], "tarde demais")
    assert inbound.queued() == ["utter_segunda_via_error"]
    with inbound.app.engine.connect() as connection:
        assert connection.execute(sa.select(finishing)).first() is None, "an apology finishes nothing"


async def test_what_always_breaks_goes_to_a_person_after_three_tries(inbound: OneMessage) -> None:
    async def breaks(message: UserMessage) -> None:
        await says(message, "pela metade")
        raise KeyError("broken")

    inbound.rasa.script = breaks
    for _ in range(3):
        entry = inbound.take()
        verdict = await inbound.run(entry)
        assert isinstance(verdict, Retry)
        inbound.app.inbox.retry(entry, verdict.after)
    assert await inbound.run() == Done("handed over")
    assert inbound.queued() == ["utter_segunda_via_error", "utter_segunda_via_hand_over"]
    (ticket,) = inbound.app.journal.recent("default")
    assert (ticket.status, ticket.reason) == ("handed_over", "error")


async def test_a_timer_is_a_turn_with_an_intent_and_no_words(inbound: OneMessage) -> None:
    assert inbound.app.inbox.cancel_kind(CONVERSATION_ID, "message") == 1
    inbound.app.inbox.put(CONVERSATION_ID, "timer-1", "timer", {"intent": "EXTERNAL_inactive"})
    inbound.app.inbox.put("shell", "timer-2", "timer", {"intent": "EXTERNAL_inactive"})
    heard: list[Any] = []

    async def listens(message: UserMessage) -> None:
        told = message.metadata
        heard.append((message.parse_data["intent"]["name"], told["message_sid"], told["outbox"]))

    inbound.rasa.script = listens
    await inbound.run()
    assert heard == [("EXTERNAL_inactive", "timer-1", True)]
    assert inbound.app.inbox.waiting()[0] == 2, "the shell's timer is not WhatsApp's"


async def test_what_cannot_be_said_or_kept_does_not_end_the_turn(inbound: OneMessage) -> None:
    broken = ReplyDrafts(
        sa.create_engine("sqlite:////nowhere/x.db"), inbound.app.keys, inbound.app.now, inbound.app.outbox
    )
    output = WhatsAppOutput(broken, "default", MESSAGE_ID, "run", None)
    await output.send_response(CONVERSATION_ID, {"text": "oi"})
    with pytest.raises(OperationalError):
        await output.seal()  # the turn's end tells, and the entry is tried again

    async def says_nonsense(message: UserMessage) -> None:
        for said in ({"text": "?", "buttons": ["Sim"]}, {"custom": {"x": 1}}, {"elements": [1]}, {"text": "fim"}):
            await message.output_channel.send_response(message.sender_id, said)

    inbound.rasa.script = says_nonsense
    assert await inbound.run() == Done("1 messages")
    assert inbound.queued() == ["fim"]


async def test_a_push_is_queued_as_it_comes_and_its_choices_are_understood(inbound: OneMessage) -> None:
    told: list[bool] = []
    push = WhatsAppPush(inbound.app.reply_drafts, "default", None, lambda: told.append(True))
    await push.send_text_message(CONVERSATION_ID, "pagamento confirmado")
    await push.send_text_with_buttons(CONVERSATION_ID, "Mais alguma coisa?", [{"title": "Sim", "payload": "/afirmar"}])
    assert inbound.queued() == ["pagamento confirmado", "Mais alguma coisa?\n1. Sim"]
    assert told == [True, True]
    assert inbound.app.reply_drafts.shown("default", CONVERSATION_ID) == [{"title": "Sim", "payload": "/afirmar"}]
