""" "Já paguei": a safe answer, and only an open invoice is spoken of, by the gateway's own word."""

from __future__ import annotations

import pytest
from support.conversations import CPF, QUESTION, Conversation

from segunda_via.boletos.outcome import Outcome

SAFE = "utter_segunda_via_already_paid"
NOTHING = "utter_segunda_via_nothing_to_send"
PAID = "já paguei o boleto do cpf 529.982.247-25"


async def test_without_a_document_nothing_is_claimed_and_nothing_is_asked_of_the_gateway(talk: Conversation) -> None:
    turn = await talk.says("já paguei")
    assert turn.said == [SAFE]
    assert "3 dias úteis" in turn.text
    assert "agendado" in turn.text
    assert talk.delivery.asked == []
    assert talk.tickets() == []


async def test_an_invoice_that_is_still_open_is_told(talk: Conversation) -> None:
    turn = await talk.says(PAID)
    assert turn.said == ["utter_segunda_via_still_open"]
    assert "fatura 15924715, com vencimento em 10/12/2026 e valor de R$ 189,90, ainda consta em aberto" in turn.text
    assert talk.delivery.asked == [CPF]
    assert talk.tickets() == []


async def test_otherwise_the_uniform_answer(talk: Conversation) -> None:
    talk.delivery.endings = [Outcome.NOTHING_TO_SEND]
    assert (await talk.says(PAID)).said == [NOTHING, SAFE]


async def test_beyond_the_limits_nothing_was_looked_for_and_nothing_is_claimed(talk: Conversation) -> None:
    talk.delivery.endings = [Outcome.TOO_MANY_TRIES]
    assert (await talk.says(PAID)).said == ["utter_segunda_via_too_many_tries", SAFE]


@pytest.mark.parametrize("outcome", [Outcome.GATEWAY_UNAVAILABLE, Outcome.NOT_CONFIGURED, Outcome.TOKEN_REJECTED])
async def test_what_could_not_be_asked_is_not_claimed(talk: Conversation, outcome: Outcome) -> None:
    talk.delivery.endings = [outcome]
    assert (await talk.says(PAID)).said == ["utter_segunda_via_unavailable", SAFE]


async def test_in_the_middle_of_the_form_it_is_answered_and_the_question_comes_back(talk: Conversation) -> None:
    await talk.says("boleto")
    assert (await talk.says(PAID)).said == ["utter_segunda_via_still_open", QUESTION]
    assert talk.ticket() == ("open", None)
