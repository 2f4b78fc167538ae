"""Settings at hand for some seconds: what this process saves counts at once, what another one saves soon."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from sqlalchemy.engine import Engine

from segunda_via.errors import SecretKeyError
from segunda_via.settings.recent import RecentSettings
from segunda_via.settings.store import SettingsStore
from segunda_via.storage.keys import KeyRing

KEY = "c2VndW5kYS12aWEtdGVzdC1rZXktb2YtMzItYnl0ZXM="
OTHER_KEY = "b3V0cmEtY2hhdmUtZGUtdGVzdGVzLWRlLTMyLWJ5dGU="
NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)


class Here:
    """This process's store and what it has at hand, and another process's store."""

    def __init__(self, engine: Engine) -> None:
        self.seconds = 0.0
        self.store, self.elsewhere = (SettingsStore(engine, KeyRing(KEY)) for _ in range(2))
        self.recent = RecentSettings(self.store, seconds=5.0, clock=lambda: self.seconds)

    def value(self) -> object:
        saved = self.recent.get("acme", "menu")
        return saved.value["n"] if saved else None


@pytest.fixture
def here(engine: Engine) -> Here:
    return Here(engine)


def test_what_another_process_saves_counts_after_some_seconds(here: Here) -> None:
    assert here.value() is None
    here.elsewhere.put("acme", "menu", {"n": 1}, by="ana", at=NOON)
    assert here.value() is None
    here.seconds = 5.0
    assert here.value() == 1


def test_what_this_process_saves_counts_at_once(here: Here) -> None:
    assert here.value() is None
    here.store.put("acme", "menu", {"n": 1}, by="ana", at=NOON)
    assert here.value() == 1
    with here.store.together() as store:
        store.put("acme", "menu", {"n": 2}, by="ana", at=NOON)
    assert here.value() == 2
    here.store.unchanged_since(menu=here.store.version("acme", "menu")).put("acme", "menu", {"n": 3}, by="ana", at=NOON)
    assert here.value() == 3
    here.store.remove("acme", "menu")
    assert here.value() is None


def test_a_failure_is_not_kept(here: Here, engine: Engine) -> None:
    SettingsStore(engine, KeyRing(OTHER_KEY)).put("acme", "menu", {"n": 1}, by="ana", at=NOON)
    with pytest.raises(SecretKeyError):
        here.value()
    here.elsewhere.put("acme", "menu", {"n": 2}, by="ana", at=NOON)
    assert here.value() == 2
