"""The endings that deliver nothing, each with its words and its ticket."""

from __future__ import annotations

import pytest
from support.conversations import CNPJ, CPF, DELIVERED, QUESTION, Conversation

from segunda_via.boletos.outcome import Outcome

NOTHING = "Não encontrei fatura em aberto para esse documento."
ANOTHER = "utter_segunda_via_another_document"
HAND_OVER = "utter_segunda_via_hand_over"

TO_A_PERSON = [
    (Outcome.UNPAYABLE, "registrando"),
    (Outcome.SUSPICIOUS, "conferidos"),
    (Outcome.GATEWAY_UNAVAILABLE, "Desculpe, não consegui consultar"),
    (Outcome.NOT_CONFIGURED, "Desculpe, não consegui consultar"),
    (Outcome.TOKEN_REJECTED, "Desculpe, não consegui consultar"),
    (Outcome.TOO_MANY_TRIES, "Tente amanhã ou fale com uma pessoa."),
]


@pytest.mark.parametrize(("outcome", "words"), TO_A_PERSON, ids=[outcome.value for outcome, _ in TO_A_PERSON])
async def test_a_person_takes_over(talk: Conversation, outcome: Outcome, words: str) -> None:
    talk.delivery.endings = [outcome]
    turn = await talk.says("boleto 529.982.247-25")
    assert words in turn.messages[0]["text"]
    assert turn[-1] == HAND_OVER
    assert talk.ticket() == ("handed_over", outcome.value)
    assert await talk.slots() == {}


@pytest.mark.parametrize("outcome", [Outcome.OVERDUE, Outcome.NEXT_DUE, Outcome.PARTIAL])
async def test_only_a_delivery_finishes_the_ticket(talk: Conversation, outcome: Outcome) -> None:
    talk.delivery.endings = [outcome]
    assert (await talk.says("boleto 529.982.247-25")).said == [DELIVERED]
    assert talk.ticket() == ("finished", outcome.value)


async def test_another_document_may_be_tried_and_then_a_person_takes_over(talk: Conversation) -> None:
    talk.delivery.endings = [Outcome.NOTHING_TO_SEND]
    assert (await talk.says("boleto 529.982.247-25")).said == [NOTHING, ANOTHER, QUESTION]
    assert talk.ticket() == ("open", None)
    assert (await talk.says("11.222.333/0001-81")).said == [NOTHING, HAND_OVER]
    assert talk.delivery.asked == [CPF, CNPJ]
    assert talk.ticket() == ("handed_over", "nothing_to_send")


async def test_the_other_document_is_the_right_one(talk: Conversation) -> None:
    talk.delivery.endings = [Outcome.NOTHING_TO_SEND, Outcome.NEXT_DUE]
    await talk.says("boleto")
    await talk.says("529.982.247-25")
    assert (await talk.says("tenta o cnpj 11.222.333/0001-81")).said == [DELIVERED]
    assert talk.ticket() == ("finished", "next_due")


async def test_the_second_document_may_be_mistyped(talk: Conversation) -> None:
    talk.delivery.endings = [Outcome.NOTHING_TO_SEND, Outcome.OVERDUE]
    await talk.says("boleto 529.982.247-25")
    assert (await talk.says("529.982.247-24")).said == ["utter_segunda_via_invalid_check_digits", QUESTION]
    assert (await talk.says("ajuda"))[-1] == QUESTION
    assert (await talk.says("11.222.333/0001-81")).said == [DELIVERED]


@pytest.mark.parametrize("answer", ["não", "não tenho outro"])
async def test_without_another_document_a_person_takes_over(talk: Conversation, answer: str) -> None:
    talk.delivery.endings = [Outcome.NOTHING_TO_SEND]
    await talk.says("boleto 529.982.247-25")
    assert (await talk.says(answer)).said == [HAND_OVER]
    assert talk.ticket() == ("handed_over", "nothing_to_send")


async def test_beyond_the_limits_it_is_not_said_that_nothing_was_found(talk: Conversation) -> None:
    talk.delivery.endings = [Outcome.NOTHING_TO_SEND, Outcome.TOO_MANY_TRIES]
    await talk.says("boleto 529.982.247-25")
    turn = await talk.says("11.222.333/0001-81")
    assert "limite de consultas" in turn[0]
    assert turn[1:] == [HAND_OVER]
    assert talk.ticket() == ("handed_over", "too_many_tries")
