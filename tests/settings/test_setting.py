"""One way to read and save every setting: the environment wins over what is saved, which wins over the default."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.engine import Engine

from segunda_via.errors import ConfigurationError, SavedMeanwhile
from segunda_via.settings.environment import Environment
from segunda_via.settings.setting import InForce, Setting, Source
from segunda_via.settings.store import Saved, SettingsStore
from segunda_via.storage import audit_trail, database
from segunda_via.storage.keys import KeyRing

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
KEYS = KeyRing(Fernet.generate_key().decode())


def write(names: tuple[str, ...]) -> Mapping[str, Any]:
    if "" in names:
        raise ConfigurationError("um nome está em branco")
    return {"names": list(names)}


def fixed(environment: Environment, saved: Mapping[str, Any]) -> tuple[str, ...] | None:
    return (environment.gateway, *saved.get("names", ())) if environment.gateway else None


NAMES = Setting("names", ("default",), lambda saved: tuple(saved["names"]), write, fixed)


@pytest.fixture
def engine() -> Engine:
    return database.connect("sqlite://")


@pytest.fixture
def store(engine: Engine) -> SettingsStore:
    return SettingsStore(engine, KEYS)


def save(store: SettingsStore, *names: str) -> None:
    NAMES.save(store, "default", names, by="ana", at=NOON)


def trail(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(sa.select(audit_trail.audit_trail).order_by(audit_trail.audit_trail.c.id))
        return [(row.who, row.event) for row in rows]


def test_what_counts_and_where_it_comes_from(engine: Engine, store: SettingsStore) -> None:
    told = SettingsStore(engine, KEYS, Environment(gateway="told"))
    assert NAMES.with_source(store, "default") == InForce(("default",), Source.DEFAULT)
    assert NAMES.with_source(told, "default") == InForce(("told",), Source.ENVIRONMENT)
    save(store, "a", "b")
    assert NAMES.with_source(store, "default") == InForce(("a", "b"), Source.SAVED)
    assert NAMES.in_force(told, "default") == ("told", "a", "b"), "the environment may take from what is saved"
    assert NAMES.in_force(store, "other") == ("default",)
    assert "'a'" not in repr(NAMES.with_source(store, "default")), "a value may be a secret"


def test_who_saved_and_who_removed_it_is_in_the_trail(engine: Engine, store: SettingsStore) -> None:
    save(store, "a")
    NAMES.remove(store, "default", by="rui", at=NOON)
    NAMES.remove(store, "default", by="rui", at=NOON)
    assert NAMES.in_force(store, "default") == ("default",)
    assert trail(engine) == [("ana", "saved names"), ("rui", "removed names")]


def test_what_cannot_be_is_not_saved(store: SettingsStore) -> None:
    with pytest.raises(ConfigurationError):
        save(store, "a", "")
    with pytest.raises(ConfigurationError):
        NAMES.change(store, "default", lambda known: (*known, ""), by="ana", at=NOON)
    assert store.get("default", "names") is None


def test_a_change_is_made_to_what_is_saved_and_nothing_else(engine: Engine, store: SettingsStore) -> None:
    def with_b(known: tuple[str, ...]) -> tuple[str, ...]:
        return known if "b" in known else (*known, "b")

    assert NAMES.change(store, "default", with_b, by="ana", at=NOON)
    assert not NAMES.change(store, "default", with_b, by="ana", at=NOON)
    assert NAMES.in_force(store, "default") == ("default", "b")
    assert len(trail(engine)) == 1

    class Slow(SettingsStore):
        """Between reading and saving, another operator saves."""

        def get(self, company: str, name: str) -> Saved | None:
            read = super().get(company, name)
            save(store, "c")
            return read

    with pytest.raises(SavedMeanwhile):
        NAMES.change(Slow(engine, KEYS), "default", lambda known: (*known, "d"), by="rui", at=NOON)
    assert NAMES.in_force(store, "default") == ("c",)
