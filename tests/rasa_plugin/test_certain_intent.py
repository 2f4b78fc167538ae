"""The last component of the pipeline: certain, fresh within seconds, never failing, and silent where others speak."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.events import ActiveLoop, BotUttered, Event, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message
from support.databases import migrated_sqlite
from support.understanding import Understanding

from segunda_via import app as composition
from segunda_via.app import App
from segunda_via.conversation import keyword_setting
from segunda_via.conversation.menu import Menu, Option
from segunda_via.conversation.menu_setting import MENU_SETTING
from segunda_via.rasa_plugin.nlu.certain_intent import CertainIntent
from segunda_via.rasa_plugin.nlu.document_extractor import DocumentExtractor
from segunda_via.settings.environment import Environment

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
GUESSED = {"name": "pedir_pizza", "confidence": 0.99}
MENU = BotUttered("Como posso ajudar?", metadata={"utter_action": "utter_segunda_via_menu"})


class Component:
    """The component after the extractor and a host's classifier, and its clock."""

    def __init__(self, company: str | None, *, alone: bool) -> None:
        self.time = 100.0
        config = {**CertainIntent.get_default_config(), "company": company, "alone": alone}
        self.certain = CertainIntent(config, lambda: self.time)

    def intent(self, text: str, *events: Event, names: dict[str, str] | None = None) -> str | None:
        """What is certain after `events`; None when the classifier's guess stands."""
        slot = AnySlot("segunda_via_intents", [{"type": "custom"}], initial_value=names, influence_conversation=False)
        tracker = DialogueStateTracker.from_events("ana", list(events), [slot])
        message = Message({"text": text, "intent": dict(GUESSED)})
        self.certain.process(DocumentExtractor().process([message]), tracker)
        intent: dict[str, Any] = message.get("intent")
        if intent == GUESSED:
            return None
        assert intent["confidence"] == 1.0
        assert message.get("intent_ranking") == [intent]
        return str(intent["name"])


def test_in_the_stand_alone_assistant_menu_keywords_and_documents_are_certain_at_any_moment() -> None:
    alone = Component(None, alone=True)
    said = ("menu", "1", "Falar com atendente", "SEGUNDA VIA!", "é 529.982.247-25", "3", "oi", "")
    expected = ["pedir_menu", "escolher_opcao", "falar_com_atendente", "pedir_segunda_via", "informar_documento"]
    assert [alone.intent(text) for text in said] == [*expected, None, None, None]


def test_in_another_bot_only_a_keyword_is_at_any_moment() -> None:
    host = Component(None, alone=False)
    said = ("boleto", "Segunda Via de Boleto", "menu", "1", "Falar com atendente", "529.982.247-25")
    assert [host.intent(text) for text in said] == ["pedir_segunda_via", "pedir_segunda_via", None, None, None, None]


def test_a_document_is_certain_while_our_form_asks() -> None:
    host, asked = Component(None, alone=False), ActiveLoop("segunda_via_form")
    assert host.intent("529.982.247-25", asked) == "informar_documento"
    assert host.intent("cpf 529.982.247-25, e quero uma pizza", asked) is None
    assert host.intent("1", asked) is None


def test_the_answers_to_a_form_of_the_bots_own_are_the_bots() -> None:
    host, asked = Component(None, alone=False), ActiveLoop("payment_form")
    for answer in ("529.982.247-25", "1", "boleto", "sim", "menu", "Falar com atendente"):
        assert host.intent(answer, MENU, asked) is None, answer
    for plain in ("segunda via", "Segunda via boleto", "segunda via de boleto"):
        assert host.intent(plain, asked) == "pedir_segunda_via"


def test_our_menu_is_chosen_from_while_it_is_on_the_screen() -> None:
    host = Component(None, alone=False)
    assert [host.intent(text, MENU) for text in ("1", "opção 2", "falar com atendente")] == [
        "pedir_segunda_via",
        "falar_com_atendente",
        "falar_com_atendente",
    ]
    later = (MENU, UserUttered("que horas fecha?"), BotUttered("Às 22h. Quer 1 ou 2 pizzas?"))
    assert host.intent("1", *later) is None
    assert host.intent("1", MENU, BotUttered("E quantas pizzas?")) is None


def test_it_calls_intents_by_the_bots_names() -> None:
    host = Component(None, alone=False)
    names = {"falar_com_atendente": "talk_to_human", "pedir_segunda_via": "ask_invoice"}
    assert host.intent("2", MENU, names=names) == "talk_to_human"
    assert host.intent("boleto", names=names) == "ask_invoice"


def test_where_there_is_no_conversation_keywords_are_certain() -> None:
    message = Message({"text": "boleto", "intent": dict(GUESSED)})
    CertainIntent({**CertainIntent.get_default_config(), "company": None}).process([message])
    assert message.get("intent")["name"] == "pedir_segunda_via"


def test_what_the_operator_adds_works_within_seconds_and_counts_while_the_settings_cannot_be_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(Environment(database_url=migrated_sqlite(tmp_path)), home=tmp_path)
    composition.use(app)
    try:
        alone = Component("default", alone=True)
        assert [alone.intent("Vendas"), alone.intent("solta o bicho")] == [None, None]
        MENU_SETTING.save(app.settings, "default", Menu((Option("Vendas", queue="Comercial"),)), by="ana", at=NOW)
        keyword_setting.add(app.settings, "default", "solta o bicho", by="ana", at=NOW)
        assert alone.intent("vendas") is None
        alone.time += 5
        added = ["outro_assunto", "pedir_segunda_via"]
        assert [alone.intent("vendas"), alone.intent("Solta o bicho!")] == added
        composition.use(App(Environment(database_url=f"sqlite:///{tmp_path}"), home=tmp_path))
        alone.time += 5
        assert [alone.intent("vendas"), alone.intent("Solta o bicho!")] == added
        assert "menu: cannot be loaded" in caplog.text
        assert Component("default", alone=True).intent("boleto") == "pedir_segunda_via"
    finally:
        composition.use(None)


def test_the_assistants_own_pipeline_ends_with_it(understanding: Understanding) -> None:
    assert understanding.intent("1") == "escolher_opcao"
    assert understanding.intent("boleto") == "pedir_segunda_via"
