"""A new secret key opens everything that the old one sealed, or nothing is changed."""

from __future__ import annotations

import ast
from datetime import datetime, timezone
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.engine import Engine

from segunda_via import rotation
from segunda_via.errors import SecretKeyError
from segunda_via.keys import KeyRing
from segunda_via.outbox.lanes import Lanes
from segunda_via.settings.store import SettingsStore

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
OLD, NEW, OTHER = (KeyRing(Fernet.generate_key().decode()) for _ in range(3))


def test_everything_that_is_sealed_is_sealed_anew_or_erased() -> None:
    """Whoever adds a cipher says here what becomes of what it sealed."""
    purposes = {
        node.args[0].value
        for path in (Path(__file__).parents[2] / "segunda_via").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "cipher"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert purposes == {*rotation.SEALED, *rotation.ERASED}


def test_settings_and_waiting_messages_are_read_with_the_new_key_alone(engine: Engine) -> None:
    SettingsStore(engine, OLD).put("default", "gateway", {"token": "segredo"}, by="maria", at=NOON)
    Lanes(engine, OLD, lambda: NOON, "whatsapp").put("ana", "1", "text", {"body": "olá"})
    assert rotation.rotate(engine, OLD, NEW) == 2
    saved = SettingsStore(engine, NEW).get("default", "gateway")
    assert saved is not None
    assert (saved.value, saved.saved_by) == ({"token": "segredo"}, "maria")
    (entry,) = Lanes(engine, NEW, lambda: NOON, "whatsapp").take("worker")
    assert entry.payload["body"] == "olá"
    with pytest.raises(SecretKeyError):
        SettingsStore(engine, OLD).get("default", "gateway")


def test_one_value_of_another_key_leaves_everything_as_it_was(engine: Engine) -> None:
    SettingsStore(engine, OLD).put("default", "gateway", {"token": "a"}, by="maria", at=NOON)
    SettingsStore(engine, OTHER).put("default", "queue", {}, by="maria", at=NOON)
    with pytest.raises(SecretKeyError, match="nothing was changed"):
        rotation.rotate(engine, OLD, NEW)
    assert SettingsStore(engine, OLD).get("default", "gateway") is not None
