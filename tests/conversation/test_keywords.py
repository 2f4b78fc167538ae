"""Keywords: the whole message and nothing but it, from a list that is fresh within seconds and never fails."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timezone
from pathlib import Path

import pytest
from support.databases import migrated_sqlite

from segunda_via.app import App
from segunda_via.conversation import keyword_setting as saved
from segunda_via.conversation import menu_setting
from segunda_via.conversation.keywords import DEFAULTS, KeywordCache, matches, normalise
from segunda_via.conversation.menu import Menu, Option
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
            if name == saved.NAME:
                saved.add(app.settings, company, "carnê", by="rui", at=NOW)
            return read

    with pytest.raises(SavedMeanwhile):
        saved.add(Slow(app.engine, app.keys), "default", "fatura", by="ana", at=NOW)
    assert "carnê" in saved.in_force(app.settings, "default")


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


class Source:
    """A list that can be changed, and broken, under the cache; and its clock."""

    def __init__(self, *phrases: str) -> None:
        self.phrases: Collection[str] = phrases
        self.broken = False
        self.reads = 0
        self.time = 100.0
        self.cache = KeywordCache(self.read, lambda: self.time, ttl=5)

    def read(self) -> Collection[str]:
        self.reads += 1
        if self.broken:
            raise OSError("the database is down")
        return self.phrases


def test_a_new_keyword_works_within_the_time_to_live() -> None:
    source = Source("boleto")
    assert not source.cache.matches("Carnê")
    source.phrases = ["carnê"]
    source.time += 4.9
    assert not source.cache.matches("carne")
    assert source.reads == 1
    source.time += 0.1
    assert source.cache.matches("carne")
    assert not source.cache.matches("boleto"), "the list was replaced"
    assert source.reads == 2


def test_while_the_settings_cannot_be_read_the_last_list_counts(caplog: pytest.LogCaptureFixture) -> None:
    source = Source("carnê")
    assert source.cache.matches("carnê")
    source.broken = True
    for _ in range(3):
        source.time += 5
        assert source.cache.matches("carnê")
        assert source.cache.matches("carnê")
    assert source.reads == 4, "a failure is not tried again at every message"
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    source.broken = False
    source.phrases = ["fatura"]
    source.time += 5
    assert source.cache.matches("fatura")


def test_settings_that_could_never_be_read_leave_the_default_keywords() -> None:
    source = Source()
    source.broken = True
    assert all(source.cache.matches(keyword) for keyword in DEFAULTS)


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return App(Environment(database_url=migrated_sqlite(tmp_path)), home=tmp_path).settings


def add(store: SettingsStore, phrase: str, company: str = "default") -> bool:
    return saved.add(store, company, phrase, by="ana", at=NOW)


def test_the_operators_list_begins_with_the_defaults_and_is_each_companys_own(store: SettingsStore) -> None:
    assert add(store, "  me vê o  carnê ")
    assert saved.in_force(store, "default") == (*DEFAULTS, "me vê o carnê")
    assert saved.in_force(store, "other") == DEFAULTS
    assert not add(store, "Me ve o carne!")
    kept = store.get("default", "keywords")
    assert kept is not None
    assert kept.value == {"phrases": [*DEFAULTS, "me vê o carnê"]}


def test_a_list_emptied_stays_empty(store: SettingsStore) -> None:
    for keyword in DEFAULTS:
        assert saved.remove(store, "default", keyword.upper(), by="ana", at=NOW)
    assert saved.in_force(store, "default") == ()
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
        saved.save(store, "default", ["carnê", phrase], by="ana", at=NOW)
    assert saved.in_force(store, "default") == DEFAULTS


def test_an_option_of_the_menu_is_no_keyword_unless_it_asks_for_the_boleto(store: SettingsStore) -> None:
    menu_setting.save(store, "default", Menu((Option("Vendas", queue="Comercial"),)), by="ana", at=NOW)
    with pytest.raises(ConfigurationError):
        add(store, "vendas")
    assert add(store, "vendas", "other")
    assert add(store, "segunda via de boleto")


def test_a_reserved_word_that_was_saved_once_does_not_count(store: SettingsStore) -> None:
    store.put("default", "keywords", {"phrases": ["boleto", "sim", "1", "atendente"]}, by="ana", at=NOW)
    assert saved.in_force(store, "default") == ("boleto",)


def test_what_only_contains_a_reserved_word_may_be_a_keyword(store: SettingsStore) -> None:
    for phrase in ("sim quero boleto", "2 via", "2a via", "não recebi o boleto", "conta de luz"):
        assert add(store, phrase)


@pytest.mark.parametrize("phrase", ["", "🙏", "x" * 301, "529.982.247-25", "eu@exemplo.com"])
def test_what_cannot_be_a_keyword_is_refused(store: SettingsStore, phrase: str) -> None:
    with pytest.raises(ConfigurationError):
        add(store, phrase)
    assert saved.in_force(store, "default") == DEFAULTS
