"""Everything that is not the document while the document is asked for, and what is said outside."""

from __future__ import annotations

import pytest
from support.conversations import DELIVERED, QUESTION, Conversation

INSIDE = [
    ("oi", "greeted_again"),
    ("bom dia", "greeted_again"),
    ("ajuda", "help_document"),
    ("pra que precisa do meu cpf?", "help_document"),
    ("sim", "document_next"),
    ("quero meu boleto", "document_next"),
    ("vou mandar o cpf", "document_next"),
    ("não quero passar meu documento", "document_needed"),
    ("obrigado", "you_are_welcome"),
    ("tchau", "goodbye"),
    ("te mandei uma foto", "media"),
    ("já paguei", "already_paid"),
    ("qual a previsão do tempo", "out_of_scope"),
    ("zwqx vtrk", "no_document_there"),
    ("22", "no_document_there"),
    ("   ", "no_document_there"),
]

OUTSIDE = [
    ("oi", "welcome"),
    ("menu", "menu"),
    ("ajuda", "help"),
    ("obrigado", "you_are_welcome"),
    ("tchau", "goodbye"),
    ("sim", "menu"),
    ("não", "menu"),
    ("cancela", "at_your_disposal"),
    ("te mandei uma foto", "media"),
    ("já paguei", "already_paid"),
    ("qual a previsão do tempo", "out_of_scope"),
    ("zwqx vtrk", "not_understood"),
    ("   ", "not_understood"),
]

OTHER_MATTERS = [
    ("quero mudar o vencimento do boleto", "mudar_vencimento"),
    ("quero negociar minha dívida", "negociar_divida"),
    ("quero cancelar meu plano", "cancelar_servico"),
    ("desbloqueia minha internet", "desbloquear_servico"),
    ("minha internet caiu", "suporte_tecnico"),
    ("quais planos vocês têm?", "contratar_servico"),
    ("preciso da nota fiscal", "outro_assunto"),
]


@pytest.mark.parametrize(("message", "answer"), INSIDE)
async def test_an_interruption_is_answered_and_the_question_comes_back(
    talk: Conversation, message: str, answer: str
) -> None:
    await talk.says("segunda via")
    assert (await talk.says(message)).said == [f"utter_segunda_via_{answer}", QUESTION]
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]


async def test_what_is_not_understood_is_noted_for_the_operator_inside_the_form_and_outside(talk: Conversation) -> None:
    for message in ("zwqx vtrk", "   ", "oi", "segunda via", "Zwqx vtrk!"):
        await talk.says(message)
    assert talk.app.misunderstood_store.said("default") == ["Zwqx vtrk!", "zwqx vtrk"]


async def test_many_interruptions_in_a_row(talk: Conversation) -> None:
    await talk.says("segunda via")
    for message, _ in INSIDE:
        assert (await talk.says(message))[-1] == QUESTION
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]


@pytest.mark.parametrize(("message", "answer"), OUTSIDE)
async def test_outside_of_the_form_it_is_answered_and_nothing_begins(
    talk: Conversation, message: str, answer: str
) -> None:
    assert (await talk.says(message)).said == [f"utter_segunda_via_{answer}"]
    assert talk.tickets() == []


@pytest.mark.parametrize(("message", "matter"), OTHER_MATTERS)
@pytest.mark.parametrize("beginning", [[], ["segunda via"]], ids=["at once", "in the form"])
async def test_another_matter_goes_to_a_person_with_its_name(
    talk: Conversation, beginning: list[str], message: str, matter: str
) -> None:
    for each in beginning:
        await talk.says(each)
    turn = await talk.says(message)
    assert turn.said == ["utter_segunda_via_other_matter", "utter_segunda_via_hand_over"]
    assert talk.ticket() == ("handed_over", matter)
    assert not await talk.is_asked()


@pytest.mark.parametrize("beginning", [[], ["segunda via"]], ids=["at once", "in the form"])
async def test_a_person_is_a_word_away(talk: Conversation, beginning: list[str]) -> None:
    for each in beginning:
        await talk.says(each)
    assert (await talk.says("quero falar com um atendente")).said == ["utter_segunda_via_hand_over"]
    assert talk.ticket() == ("handed_over", "falar_com_atendente")
    assert not await talk.is_asked()
    assert talk.delivery.asked == []


async def test_a_person_is_asked_for_even_with_a_document_in_the_message(talk: Conversation) -> None:
    await talk.says("segunda via")
    await talk.says("quero falar com um atendente, meu cpf é 529.982.247-25")
    assert talk.ticket() == ("handed_over", "falar_com_atendente")
    assert talk.delivery.asked == []
    assert await talk.slots() == {}


@pytest.mark.parametrize("message", ["cancela", "deixa pra lá", "não quero mais"])
async def test_giving_up_ends_the_form_and_forgets(talk: Conversation, message: str) -> None:
    await talk.says("segunda via")
    await talk.says("1234567890")  # a document waits for a "sim"
    assert (await talk.says(message)).said == ["utter_segunda_via_cancelled"]
    assert not await talk.is_asked()
    assert await talk.slots() == {}
    assert talk.ticket() == ("abandoned", None)
    assert (await talk.says("sim")).said == ["utter_segunda_via_menu"]
    assert talk.delivery.asked == []


async def test_changes_their_mind_and_asks_again(talk: Conversation) -> None:
    await talk.says("segunda via")
    await talk.says("cancela")
    assert (await talk.says("na verdade quero sim, manda o boleto")).said == [QUESTION]
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]
    assert {entry.status for entry in talk.tickets()} == {"finished", "abandoned"}


async def test_a_document_beside_another_matter_reaches_no_slot(talk: Conversation) -> None:
    await talk.says("quero cancelar meu plano, cpf 529.982.247-25")
    assert talk.ticket() == ("handed_over", "cancelar_servico")
    assert await talk.slots() == {}
