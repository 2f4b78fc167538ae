"""The component that finds what was chosen from the menu: certain, fresh within seconds, and never failing."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from rasa.shared.nlu.training_data.message import Message
from support.databases import migrated_sqlite

from segunda_via import app as composition
from segunda_via.app import App
from segunda_via.conversation.menu import Menu, Option
from segunda_via.conversation.menu_setting import MENU_SETTING
from segunda_via.rasa_plugin.nlu.menu_choice import MenuChoice
from segunda_via.settings.environment import Environment

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)


class Component:
    """The component and its clock."""

    def __init__(self, company: str | None) -> None:
        self.time = 100.0
        config = {**MenuChoice.get_default_config(), "company": company}
        self.choice = MenuChoice(config, lambda: self.time)

    def intent(self, text: str) -> str | None:
        message = Message({"text": text})
        self.choice.process([message])
        intent = message.get("intent")
        assert intent is None or intent["confidence"] == 1.0
        return intent and intent["name"]


def test_without_settings_the_built_in_options_count() -> None:
    component = Component(None)
    said = ("menu", "1", "Falar com atendente", "3", "oi", "")
    expected = ["pedir_menu", "escolher_opcao", "falar_com_atendente", None, None, None]
    assert [component.intent(text) for text in said] == expected


def test_a_new_option_works_within_seconds_and_counts_while_the_settings_cannot_be_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(Environment(database_url=migrated_sqlite(tmp_path)), home=tmp_path)
    composition.use(app)
    try:
        component = Component("default")
        assert component.intent("Vendas") is None
        MENU_SETTING.save(app.settings, "default", Menu((Option("Vendas", queue="Comercial"),)), by="ana", at=NOW)
        assert component.intent("vendas") is None
        component.time += 5
        assert component.intent("vendas") == "outro_assunto"
        composition.use(App(Environment(database_url=f"sqlite:///{tmp_path}"), home=tmp_path))
        component.time += 5
        assert component.intent("vendas") == "outro_assunto"
        assert "menu: cannot be loaded" in caplog.text
    finally:
        composition.use(None)
