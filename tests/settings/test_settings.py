"""The environment, the encrypted store, the keys, and who wins."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from datetime import datetime, timezone
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from support.databases import engine_in_memory

from segunda_via.app import build
from segunda_via.boletos.checks import Payee
from segunda_via.errors import ConfigurationError, NotConfigured, SecretKeyError
from segunda_via.settings import gateway
from segunda_via.settings.environment import Environment
from segunda_via.settings.store import SettingsStore
from segunda_via.storage import database
from segunda_via.storage.keys import KeyRing, load_or_create

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
CREDENTIALS = {"token": "$aact_hmlg_segredo"}


KEYS = KeyRing(Fernet.generate_key().decode())


@pytest.fixture
def store() -> SettingsStore:
    return SettingsStore(engine_in_memory(), KEYS)


def under(environ: Mapping[str, str], store: SettingsStore) -> SettingsStore:
    """What is saved there, under that environment."""
    return SettingsStore(store._engine, KEYS, Environment.read(environ))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SEGUNDA_VIA_CREDENTIALS", "{token: segredo}"),
        ("SEGUNDA_VIA_CREDENTIALS", '["segredo"]'),
        ("SEGUNDA_VIA_DATABASE_URL", "mysql://segredo@host/db"),
        ("SEGUNDA_VIA_SECRET_KEY", "segredo"),
        ("SEGUNDA_VIA_PUBLIC_URL", "bot.example.com"),
        ("SEGUNDA_VIA_PUBLIC_URL", "https://bot.example.com:99999"),
        ("SEGUNDA_VIA_TRUSTED_PROXIES", "proxy.example.com"),
        ("SEGUNDA_VIA_TRUSTED_PROXIES", "10.0.0.1, 0.0.0.0/0"),
        ("SEGUNDA_VIA_DOCUMENTS_PER_SENDER", "0"),
        ("SEGUNDA_VIA_SENDERS_PER_DOCUMENT", "muitos"),
        ("SEGUNDA_VIA_MAX_FINE", "-1"),
        ("SEGUNDA_VIA_MAX_MONTHLY_INTEREST", "nan"),
        ("SEGUNDA_VIA_MAX_DISCOUNT", "100"),
        ("SEGUNDA_VIA_RETENTION_DAYS", "1.5"),
        ("TWILIO_WEBHOOK_URL", "ftp://bot.example.com"),
        ("TWILIO_API_URL", "http://twilio.example.com"),
        ("SEGUNDA_VIA_MESSAGES_PER_MINUTE", "0"),
        ("SEGUNDA_VIA_LOG_FORMAT", "xml"),
        *(("SEGUNDA_VIA_LATE_TRIES", each) for each in ("soon", "2 1", "0 1", "-1", "nan", "1 1381", "1e400")),
    ],
)
def test_a_malformed_variable_is_one_line_that_names_it_and_quotes_nothing(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Environment.read({name: value})
    text = str(caught.value)
    assert text.startswith(f"{name} deve ")
    assert "\n" not in text
    assert "segredo" not in text
    assert caught.value.__cause__ is None


def test_what_is_not_set_or_empty_has_its_default() -> None:
    environment = Environment.read({"SEGUNDA_VIA_GATEWAY": " ", "SEGUNDA_VIA_MAX_FINE": ""})
    assert environment == Environment()
    assert environment.public_url is None


def test_the_environment_is_read_as_documented() -> None:
    environment = Environment.read(
        {
            "SEGUNDA_VIA_GATEWAY": "asaas",
            "SEGUNDA_VIA_CREDENTIALS": '{"token": " $aact_prod_x ", "allow_http": true, "pdf_hosts": ["a.com", "b.c"]}',
            "SEGUNDA_VIA_MAX_FINE": "10,5",
            "SEGUNDA_VIA_MAX_DISCOUNT": "15",
            "SEGUNDA_VIA_PUBLIC_URL": "https://bot.example.com/",
            "SEGUNDA_VIA_TRUSTED_PROXIES": "10.0.0.5, 172.18.0.1/16, fd00::/8",
        }
    )
    assert environment.credentials == {"token": "$aact_prod_x", "allow_http": "true", "pdf_hosts": "a.com,b.c"}
    assert environment.bounds.fine == Decimal("0.105")
    assert environment.bounds.max_discount == Decimal("0.15")
    assert environment.public_url == "https://bot.example.com"
    assert [str(each) for each in environment.trusted_proxies] == ["10.0.0.5/32", "172.18.0.0/16", "fd00::/8"]
    assert "$aact_prod_x" not in repr(environment)


@pytest.mark.parametrize(
    ("webhook", "public_url"),
    [
        ("https://bot.example.com/webhooks/whatsapp/webhook", "https://bot.example.com"),
        ("https://example.com/bot/entrada", "https://example.com/bot"),
    ],
)
def test_the_webhook_of_an_older_installation_tells_the_public_address(webhook: str, public_url: str) -> None:
    assert Environment.read({"TWILIO_WEBHOOK_URL": webhook}).public_url == public_url
    other = {"TWILIO_WEBHOOK_URL": webhook, "SEGUNDA_VIA_PUBLIC_URL": "https://links.example.com"}
    assert Environment.read(other).public_url == "https://links.example.com"


def test_what_is_saved_is_encrypted_and_comes_back(store: SettingsStore) -> None:
    store.put("default", "gateway", {"gateway": "asaas", "credentials": CREDENTIALS}, by="maria", at=NOON)
    saved = store.get("default", "gateway")
    assert saved is not None
    assert (saved.value["credentials"], saved.saved_by, saved.saved_at) == (CREDENTIALS, "maria", NOON)
    assert "segredo" not in repr(saved)
    with store._engine.connect() as connection:
        assert "segredo" not in connection.execute(sa.select(database.settings.c.value)).scalar_one()


def test_another_key_is_a_clear_error() -> None:
    engine = engine_in_memory()
    SettingsStore(engine, KeyRing(Fernet.generate_key().decode())).put("default", "gateway", {}, by="x", at=NOON)
    with pytest.raises(SecretKeyError, match="cifrado com outra chave"):
        SettingsStore(engine, KeyRing(Fernet.generate_key().decode())).get("default", "gateway")


def test_the_environment_wins_over_what_was_saved(store: SettingsStore) -> None:
    store.put("default", "gateway", {"gateway": "asaas", "credentials": CREDENTIALS}, by="maria", at=NOON)
    other = under({"SEGUNDA_VIA_CREDENTIALS": '{"token": "outro"}'}, store)
    assert gateway.in_force(other, "default").credentials == {"token": "outro"}
    assert gateway.in_force(store, "default").credentials == CREDENTIALS
    elsewhere = under({"SEGUNDA_VIA_GATEWAY": "sga"}, store)
    assert gateway.in_force(elsewhere, "default").credentials == {}, "asaas' token is not for another gateway"
    found = [gateway.in_force(each, "default").from_environment for each in (other, store, elsewhere)]
    assert found == [True, False, True]


def test_nothing_chosen_is_not_configured(store: SettingsStore) -> None:
    with pytest.raises(NotConfigured):
        gateway.in_force(store, "default")
    with pytest.raises(NotConfigured):
        gateway.in_force(under({"SEGUNDA_VIA_CREDENTIALS": '{"token": "a"}'}, store), "default")


def test_the_payee_counts_for_its_own_gateway_only(store: SettingsStore) -> None:
    payee = {"gateway": "asaas", "bank_code": "461", "pix_receiver": "EMPRESA TESTE", "psp_host": "pix.asaas.com"}
    store.put("default", "payee", payee, by="maria", at=NOON)
    asaas = under({"SEGUNDA_VIA_GATEWAY": "asaas"}, store)
    assert gateway.in_force(asaas, "default").payee == Payee("461", "EMPRESA TESTE", "pix.asaas.com")
    assert not gateway.in_force(under({"SEGUNDA_VIA_GATEWAY": "sga"}, store), "default").payee


def test_the_key_file_is_private_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret.key"
    key = load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create(path) == key
    assert [each.name for each in path.parent.iterdir()] == ["secret.key"]


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    with get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(load_or_create, [tmp_path / "secret.key"] * 16))) == 1


def test_a_damaged_key_file_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_text("lixo")
    with pytest.raises(SecretKeyError, match="não contém uma chave secreta"):
        load_or_create(path)


def test_sub_keys_differ_by_purpose() -> None:
    keys = KeyRing(Fernet.generate_key().decode())
    assert keys.derive("settings") != keys.derive("media links")
    assert keys.derive("settings") == keys.derive("settings")


@pytest.mark.slow
def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/segunda_via.db"
    with get_context("spawn").Pool(4) as pool:
        (tables,) = set(pool.map(_tables, [url] * 8))
    assert {"segunda_via_settings", "segunda_via_lookups", "segunda_via_tickets", "segunda_via_ticket_events"} < tables


def _tables(url: str) -> frozenset[str]:
    return frozenset(sa.inspect(database.connect(url)).get_table_names())


def test_a_desk_that_does_not_exist_is_refused_at_the_start() -> None:
    with pytest.raises(ConfigurationError, match="SEGUNDA_VIA_TICKET_DESK deve ser um destes: journal, whaticket"):
        build({"SEGUNDA_VIA_TICKET_DESK": "zendesk"})
