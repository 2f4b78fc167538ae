"""Keywords: the whole message and nothing but it, from the operator's list."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from support.databases import migrated_sqlite

from segunda_via.app import App
from segunda_via.conversation import keyword_setting as saved
from segunda_via.conversation.keyword_setting import KEYWORD_SETTING
from segunda_via.conversation.keywords import DEFAULTS, matches, normalise
from segunda_via.conversation.menu import Menu, Option
from segunda_via.conversation.menu_setting import MENU_SETTING
from segunda_via.errors import ConfigurationError, SavedMeanwhile
from segunda_via.settings.environment import Environment
from segunda_via.settings.store import Saved, SettingsStore

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)


def test_of_two_who_add_at_once_nobodys_word_is_lost(tmp_path: Path) -> None:
    app = App(Environment(database_url=migrated_sqlite(tmp_path)), home=tmp_path)

    class Slow(SettingsStore):
        """Between reading and saving, another operator saves."""

        def get(self, company: str, name: str) -> Saved | None:
            read = super().get(company, name)
            if name == KEYWORD_SETTING.name:
                saved.add(app.settings, company, "carnê", by="rui", at=NOW)
            return read

    with pytest.raises(SavedMeanwhile):
        saved.add(Slow(app.engine, app.keys), "default", "fatura", by="ana", at=NOW)
    assert "carnê" in KEYWORD_SETTING.in_force(app.settings, "default")


@pytest.mark.parametrize(
    "message",
    ["boleto", "BOLETO", "  boleto\n", "*Boleto*", "_boleto_", "boleto!!! 🙏", "Segunda-Via", "ségunda  vía, boleto?"],
)
def test_case_accents_punctuation_and_spaces_do_not_count(message: str) -> None:
    assert matches(message, DEFAULTS)


@pytest.mark.parametrize(
    "message", ["", "  ", "🙏", "boletim", "não quero boleto", "paguei o boleto", "boleto boleto", "bol eto"]
)
def test_less_or_more_than_a_keyword_is_none(message: str) -> None:
    assert not matches(message, DEFAULTS)


def test_signs_alone_are_no_keyword() -> None:
    assert not matches("👋", ["🙏"])


def test_what_is_invisible_or_of_another_width_does_not_count() -> None:
    assert normalise("bo\u200dle\u00adto") == normalise("ｂｏｌｅｔｏ") == "boleto"
    assert normalise("2ª via") == "2a via"


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return App(Environment(database_url=migrated_sqlite(tmp_path)), home=tmp_path).settings


def add(store: SettingsStore, phrase: str, company: str = "default") -> bool:
    return saved.add(store, company, phrase, by="ana", at=NOW)


def test_the_operators_list_begins_with_the_defaults_and_is_each_companys_own(store: SettingsStore) -> None:
    assert add(store, "  me vê o  carnê ")
    assert KEYWORD_SETTING.in_force(store, "default") == (*DEFAULTS, "me vê o carnê")
    assert KEYWORD_SETTING.in_force(store, "other") == DEFAULTS
    assert not add(store, "Me ve o carne!")
    kept = store.get("default", "keywords")
    assert kept is not None
    assert kept.value == {"phrases": [*DEFAULTS, "me vê o carnê"]}


def test_a_list_emptied_stays_empty(store: SettingsStore) -> None:
    for keyword in DEFAULTS:
        assert saved.remove(store, "default", keyword.upper(), by="ana", at=NOW)
    assert KEYWORD_SETTING.in_force(store, "default") == ()
    assert not saved.remove(store, "default", "boleto", by="ana", at=NOW)


ANSWERS = ("não", "NÃO!", "sim", "s", "ok", "isso")
NUMBERS = ("1", "01", "0", "12", "2️⃣", "opção 2", "primeira opção")
MENU = ("menu", "quais as opções?", "Falar com atendente", "2 - falar com atendente")
WAYS_OUT = ("atendente", "cancelar", "sair", "ajuda")
TALK = ("oi", "bom dia", "obrigado", "tchau")


@pytest.mark.parametrize("phrase", [*ANSWERS, *NUMBERS, *MENU, *WAYS_OUT, *TALK])
def test_a_reserved_word_is_no_keyword(store: SettingsStore, phrase: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        add(store, phrase)
    assert "não serve de palavra-chave" in str(refused.value)
    with pytest.raises(ConfigurationError):
        KEYWORD_SETTING.save(store, "default", ["carnê", phrase], by="ana", at=NOW)
    assert KEYWORD_SETTING.in_force(store, "default") == DEFAULTS


def test_an_option_of_the_menu_is_no_keyword_unless_it_asks_for_the_boleto(store: SettingsStore) -> None:
    MENU_SETTING.save(store, "default", Menu((Option("Vendas", queue="Comercial"),)), by="ana", at=NOW)
    with pytest.raises(ConfigurationError):
        add(store, "vendas")
    assert add(store, "vendas", "other")
    assert add(store, "segunda via de boleto")


def test_a_reserved_word_that_was_saved_once_does_not_count(store: SettingsStore) -> None:
    store.put("default", "keywords", {"phrases": ["boleto", "sim", "1", "atendente"]}, by="ana", at=NOW)
    assert KEYWORD_SETTING.in_force(store, "default") == ("boleto",)


def test_what_only_contains_a_reserved_word_may_be_a_keyword(store: SettingsStore) -> None:
    for phrase in ("sim quero boleto", "2 via", "2a via", "não recebi o boleto", "conta de luz"):
        assert add(store, phrase)


@pytest.mark.parametrize("phrase", ["", "🙏", "x" * 301, "529.982.247-25", "eu@exemplo.com"])
def test_what_cannot_be_a_keyword_is_refused(store: SettingsStore, phrase: str) -> None:
    with pytest.raises(ConfigurationError):
        add(store, phrase)
    assert KEYWORD_SETTING.in_force(store, "default") == DEFAULTS
