"""What everything stands on: time, environment, key, database, what the operator saved."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

import httpx
from sqlalchemy.engine import Engine

from segunda_via import clock
from segunda_via.conversation.response_cache import ResponseCache
from segunda_via.conversation.response_store import ResponseStore
from segunda_via.delivery.deliver_segunda_via import GATEWAY_BUDGET
from segunda_via.http.client import new_client
from segunda_via.settings.environment import Environment
from segunda_via.settings.store import SettingsStore
from segunda_via.storage import database
from segunda_via.storage.keys import KeyRing, load_or_create

HOME = Path("var")
"""Where what is saved lives when the environment does not say otherwise, relative to the working directory."""
PROJECT = Path(__file__).resolve().parents[2]
"""Where the examples and the models stand."""


@dataclass
class Foundation:
    """What every wing uses, each part built when it is first asked for."""

    environment: Environment
    today: Callable[[], date] = clock.today
    now: Callable[[], datetime] = clock.now
    home: Path = HOME
    project: Path = PROJECT
    budget: float = GATEWAY_BUDGET

    @cached_property
    def keys(self) -> KeyRing:
        return KeyRing(self.environment.secret_key or load_or_create(self.home / "secret.key"))

    @cached_property
    def engine(self) -> Engine:
        return database.connect(self.environment.database_url, self.keys)

    @cached_property
    def settings(self) -> SettingsStore:
        return SettingsStore(self.engine, self.keys)

    @cached_property
    def texts(self) -> ResponseStore:
        return ResponseStore(self.engine, self.settings)

    @cached_property
    def texts_at_hand(self) -> ResponseCache:
        return ResponseCache(lambda company: self.texts.in_force(company), time.monotonic)

    @cached_property
    def http(self) -> httpx.AsyncClient:
        return new_client()
