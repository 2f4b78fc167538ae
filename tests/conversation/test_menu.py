"""The menu's options, what chooses them, and what an operator may add."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from support.databases import migrated_sqlite

from segunda_via.app import App
from segunda_via.conversation.menu import CHOOSE, QUEUE_INTENT, SHOW, Menu, Option
from segunda_via.conversation.menu_setting import MENU_SETTING
from segunda_via.errors import ConfigurationError
from segunda_via.settings.environment import Environment
from segunda_via.settings.store import SettingsStore

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
MENU = Menu(
    (
        Option("Horários", text="Das 8h às 18h."),
        Option("Vendas", queue="Comercial"),
        Option("Já paguei", intent="ja_paguei"),
    )
)


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("menu", SHOW),
        ("Menu principal", SHOW),
        ("me mostra as opções de novo por favor", SHOW),
        ("volta ao menu", SHOW),
        ("oi, menu", SHOW),
        ("Segunda Via de Boleto", "pedir_segunda_via"),
        ("1 - segunda via de boleto", "pedir_segunda_via"),
        ("1. Segunda Via de Boleto", "pedir_segunda_via"),
        ("2) FALAR COM ATENDENTE", "falar_com_atendente"),
        ("horarios", CHOOSE),
        ("vendas!", QUEUE_INTENT),
        ("ja paguei", "ja_paguei"),
        ("1", CHOOSE),
        ("1️⃣", CHOOSE),
        ("opção 5", CHOOSE),
        ("a segunda opção", CHOOSE),
        ("quero a 2 por favor", CHOOSE),
        ("6", None),
        ("0", None),
        ("22", None),
        ("segunda", None),
        ("segunda via", None),
        ("não achei no menu", None),
        ("qual o menu do restaurante hoje", None),
        ("3 - segunda via de boleto", None),
        ("", None),
        ("👋", None),
    ],
)
def test_what_a_message_chooses(message: str, intent: str | None) -> None:
    assert MENU.intent_of(message) == intent


def test_numbers_follow_the_order_of_the_menu() -> None:
    assert [MENU.numbered(str(number)) for number in range(7)] == [None, *MENU.everything, None]


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return App(Environment(database_url=migrated_sqlite(tmp_path)), home=tmp_path).settings


def save(store: SettingsStore, *options: Option) -> None:
    MENU_SETTING.save(store, "default", Menu(options), by="ana", at=NOW)


def test_what_is_saved_is_in_force(store: SettingsStore) -> None:
    assert MENU_SETTING.in_force(store, "default") == Menu()
    save(store, *MENU.options)
    assert MENU_SETTING.in_force(store, "default") == MENU
    assert MENU_SETTING.in_force(store, "other") == Menu()


def test_a_text_is_kept_without_blank_lines(store: SettingsStore) -> None:
    save(store, Option(" Horários ", text="Das 8h às 18h.\r\n\r\nSábado até 12h.\n"))
    kept = Option("Horários", text="Das 8h às 18h.\nSábado até 12h.")
    assert MENU_SETTING.in_force(store, "default").options == (kept,)


def test_a_reserved_word_may_name_what_it_means_already(store: SettingsStore) -> None:
    save(store, Option("Atendente", intent="falar_com_atendente"), Option("Ajuda", intent="pedir_ajuda"))
    assert len(MENU_SETTING.in_force(store, "default").options) == 2


@pytest.mark.parametrize(
    "options",
    [
        [Option("", text="x")],
        [Option("👋", text="x")],
        [Option("x" * 25, text="x")],
        [Option("segunda via de BOLETO", text="x")],
        [Option("Vendas", text="x"), Option("vendas", text="y")],
        [Option("3", text="x")],
        [Option("Menu", text="x")],
        [Option("Sim", text="x")],
        [Option("não", queue="x")],
        [Option("Cancelar", text="x")],
        [Option("Atendente", text="x")],
        [Option("Vendas")],
        [Option("Vendas", text="  ")],
        [Option("Vendas", text="x", queue="y")],
        [Option("Vendas", intent="afirmar")],
        [Option("Vendas", text="x" * 1001)],
        [Option("Vendas", queue="x" * 129)],
        [Option(f"Vendas {chr(97 + n)}", text="x") for n in range(9)],
    ],
)
def test_what_cannot_be_an_option_is_refused_in_one_line(store: SettingsStore, options: list[Option]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        save(store, *options)
    assert "\n" not in str(refused.value)
    assert MENU_SETTING.in_force(store, "default") == Menu()
