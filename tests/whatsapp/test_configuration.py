"""Not configured: 503. Half configured: no start. Saved: checked."""

from __future__ import annotations

from collections.abc import Mapping
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
}
ACCOUNT = {"account_sid": "AC" + "1" * 32, "auth_token": "t", "number": "+5511999998888"}
BOT = "https://bot.example.com"
HOOK = f"{BOT}/webhooks/whatsapp/webhook"


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


def test_the_environment_wins_over_what_was_saved(store: SettingsStore, under_whole: SettingsStore) -> None:
    saved = whatsapp.checked({**ACCOUNT, "public_url": f"{BOT}/"})
    WHATSAPP_SETTING.save(store, "default", saved, by="maria", at=datetime.now(timezone.utc))
    assert WHATSAPP_SETTING.in_force(store, "default") == saved
    told = WHATSAPP_SETTING.in_force(under_whole, "default")
    assert told is not None
    assert (told.number, told.public_url) == ("whatsapp:+14155238886", BOT)


@pytest.mark.parametrize("field", [*ACCOUNT, "public_url"])
def test_half_a_number_cannot_be_saved(field: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{whatsapp.LABELS[field]}: preencha"):
        whatsapp.checked({**ACCOUNT, "public_url": BOT, field: ""})


def number_of(engine: Engine, environ: Mapping[str, str], **saved: str) -> whatsapp.WhatsAppNumber:
    """The number in force, under that environment, with these addresses saved beside the account."""
    store = SettingsStore(engine, KEYS, Environment.read(environ))
    store.put("default", "whatsapp", {**ACCOUNT, **saved}, by="maria", at=datetime.now(timezone.utc))
    number = WHATSAPP_SETTING.in_force(store, "default")
    assert number is not None
    return number


@pytest.mark.parametrize(
    ("environ", "saved", "public_url"),
    [
        ({}, {"public_url": BOT}, BOT),
        ({}, {"public_url": "https://example.com/bot/"}, "https://example.com/bot"),
        ({}, {"webhook_url": HOOK}, BOT),
        ({}, {"webhook_url": HOOK, "status_callback_url": f"{BOT}/webhooks/whatsapp/status"}, BOT),
        ({}, {"webhook_url": BOT}, BOT),
        ({"SEGUNDA_VIA_PUBLIC_URL": BOT}, {"public_url": "https://old.example.com"}, BOT),
        ({"SEGUNDA_VIA_PUBLIC_URL": BOT}, {}, BOT),
        ({**WHOLE, "SEGUNDA_VIA_PUBLIC_URL": BOT}, {}, BOT),
        ({**WHOLE, "TWILIO_WEBHOOK_URL": HOOK}, {}, BOT),
        (WHOLE, {}, "http://localhost:8000"),
    ],
)
def test_all_addresses_derive_from_the_public_one(
    engine: Engine, environ: Mapping[str, str], saved: Mapping[str, str], public_url: str
) -> None:
    number = number_of(engine, environ, **saved)
    assert number.public_url == public_url
    assert number.webhook_url == f"{public_url}/webhooks/whatsapp/webhook"
    assert number.status_url == f"{public_url}/webhooks/whatsapp/status"
    assert not number.addresses_of_its_own


@pytest.mark.parametrize(
    ("environ", "saved", "public_url", "status"),
    [
        ({}, {"webhook_url": "https://example.com/w/entrada"}, "https://example.com/w", "https://example.com/w/status"),
        ({}, {"public_url": BOT, "webhook_url": "https://example.com/w/entrada"}, BOT, "https://example.com/w/status"),
        (
            {"SEGUNDA_VIA_PUBLIC_URL": BOT, "TWILIO_WEBHOOK_URL": "https://example.com/w/entrada"},
            {"public_url": "https://old.example.com"},
            BOT,
            "https://example.com/w/status",
        ),
        (
            {"SEGUNDA_VIA_PUBLIC_URL": BOT},
            {"webhook_url": "https://example.com/w/entrada", "status_callback_url": "https://example.com/s"},
            BOT,
            "https://example.com/s",
        ),
    ],
)
def test_a_webhook_at_another_address_stays_as_twilio_has_it(
    engine: Engine, environ: Mapping[str, str], saved: Mapping[str, str], public_url: str, status: str
) -> None:
    number = number_of(engine, environ, **saved)
    assert number.webhook_url == "https://example.com/w/entrada"
    assert (number.public_url, number.status_url) == (public_url, status)
    store = SettingsStore(engine, KEYS)
    WHATSAPP_SETTING.save(store, "default", number, by="maria", at=datetime.now(timezone.utc))
    assert WHATSAPP_SETTING.in_force(store, "default") == number, "it is saved so"


def test_a_status_callback_of_its_own_leaves_the_webhook_derived(engine: Engine) -> None:
    number = number_of(engine, {"TWILIO_STATUS_CALLBACK_URL": "https://s.example.com/s"}, public_url=BOT)
    assert (number.webhook_url, number.status_url) == (HOOK, "https://s.example.com/s")


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
