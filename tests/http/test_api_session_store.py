"""Session tokens in the database: shared, encrypted, and never the cause of a failed delivery."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from support.databases import migrated_sqlite
from support.retention import erase_old

from segunda_via.http.api_session_store import DatabaseSessionStore, gateway_sessions
from segunda_via.http.api_sessions import ApiSession, ApiSessions
from segunda_via.storage import database
from segunda_via.storage.keys import KeyRing

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def engine(tmp_path):
    engine = database.connect(migrated_sqlite(tmp_path))
    yield engine
    engine.dispose()


@pytest.fixture
def keys():
    return KeyRing(Fernet.generate_key().decode())


@pytest.fixture
def store(engine, keys):
    return DatabaseSessionStore(engine, keys, now=lambda: NOW)


def test_what_one_process_puts_another_gets(engine, keys, store):
    store.put("account", "token", LATER)
    assert DatabaseSessionStore(engine, keys).get("account") == ApiSession("token", LATER)
    assert store.get("another account") is None


def test_a_newer_token_takes_the_place_of_the_older(store):
    store.put("account", "older", LATER)
    store.put("account", "newer", None)
    assert store.get("account") == ApiSession("newer", None)


def test_dropping_an_old_token_leaves_the_newer_one(store):
    store.put("account", "newer", None)
    store.drop("account", "older")
    assert store.get("account") == ApiSession("newer")
    store.drop("account", "newer")
    assert store.get("account") is None
    store.drop("account", "newer")


def test_neither_token_nor_key_can_be_read_from_the_database(tmp_path, store):
    store.put("a-key-of-an-account", "a-token-of-a-session", None)
    saved = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"segunda_via_gateway_sessions" in saved
    assert b"a-token-of-a-session" not in saved
    assert b"a-key-of-an-account" not in saved


def test_a_token_saved_under_another_secret_key_is_none(engine, store):
    store.put("account", "token", None)
    with engine.begin() as connection:
        connection.execute(sa.update(gateway_sessions).values(token="not ours"))
    assert store.get("account") is None
    store.drop("account", "token")
    store.put("account", "token", None)
    assert store.get("account") == ApiSession("token")


def test_a_database_that_fails_is_no_session(engine, store, caplog):
    store.put("account", "token", None)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE segunda_via_gateway_sessions"))
    assert store.get("account") is None
    store.put("account", "token", None)
    store.drop("account", "token")
    assert store.claim("account", "one", NOW, LATER)
    store.release("account", "one")
    assert caplog.text.count("gateway session") == 5
    assert "token" not in caplog.text


def test_one_holder_at_a_time(engine, keys, store):
    other = DatabaseSessionStore(engine, keys)
    assert store.claim("account", "one", NOW, LATER)
    assert not other.claim("account", "other", NOW, LATER)
    assert store.claim("account", "one", NOW, LATER)
    assert other.claim("another account", "other", NOW, LATER)
    other.release("account", "other")
    assert not other.claim("account", "other", NOW, LATER)
    store.release("account", "one")
    assert other.claim("account", "other", NOW, LATER)
    assert store.get("account") is None


def test_a_claim_ends_by_itself_and_leaves_the_token(store):
    store.put("account", "token", LATER)
    assert store.claim("account", "one", NOW, LATER)
    assert store.claim("account", "other", LATER, LATER + timedelta(hours=1))
    store.release("account", "one")
    assert not store.claim("account", "one", LATER, LATER)
    assert store.get("account") == ApiSession("token", LATER)


def test_processes_that_start_together_on_one_database_sign_in_once(engine, keys):
    sign_ins = []

    async def sign_in() -> ApiSession:
        await asyncio.sleep(0.05)
        sign_ins.append(1)
        return ApiSession(f"token {len(sign_ins)}")

    async def start() -> list[str]:
        processes = [ApiSessions(DatabaseSessionStore(engine, keys)) for _ in range(4)]
        return await asyncio.gather(*(process.keeper("account", sign_in).token() for process in processes))

    assert asyncio.run(start()) == ["token 1"] * 4


def test_old_sessions_are_forgotten(store, engine):
    store.put("account", "token", None)
    assert erase_old(engine, gateway_sessions, NOW + timedelta(days=90)) == 0
    assert erase_old(engine, gateway_sessions, NOW + timedelta(days=91)) == 1
    assert store.get("account") is None


def test_the_migration_makes_the_table_that_is_declared(engine):
    made = {column["name"]: column["nullable"] for column in sa.inspect(engine).get_columns(gateway_sessions.name)}
    assert made == {column.name: column.nullable for column in gateway_sessions.columns}
