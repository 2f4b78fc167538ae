"""The main job, as customers go about it."""

from __future__ import annotations

import pytest
from support.conversations import CNPJ, CPF, DELIVERED, QUESTION, Conversation


async def test_asks_gives_the_document_and_is_served(talk: Conversation) -> None:
    assert (await talk.says("oi, preciso da segunda via do meu boleto")).said == [QUESTION]
    assert talk.tickets()[0].status == "open"
    assert talk.tickets()[0].queue == "Segunda Via de Boleto"
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]
    assert talk.delivery.asked == [CPF]
    assert talk.ticket() == ("finished", "overdue")


async def test_the_question_says_what_the_document_is_for(talk: Conversation) -> None:
    lines = (await talk.says("boleto")).text.splitlines()
    assert lines[0] == "Digite seu CPF ou CNPJ para localizar sua fatura."
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("message", "document"),
    [
        ("quero a segunda via do boleto, meu cpf é 529.982.247-25", CPF),
        ("segunda via cpf:52998224725", CPF),
        ("bom dia, me manda o boleto da empresa 11.222.333/0001-81 por favor", CNPJ),
        ("2a via 529 982 247 25", CPF),
        ("fatura do cnpj 12.abc.345/01de-35", "12ABC34501DE35"),
    ],
)
async def test_a_document_in_the_first_message_is_used_at_once(talk: Conversation, message: str, document: str) -> None:
    assert (await talk.says(message)).said == [DELIVERED]
    assert talk.delivery.asked == [document]


@pytest.mark.parametrize(
    "message", ["52998224725", "oi, 529.982.247-25", "cpf 529.982.247-25", "boa tarde querida 529.982.247-25"]
)
async def test_a_document_alone_is_a_request(talk: Conversation, message: str) -> None:
    assert (await talk.says(message)).said == [DELIVERED]


async def test_a_bare_document_after_the_session_expired_is_not_lost(talk: Conversation) -> None:
    await talk.says("quero meu boleto")
    await talk.lets_pass(minutes=61)
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]


async def test_within_the_hour_the_question_still_stands(talk: Conversation) -> None:
    await talk.says("quero meu boleto")
    await talk.lets_pass(minutes=59)
    assert await talk.is_asked()
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]


async def test_nothing_personal_remains_and_the_next_request_asks_again(talk: Conversation) -> None:
    await talk.says("quero meu boleto, cpf 529.982.247-25")
    assert await talk.slots() == {}
    assert CPF not in str((await talk.tracker()).as_dialogue().as_dict())
    assert (await talk.says("segunda via")).said == [QUESTION]
    assert [entry.status for entry in talk.tickets()].count("open") == 1


async def test_a_finished_conversation_is_a_few_events_long_however_often_it_was_served(talk: Conversation) -> None:
    await talk.says("boleto 529.982.247-25")
    once = len((await talk.tracker()).events)
    for _ in range(3):
        await talk.says("boleto 529.982.247-25")
    assert len((await talk.tracker()).events) == once
    assert len(talk.tickets()) == 4


@pytest.mark.parametrize("thanks", ["obrigado", "valeu", "🙏"])
async def test_thanks_after_the_delivery_are_answered_and_nothing_more_happens(talk: Conversation, thanks: str) -> None:
    await talk.says("boleto 529.982.247-25")
    assert (await talk.says(thanks)).said == ["utter_segunda_via_you_are_welcome"]
    assert talk.ticket() == ("finished", "overdue")


async def test_the_desks_own_ticket_is_the_one_that_is_finished(talk: Conversation) -> None:
    await talk.says("boleto 529.982.247-25", ticket_id="481")
    assert [(entry.ticket.id, entry.status) for entry in talk.tickets()] == [("481", "finished")]
