"""Not configured: 503. Half configured: no start. Saved: checked."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.engine import Engine
from support.databases import migrated_sqlite
from support.serving import serving

from segunda_via.app import App
from segunda_via.conversation import domain_file
from segunda_via.errors import ConfigurationError
from segunda_via.settings import whatsapp
from segunda_via.settings.environment import Environment
from segunda_via.settings.store import SettingsStore
from segunda_via.settings.whatsapp import WHATSAPP_SETTING
from segunda_via.storage import database
from segunda_via.storage.keys import KeyRing

WHOLE = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_WHATSAPP_NUMBER": "+14155238886",
    "TWILIO_WEBHOOK_URL": "https://bot.example.com/webhooks/whatsapp/webhook",
}


KEYS = KeyRing(Fernet.generate_key().decode())


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return database.connect(f"sqlite:///{tmp_path}/a.db")


@pytest.fixture
def store(engine: Engine) -> SettingsStore:
    return SettingsStore(engine, KEYS)


@pytest.fixture
def under_whole(engine: Engine) -> SettingsStore:
    """What is saved, under the environment's number."""
    return SettingsStore(engine, KEYS, Environment.read(WHOLE))


async def test_without_a_number_the_answer_is_503(tmp_path: Path) -> None:
    environment = Environment.read({"SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(tmp_path)})
    async with serving(App(environment, home=tmp_path)) as client:
        assert (await client.post("/webhooks/whatsapp/webhook", data={"MessageSid": "x"})).status_code == 503


@pytest.mark.parametrize("missing", WHOLE)
def test_a_variable_that_is_missing_is_named(missing: str) -> None:
    with pytest.raises(ConfigurationError, match=missing):
        Environment.read({name: value for name, value in WHOLE.items() if name != missing})


def test_the_webhook_alone_only_says_where_the_links_are() -> None:
    assert Environment.read({"TWILIO_WEBHOOK_URL": WHOLE["TWILIO_WEBHOOK_URL"]}).twilio is None


def test_the_environment_wins_over_what_was_saved(store: SettingsStore, under_whole: SettingsStore) -> None:
    saved = whatsapp.WhatsAppNumber("AC" + "1" * 32, "t", "+5511999998888", "https://a.example.com/w/webhook")
    WHATSAPP_SETTING.save(store, "default", saved, by="maria", at=datetime.now(timezone.utc))
    read = WHATSAPP_SETTING.in_force(store, "default")
    assert read is not None
    assert (read.number, read.status_url) == ("whatsapp:+5511999998888", "https://a.example.com/w/status")
    told = WHATSAPP_SETTING.in_force(under_whole, "default")
    assert told is not None
    assert told.number == "whatsapp:+14155238886"


@pytest.mark.parametrize("field", ["account_sid", "auth_token", "number", "webhook_url"])
def test_half_a_number_cannot_be_saved(store: SettingsStore, field: str) -> None:
    value = {
        "account_sid": "AC" + "1" * 32,
        "auth_token": "t",
        "number": "+5511999998888",
        "webhook_url": "https://a.b/w",
    }
    with pytest.raises(ConfigurationError, match=f"{whatsapp.LABELS[field]}: preencha"):
        whatsapp.checked({**value, field: ""})


@pytest.mark.parametrize("url", ["https://bot.example.com", "https://bot.example.com/"])
def test_a_webhook_without_a_path_stops_the_start(url: str) -> None:
    with pytest.raises(ConfigurationError, match="TWILIO_WEBHOOK_URL deve terminar no caminho do webhook"):
        Environment.read({**WHOLE, "TWILIO_WEBHOOK_URL": url})


def test_templates_count_wherever_the_number_comes_from(store: SettingsStore, under_whole: SettingsStore) -> None:
    content, now = "HX" + "0" * 32, datetime.now(timezone.utc)
    whatsapp.save_templates(store, "default", {"menu": content, "welcome": " "}, by="maria", at=now)
    assert WHATSAPP_SETTING.in_force(store, "default") is None, "they make no number"
    told = WHATSAPP_SETTING.in_force(under_whole, "default")
    assert told is not None
    assert told.templates == {"menu": content}


def test_every_response_with_buttons_may_have_a_template() -> None:
    with_buttons = {name for name, said in domain_file.responses().items() if any(each.get("buttons") for each in said)}
    assert with_buttons == {f"utter_segunda_via_{name}" for name in whatsapp.TEMPLATES}
