"""A question that stays unanswered is closed with a message; one that is answered is not."""

from __future__ import annotations

import pytest
from support.conversations import COMPANY, DELIVERED, QUESTION, Conversation
from support.jobs import nothing_waits

from segunda_via.job_queue.worker import Done
from segunda_via.settings.conversation import CONVERSATION_SETTING
from segunda_via.settings.conversation import ConversationSettings as Settings

INACTIVE = "utter_segunda_via_inactive"


@pytest.fixture(autouse=True)
def _on_whatsapp(talk: Conversation) -> None:
    talk.sender = f"whatsapp:+14155238886:whatsapp:+55{talk.sender[:11]}"


async def test_after_thirty_minutes_it_is_closed_with_a_message(talk: Conversation) -> None:
    await talk.says("boleto")
    talk.passes(minutes=29)
    assert await talk.times_out() == []
    talk.passes(minutes=1)
    assert [turn.said for turn in await talk.times_out()] == [[INACTIVE]]
    assert talk.ticket() == ("abandoned", None)
    assert not await talk.is_asked()
    assert talk.flow() == ["asked", "abandoned"]
    assert (await talk.says("529.982.247-25")).said == [DELIVERED], "the document alone begins anew"


async def test_every_message_in_between_begins_the_time_anew(talk: Conversation) -> None:
    await talk.says("boleto")
    for message in ("529.982.247-24", "ajuda", "já paguei"):
        talk.passes(minutes=20)
        assert await talk.times_out() == []
        assert (await talk.says(message))[-1] == QUESTION
    talk.passes(minutes=30)
    assert len(await talk.times_out()) == 1
    assert await talk.times_out() == []


async def test_what_was_answered_handed_over_or_cancelled_does_not_wait(talk: Conversation) -> None:
    for answer in ("529.982.247-25", "quero falar com um atendente", "cancela", "menu"):
        await talk.says("boleto")
        assert not nothing_waits(talk.app.engine, "inbox")
        await talk.says(answer)
        assert nothing_waits(talk.app.engine, "inbox"), answer


async def test_a_timer_that_comes_too_late_says_nothing(talk: Conversation) -> None:
    await talk.says("boleto")
    talk.passes(minutes=30)
    (entry,) = talk.app.inbox.take("worker")
    await talk.says("529.982.247-25")  # it was answered while the timer was on its way
    talk.app.inbox.put(talk.sender, "again", "timer", entry.payload)
    talk.app.inbox.done(entry)
    assert [turn.said for turn in await talk.times_out()] == [[]]
    assert talk.ticket() == ("finished", "overdue")


async def test_the_operator_sets_the_time_or_switches_it_off(talk: Conversation) -> None:
    def wait(minutes: int) -> None:
        CONVERSATION_SETTING.save(talk.app.settings, COMPANY, Settings(minutes), by="test", at=talk.app.now())

    wait(5)
    await talk.says("boleto")
    talk.passes(minutes=5)
    assert [turn.said for turn in await talk.times_out()] == [[INACTIVE]]
    wait(0)
    await talk.says("boleto")
    assert nothing_waits(talk.app.engine, "inbox")


async def test_the_timer_knows_its_channel(talk: Conversation) -> None:
    await talk.says("boleto")
    talk.passes(minutes=30)
    (entry,) = talk.app.inbox.take("worker")
    assert (entry.ordering_key, entry.kind, entry.payload["channel"]) == (talk.sender, "timer", "test")


async def test_elsewhere_the_ticket_is_closed_without_words(talk: Conversation) -> None:
    talk.sender = "somebody at a terminal"
    await talk.says("boleto")
    assert nothing_waits(talk.app.engine, "inbox")
    talk.passes(minutes=30)
    (entry,) = talk.app.timer_queue.take("courier")
    assert isinstance(await talk.app.relay_workers._time_out(entry), Done)
    assert talk.ticket() == ("abandoned", None)
    assert talk.flow() == ["asked", "abandoned"]
