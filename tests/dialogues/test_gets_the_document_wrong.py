"""Documents that are not: each is told what is wrong, and after three a person takes over."""

from __future__ import annotations

import pytest
from support.conversations import CNPJ, CPF, DELIVERED, QUESTION, Conversation

CHOICE = "utter_ask_segunda_via_form_segunda_via_choice"
SUGGESTION = "utter_ask_segunda_via_form_segunda_via_suggestion"
HAND_OVER = "utter_segunda_via_hand_over"
WITHOUT_ITS_ZERO = "1234567890"
WITH_ITS_ZERO = "01234567890"


async def test_invalid_then_valid(talk: Conversation) -> None:
    await talk.says("boleto")
    assert (await talk.says("529.982.247-24")).said == ["utter_segunda_via_invalid_check_digits", QUESTION]
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]
    assert talk.delivery.asked == [CPF]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("529.982.247-24", "check_digits"),
        ("11.222.333/0001-82", "check_digits"),
        ("12.ABC.345/01DE-36", "check_digits"),
        ("111.111.111-11", "repeated"),
        ("529.982.247-2", "too_short"),
        ("5299822", "too_short"),
        ("529982247251", "too_long"),
        ("529982247255299822", "too_long"),
        ("(11) 98765-4321", "phone"),
        ("11987654321", "phone"),
        ("meu zap é 11 98765-4321", "phone"),
        ("00190500954014481606906809350314337370000000100", "boleto"),
    ],
)
async def test_each_mistake_has_its_own_words(talk: Conversation, typed: str, wrong: str) -> None:
    await talk.says("boleto")
    assert (await talk.says(typed)).said == [f"utter_segunda_via_invalid_{wrong}", QUESTION]
    assert talk.delivery.asked == []
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]


BOLETO = "00190.00009 07777.777009 00087.654182 6 49000000295295"
PIX = "00020126360014br.gov.bcb.pix0114+5511987654321520400005303986540599.905802BR5915EMPRESA EXEMPLO6304E883"
UTILITY = "84630000000-3 29990296202-4 41013600080-0 52998224725"


@pytest.mark.parametrize(
    ("typed", "kind"),
    [(BOLETO, "boleto"), (f"codigo de barras: {BOLETO}", "boleto"), (UTILITY, "boleto"), (PIX, "pix")],
)
async def test_a_payment_code_is_told_to_be_one_and_uses_up_no_try(talk: Conversation, typed: str, kind: str) -> None:
    await talk.says("boleto")
    await talk.says("529.982.247-24")
    await talk.says("529.982.247-24")
    for _ in range(2):
        assert (await talk.says(typed)).said == [f"utter_segunda_via_invalid_{kind}", QUESTION]
    assert talk.delivery.asked == []
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]


async def test_a_payment_code_alone_asks_for_the_document(talk: Conversation) -> None:
    assert (await talk.says(BOLETO)).said == ["utter_segunda_via_invalid_boleto", QUESTION]
    assert talk.ticket() == ("open", None)
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]


@pytest.mark.parametrize("pieces", [("529.982", "247-25"), ("529", "982", "247", "25")])
async def test_a_document_in_several_messages_is_joined_and_costs_no_try(
    talk: Conversation, pieces: tuple[str, ...]
) -> None:
    await talk.says("boleto")
    await talk.says("529.982.247-24")
    await talk.says("529.982.247-24")
    *first, last = pieces
    for piece in first:
        assert (await talk.says(piece)).said == ["utter_segunda_via_invalid_too_short", QUESTION]
    assert (await talk.says(last)).said == [DELIVERED]
    assert talk.delivery.asked == [CPF]


SPELLED = "utter_ask_segunda_via_form_segunda_via_spelled"
IN_WORDS = "cinco dois nove, nove oito dois, dois quatro sete, dois cinco"


@pytest.mark.parametrize("opening", ["boleto", "quero a segunda via"])
async def test_a_spelled_document_is_confirmed_before_it_is_used(talk: Conversation, opening: str) -> None:
    await talk.says(opening)
    turn = await talk.says(IN_WORDS)
    assert turn.said == [SPELLED]
    assert "529.•••.•••-25" in turn.text
    assert talk.delivery.asked == []
    assert (await talk.says("sim")).said == [DELIVERED]
    assert talk.delivery.asked == [CPF]
    assert "segunda_via_spelled" not in await talk.slots()


async def test_a_spelled_document_that_was_heard_wrong_is_forgotten(talk: Conversation) -> None:
    await talk.says("boleto")
    await talk.says(f"meu cpf é {IN_WORDS}")
    assert (await talk.says("ajuda")).said == ["utter_segunda_via_help_document", SPELLED]
    assert (await talk.says("não")).said == [QUESTION]
    await talk.says("sim")
    assert talk.delivery.asked == []
    assert await talk.slots() == {}


async def test_three_invalid_documents_bring_a_person(talk: Conversation) -> None:
    await talk.says("boleto")
    await talk.says("529.982.247-24")
    assert (await talk.says("111.111.111-11"))[-1] == QUESTION
    assert (await talk.says("11 98765-4321")).said == ["utter_segunda_via_invalid_phone", HAND_OVER]
    assert talk.ticket() == ("handed_over", "invalid_document")
    assert talk.delivery.asked == []
    assert not await talk.is_asked()


async def test_talk_in_between_does_not_count_as_a_try(talk: Conversation) -> None:
    await talk.says("boleto")
    for message in ("529.982.247-24", "ajuda", "529.982.247-23", "como assim?", "oi"):
        assert (await talk.says(message))[-1] == QUESTION
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]


async def test_the_first_message_counts_when_its_document_is_invalid(talk: Conversation) -> None:
    opening = await talk.says("quero o boleto do cpf 529.982.247-24")
    assert opening.said == ["utter_segunda_via_invalid_check_digits", QUESTION]
    await talk.says("529.982.247-23")
    assert (await talk.says("529.982.247-22"))[-1] == HAND_OVER


async def test_the_next_request_has_its_tries_back(talk: Conversation) -> None:
    for message in ("boleto", "529.982.247-24", "529.982.247-23", "cancela", "boleto", "529.982.247-24"):
        turn = await talk.says(message)
    assert turn[-1] == QUESTION


async def test_a_document_without_its_leading_zero_is_offered_and_used_after_a_yes(talk: Conversation) -> None:
    await talk.says("boleto")
    turn = await talk.says(WITHOUT_ITS_ZERO)
    assert turn.said == [SUGGESTION]
    assert "012.345.678-90" in turn.text
    assert talk.delivery.asked == []
    assert (await talk.says("sim")).said == [DELIVERED]
    assert talk.delivery.asked == [WITH_ITS_ZERO]


async def test_the_offered_document_waits_while_something_else_is_said(talk: Conversation) -> None:
    await talk.says(f"boleto do cpf {WITHOUT_ITS_ZERO}")
    turn = await talk.says("ajuda")
    assert turn.said == ["utter_segunda_via_help_document", SUGGESTION]
    assert "012.345.678-90" in turn.text
    assert (await talk.says("isso mesmo")).said == [DELIVERED]


@pytest.mark.parametrize(("answer", "document"), [("012.345.678-90", WITH_ITS_ZERO), ("529.982.247-25", CPF)])
async def test_instead_of_a_yes_a_document_can_be_typed(talk: Conversation, answer: str, document: str) -> None:
    await talk.says(f"boleto do cpf {WITHOUT_ITS_ZERO}")
    assert (await talk.says(answer)).said == [DELIVERED]
    assert talk.delivery.asked == [document]


async def test_a_declined_document_is_forgotten(talk: Conversation) -> None:
    await talk.says("boleto")
    await talk.says(WITHOUT_ITS_ZERO)
    assert (await talk.says("não")).said == [QUESTION]
    assert await talk.slots() == {}
    await talk.says("sim")
    assert talk.delivery.asked == []


@pytest.mark.parametrize(
    ("answer", "document"), [("1", CPF), ("2", CNPJ), ("o primeiro", CPF), ("opção 2", CNPJ), ("11222333000181", CNPJ)]
)
async def test_of_two_documents_in_one_message_the_customer_chooses(
    talk: Conversation, answer: str, document: str
) -> None:
    turn = await talk.says("boleto do cpf 529.982.247-25 ou do cnpj 11.222.333/0001-81")
    assert turn.said == [CHOICE]
    assert "1) 529.982.247-25\n2) 11.222.333/0001-81" in turn.text
    assert (await talk.says(answer)).said == [DELIVERED]
    assert talk.delivery.asked == [document]
    assert await talk.slots() == {}


async def test_a_yes_does_not_choose_between_two(talk: Conversation) -> None:
    await talk.says("boleto do cpf 529.982.247-25 ou do cnpj 11.222.333/0001-81")
    assert (await talk.says("sim"))[-1] == CHOICE
    assert talk.delivery.asked == []


async def test_the_same_document_twice_is_one(talk: Conversation) -> None:
    assert (await talk.says("boleto 529.982.247-25, repito 52998224725")).said == [DELIVERED]


async def test_a_valid_document_beside_an_invalid_one_is_used(talk: Conversation) -> None:
    await talk.says("boleto")
    assert (await talk.says("529.982.247-24, não, é 529.982.247-25")).said == [DELIVERED]
