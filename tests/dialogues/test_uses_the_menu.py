"""The menu: whoever greets or asks gets it, and whatever it lists is chosen by number, label or button."""

from __future__ import annotations

import pytest
from support.conversations import COMPANY, DELIVERED, QUESTION, Conversation
from support.jobs import nothing_waits

from segunda_via.conversation.menu import Menu, Option
from segunda_via.conversation.menu_setting import MENU_SETTING
from segunda_via.rasa_plugin.nlu.certain_intent import CertainIntent

WELCOME, MENU = "utter_segunda_via_welcome", "utter_segunda_via_menu"
HAND_OVER = "utter_segunda_via_hand_over"
BUILT_IN = ["Segunda Via de Boleto", "Falar com atendente"]
ADDED = Menu((Option("Horários", text="Das 8h às 18h."), Option("Vendas", queue="Comercial")))


def adds(talk: Conversation, menu: Menu) -> None:
    """What the operator adds works within seconds; here, at once."""
    MENU_SETTING.save(talk.app.settings, COMPANY, menu, by="test", at=talk.app.now())
    nodes = talk.agent.processor.graph_runner._instantiated_nodes.values()
    (component,) = [node._component for node in nodes if isinstance(node._component, CertainIntent)]
    component._menus._due_at.clear()


@pytest.mark.parametrize(("message", "response"), [("oi", WELCOME), ("bom dia", WELCOME), ("menu", MENU)])
async def test_a_greeting_or_the_word_gets_the_menu(talk: Conversation, message: str, response: str) -> None:
    turn = await talk.says(message)
    assert turn.said == [response]
    assert [button["title"] for button in turn.messages[0]["buttons"]] == BUILT_IN
    assert talk.tickets() == []


@pytest.mark.parametrize("choice", ["1", "1️⃣", "opção 1", "segunda via de boleto", "1 - Segunda Via de Boleto"])
async def test_the_first_option_asks_for_the_document(talk: Conversation, choice: str) -> None:
    await talk.says("oi")
    assert (await talk.says(choice)).said == [QUESTION]
    assert talk.ticket() == ("open", None)
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]
    assert talk.ticket() == ("finished", "overdue")


@pytest.mark.parametrize("choice", ["2", "opção dois", "Falar com atendente", "2) falar com atendente"])
async def test_the_second_option_is_a_person(talk: Conversation, choice: str) -> None:
    await talk.says("menu")
    assert (await talk.says(choice)).said == [HAND_OVER]
    assert talk.ticket() == ("handed_over", "falar_com_atendente")


async def test_the_buttons_of_the_menu_choose_what_they_say(talk: Conversation) -> None:
    for button in (await talk.says("oi")).messages[0]["buttons"]:
        assert (await talk.says(button["payload"])).said in ([QUESTION], [HAND_OVER])


TERMINAL = "cmdline"
"""The channel of `rasa shell`, where buttons would be a prompt that swallows the next sentence."""


async def test_in_a_terminal_the_menu_is_numbered_text(talk: Conversation) -> None:
    adds(talk, ADDED)
    talk.channel = TERMINAL
    for message in ("oi", "menu", "sim"):
        (shown,) = (await talk.says(message)).messages
        assert set(shown) == {"recipient_id", "text"}
        lines = shown["text"].splitlines()
        assert lines[-4:] == ["1. Segunda Via de Boleto", "2. Falar com atendente", "3. Horários", "4. Vendas"]
        assert "Como posso ajudar?" in shown["text"]


@pytest.mark.parametrize("choice", ["1", "Segunda Via de Boleto", "quero a fatura deste mês"])
async def test_in_a_terminal_the_number_the_words_and_any_sentence_work(talk: Conversation, choice: str) -> None:
    talk.channel = TERMINAL
    await talk.says("oi")
    assert (await talk.says(choice)).said == [QUESTION]
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]


async def test_free_text_chooses_too(talk: Conversation) -> None:
    await talk.says("oi")
    assert (await talk.says("quero a fatura deste mês")).said == [QUESTION]


async def test_a_number_is_no_choice_while_the_document_is_asked_for(talk: Conversation) -> None:
    await talk.says("oi")
    await talk.says("1")
    assert (await talk.says("2")).said == ["utter_segunda_via_no_document_there", QUESTION]
    assert talk.ticket() == ("open", None)


async def test_a_label_leaves_the_form_as_its_words_would(talk: Conversation) -> None:
    await talk.says("boleto")
    assert (await talk.says("Falar com atendente")).said == [HAND_OVER]
    assert not await talk.is_asked()


async def test_the_menu_leaves_the_form_cleanly(talk: Conversation) -> None:
    await talk.says("boleto")
    await talk.says("1234567890")  # a document waits for a "sim"
    assert (await talk.says("menu")).said == [MENU]
    assert not await talk.is_asked()
    assert await talk.slots() == {}
    assert talk.ticket() == ("abandoned", None)
    assert nothing_waits(talk.app.engine, "timers"), "no timer is left behind"
    assert (await talk.says("1")).said == [QUESTION]


async def test_what_the_operator_adds_is_listed_and_chosen_by_label_and_by_number(talk: Conversation) -> None:
    adds(talk, ADDED)
    turn = await talk.says("oi")
    assert [button["title"] for button in turn.messages[0]["buttons"]] == [*BUILT_IN, "Horários", "Vendas"]
    for choice in ("Horários", "3", "HORARIOS!"):
        assert (await talk.says(choice)).said == ["Das 8h às 18h."]
    assert talk.tickets() == []
    assert (await talk.says("4")).said[-1] == HAND_OVER
    (entry,) = talk.tickets()
    assert (entry.status, entry.queue) == ("handed_over", "Comercial")


async def test_a_text_of_the_menu_is_said_inside_the_form_and_the_question_comes_back(talk: Conversation) -> None:
    adds(talk, ADDED)
    await talk.says("boleto")
    assert (await talk.says("horários")).said == ["Das 8h às 18h.", QUESTION]
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]


async def test_an_option_taken_from_the_menu_shows_the_menu(talk: Conversation) -> None:
    adds(talk, ADDED)
    await talk.says("oi")
    MENU_SETTING.save(talk.app.settings, COMPANY, Menu(), by="test", at=talk.app.now())
    assert (await talk.says("3")).said == [MENU]


@pytest.fixture(autouse=True)
def _fresh_menu(talk: Conversation) -> None:
    adds(talk, Menu())
