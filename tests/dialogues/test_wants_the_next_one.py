"""After a delivery: how many others are open, and the next one for a "sim", under a ticket of its own."""

from __future__ import annotations

import pytest
from support.conversations import COMPANY, CPF, DELIVERED, QUESTION, Conversation

from segunda_via.boletos.outcome import Outcome
from segunda_via.delivery.next_invoice import offers
from segunda_via.settings.conversation import CONVERSATION_SETTING
from segunda_via.settings.conversation import ConversationSettings as Settings

OFFER, OFFER_ONE = "utter_segunda_via_offer_next", "utter_segunda_via_offer_next_one"
MENU, FINE = "utter_segunda_via_menu", "utter_segunda_via_at_your_disposal"
HAND_OVER = "utter_segunda_via_hand_over"


async def served(talk: Conversation, *invoices: str) -> list[str]:
    talk.delivery.open = list(invoices)
    return (await talk.says("boleto 529.982.247-25")).said


async def test_each_yes_brings_the_next_under_a_new_ticket_until_none_is_left(talk: Conversation) -> None:
    assert await served(talk, "a", "b", "c") == [DELIVERED, OFFER]
    assert talk.ticket() == ("finished", "overdue")
    assert (await talk.says("sim")).said == [DELIVERED, OFFER_ONE]
    assert (await talk.says("quero")).said == [DELIVERED]
    assert talk.delivery.excluded == [(), ("a",), ("a", "b")]
    assert [entry.status for entry in talk.tickets()] == ["finished"] * 3
    assert (await talk.says("sim")).said == [MENU]
    assert await talk.slots() == {}


async def test_it_says_how_many_others_are_open(talk: Conversation) -> None:
    talk.delivery.open = ["a", "b", "c"]
    assert "mais 2 faturas em aberto" in (await talk.says("boleto 529.982.247-25")).text


async def test_a_no_ends_it(talk: Conversation) -> None:
    await served(talk, "a", "b")
    assert (await talk.says("não, obrigado")).said == [FINE]
    assert (await talk.says("sim")).said == [MENU]
    assert len(talk.delivery.asked) == 1


async def test_after_ten_minutes_a_yes_means_nothing(talk: Conversation) -> None:
    await served(talk, "a", "b")
    talk.passes(minutes=10)
    assert (await talk.says("sim")).said == [MENU]
    assert len(talk.delivery.asked) == 1


async def test_the_offer_is_encrypted_and_erased_on_use(talk: Conversation) -> None:
    await served(talk, "a", "b")
    with talk.app.engine.connect() as connection:
        (row,) = connection.execute(offers.select()).all()
    assert CPF not in str(row)
    assert talk.sender not in str(row)
    await talk.says("sim")
    with talk.app.engine.connect() as connection:
        assert connection.execute(offers.select()).all() == []


@pytest.mark.parametrize("small_talk", ["obrigado", "tchau", "valeu"])
async def test_thanks_and_goodbyes_open_no_ticket_and_leave_the_offer_standing(
    talk: Conversation, small_talk: str
) -> None:
    await served(talk, "a", "b")
    await talk.says(small_talk)
    assert len(talk.tickets()) == 1
    assert (await talk.says("sim")).said == [DELIVERED]


async def test_paid_meanwhile_there_is_no_other_and_no_ticket(talk: Conversation) -> None:
    await served(talk, "a", "b")
    talk.delivery.open = ["a"]
    assert (await talk.says("sim")).said == ["utter_segunda_via_no_other_open"]
    assert len(talk.tickets()) == 1


@pytest.mark.parametrize("outcome", [Outcome.SUSPICIOUS, Outcome.GATEWAY_UNAVAILABLE, Outcome.TOKEN_REJECTED])
async def test_a_next_one_that_fails_goes_to_a_person(talk: Conversation, outcome: Outcome) -> None:
    await served(talk, "a", "b")
    talk.delivery.endings = [outcome]
    assert (await talk.says("sim"))[-1] == HAND_OVER
    assert {entry.status for entry in talk.tickets()} == {"finished", "handed_over"}
    assert OFFER not in (await talk.says("sim")).said


async def test_without_a_delivery_nothing_is_offered(talk: Conversation) -> None:
    talk.delivery.endings = [Outcome.SUSPICIOUS]
    assert (await served(talk, "a", "b"))[-1] == HAND_OVER
    assert (await talk.says("sim")).said == [MENU]


async def test_the_operator_may_switch_it_off(talk: Conversation) -> None:
    CONVERSATION_SETTING.save(talk.app.settings, COMPANY, Settings(offer_next=False), by="test", at=talk.app.now())
    assert await served(talk, "a", "b") == [DELIVERED]
    assert (await talk.says("sim")).said == [MENU]


async def test_a_yes_inside_the_form_is_the_forms(talk: Conversation) -> None:
    await served(talk, "a", "b")
    await talk.says("boleto")
    assert (await talk.says("sim")).said == ["utter_segunda_via_document_next", QUESTION]
