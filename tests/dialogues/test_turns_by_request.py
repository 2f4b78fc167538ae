"""A turn asked for by the public server, with Rasa as it is loaded: run once, and told again to whoever asks again."""

from __future__ import annotations

import asyncio
import copy
import uuid
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, SQLTrackerStore
from rasa.shared.core.events import ActiveLoop, BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from support.conversations import Conversation

from segunda_via.boletos.outcome import Outcome
from segunda_via.conversation.inactivity import TIMER
from segunda_via.rasa_plugin.channel import turn
from segunda_via.rasa_plugin.channel.turn import (
    Message,
    TurnBroken,
    TurnCall,
    TurnCallError,
    TurnTooLong,
    TurnUnavailable,
)
from segunda_via.whatsapp import replies, turn_request

CPF = "529.982.247-25"


class Asking:
    """The public server, for one customer."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.conversation_id = uuid.uuid4().hex

    async def __call__(self, text: str, message_id: str = "", **more: Any) -> list[Message]:
        call = {"conversation_id": self.conversation_id, "message_id": message_id or uuid.uuid4().hex, "text": text}
        return await turn.run(self.agent, TurnCall.read({**call, **more}))


@pytest.fixture(params=["rasa's in memory", "rasa's SQL"])
def ask(talk: Conversation, request: pytest.FixtureRequest) -> Asking:
    """`talk` puts its App in force."""
    agent, domain = copy.copy(talk.agent), talk.agent.domain
    store = InMemoryTrackerStore(domain) if "memory" in request.param else SQLTrackerStore(domain, db=":memory:")
    agent.tracker_store = FailSafeTrackerStore(store)
    return Asking(agent)


async def test_everything_that_is_said_is_told_in_order(ask: Asking) -> None:
    (question,) = await ask("quero a segunda via")
    assert question["text"].startswith("Digite seu CPF ou CNPJ para localizar sua fatura.")
    assert [message.keys() for message in await ask(CPF)] == [{"text"}]


async def test_a_message_asked_for_again_is_told_again_and_not_run_again(ask: Asking, talk: Conversation) -> None:
    await ask("quero a segunda via")
    said = await ask(CPF, "SM1")
    assert await ask(CPF, "SM1", attempt=2) == said
    assert talk.delivery.asked == ["52998224725"]
    menu = await ask("menu", "SM2")
    assert menu[0]["buttons"], "a menu is told again with its choices"
    assert await ask("menu", "SM2", attempt=2) == menu
    assert await ask(CPF, "SM1", attempt=3) == said, "in whatever session it stands"


async def test_a_message_that_was_never_answered_is_run_however_often_it_was_tried(ask: Asking) -> None:
    assert (await ask("quero a segunda via", "SM1", attempt=3))[0]["text"].startswith("Digite")


async def test_a_turn_that_said_nothing_is_told_as_nothing(ask: Asking) -> None:
    await ask("oi", "SM1")
    store = turn._TellingStore(ask.agent.tracker_store)
    tracker = await store.retrieve_full_tracker(ask.conversation_id)
    assert tracker is not None
    silent = DialogueStateTracker.from_events(
        "silent", [event for event in tracker.events if not isinstance(event, BotUttered)]
    )
    await store.save(silent)
    ask.conversation_id = "silent"
    assert await ask("oi", "SM1", attempt=2) == []


async def test_a_slash_names_no_intent(ask: Asking) -> None:
    await ask(" //EXTERNAL_inactive", "SM1")
    tracker = await turn._TellingStore(ask.agent.tracker_store).retrieve_full_tracker(ask.conversation_id)
    assert tracker is not None
    (said,) = [event for event in tracker.events if isinstance(event, UserUttered)]
    assert said.text == "EXTERNAL_inactive", "these are words"
    assert said.intent["name"] != "EXTERNAL_inactive"


async def test_an_intent_is_taken_as_it_is(ask: Asking) -> None:
    said = await ask("", intent="falar_com_atendente")
    assert said


async def test_a_timer_never_reaches_a_form_of_the_bots_own(ask: Asking) -> None:
    """It would take the timer's word for an answer."""
    store = turn._TellingStore(ask.agent.tracker_store)
    await ask("quero a segunda via")
    tracker = await store.retrieve(ask.conversation_id)
    tracker.update(ActiveLoop("aula_form"))
    await store.save(tracker)
    assert await ask("", intent="EXTERNAL_inactive") == []
    assert len((await store.retrieve(ask.conversation_id)).events) == len(tracker.events)


async def test_a_timer_closes_the_question_that_waits(ask: Asking) -> None:
    await ask("quero a segunda via")
    (said,) = await ask("", intent="EXTERNAL_inactive", metadata={turn_request.INPUT: TIMER})
    assert said["text"].startswith("Como não tive resposta")


async def test_only_a_timer_closes_it(ask: Asking) -> None:
    await ask("quero a segunda via")
    assert await ask("", intent="EXTERNAL_inactive") == []
    assert await ask(CPF), "the question still waits"


async def test_a_store_that_cannot_be_read_or_saved_answers_nothing(ask: Asking) -> None:
    class Gone(InMemoryTrackerStore):
        async def retrieve(self, sender_id: str) -> None:
            raise ConnectionError(sender_id)

    ask.agent.tracker_store = FailSafeTrackerStore(Gone(ask.agent.domain))
    with pytest.raises(TurnUnavailable, match=r"^ConnectionError$"):
        await ask("oi")

    class ReadOnly(InMemoryTrackerStore):
        async def save(self, tracker: DialogueStateTracker) -> None:
            raise PermissionError(tracker.sender_id)

    ask.agent.tracker_store = FailSafeTrackerStore(ReadOnly(ask.agent.domain))
    with pytest.raises(TurnUnavailable, match=r"^PermissionError$"):
        await ask("oi")


async def test_a_turn_that_breaks_is_told_from_a_store_that_is_away(ask: Asking) -> None:
    broken = copy.copy(ask.agent.processor)

    async def breaks(*_: Any, **__: Any) -> None:
        raise KeyError("529.982.247-25")

    broken.predict_next_with_tracker_if_should = breaks
    broken._run_prediction_loop = breaks
    ask.agent.processor = broken
    with pytest.raises(TurnBroken, match=r"^KeyError$"):
        await ask("oi")


async def test_what_ends_a_ticket_is_told_with_the_messages_and_told_again(ask: Asking, talk: Conversation) -> None:
    """Where the messages are only queued, the channel finishes the ticket when they have arrived."""
    await ask("quero a segunda via", metadata={"outbox": True})
    said = await ask(CPF, "SM1", metadata={"outbox": True})
    assert said[-1] == {"custom": replies.announcement(Outcome.OVERDUE)}
    assert [entry.status for entry in talk.tickets()] == ["open"]
    assert await ask(CPF, "SM1", attempt=2, metadata={"outbox": True}) == said


async def test_who_goes_away_does_not_end_the_turn(ask: Asking, talk: Conversation) -> None:
    await ask("quero a segunda via")
    asking = asyncio.ensure_future(ask(CPF, "SM1"))
    await asyncio.sleep(0)
    asking.cancel()
    said = await ask(CPF, "SM1", attempt=2)
    assert said
    assert talk.delivery.asked == ["52998224725"]


async def test_a_turn_that_takes_too_long_is_given_up(ask: Asking) -> None:
    class Slow(InMemoryTrackerStore):
        async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
            await asyncio.sleep(3600)
            return None

    ask.agent.tracker_store = FailSafeTrackerStore(Slow(ask.agent.domain))
    call = TurnCall("slow", "SM1", text="oi")
    with pytest.raises(TurnTooLong):
        await turn.run(ask.agent, call, longest=0.2)
    ask.agent.tracker_store = FailSafeTrackerStore(InMemoryTrackerStore(ask.agent.domain))
    assert await turn.run(ask.agent, call), "the conversation is free for the next try"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (None, "an object is expected"),
        ([], "an object is expected"),
        ({}, "missing: conversation_id, message_id"),
        ({"conversation_id": "a", "message_id": "b"}, "missing: text or intent"),
        ({"conversation_id": "a", "message_id": "b", "text": 7}, "text is not a str"),
        ({"conversation_id": "a", "message_id": "b", "text": "oi", "attempt": True}, "attempt is not a int"),
        ({"conversation_id": "a", "message_id": "b", "text": "oi", "entities": {}}, "entities is not a list"),
    ],
)
def test_what_is_no_turn_is_refused_by_its_field(body: object, why: str) -> None:
    with pytest.raises(TurnCallError, match=why):
        TurnCall.read(body)
