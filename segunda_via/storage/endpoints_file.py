"""Where Rasa keeps its conversations, as `endpoints.yml` says it: read without importing Rasa."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ruamel.yaml import YAML
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from segunda_via.errors import ConfigurationError
from segunda_via.storage import conversation_events
from segunda_via.storage.conversation_events import ConversationEvents
from segunda_via.storage.keys import KeyRing

ENDPOINTS = Path("endpoints.yml")
ENCRYPTED = "segunda_via.rasa_plugin.tracker_store.EncryptedTrackerStore"
"""The class path of our tracker store."""


@dataclass(frozen=True)
class TrackerStore:
    """`type` as it is written there, empty when nothing is; `url` is None when it is no SQL database."""

    type: str
    url: URL | None

    @property
    def is_encrypted(self) -> bool:
        return self.type == ENCRYPTED

    @property
    def is_made(self) -> bool:
        """Whether there may be conversations: a SQLite file that Rasa has not made yet is not made here."""
        if self.url is None:
            return False
        return self.url.get_backend_name() != "sqlite" or Path(self.url.database or "").exists()


def tracker_store(endpoints: Path = ENDPOINTS) -> TrackerStore:
    """ConfigurationError when the file is missing or names no database that could be."""
    try:
        config: Any = YAML(typ="safe").load(os.path.expandvars(endpoints.read_text("utf-8"))) or {}
    except FileNotFoundError:
        raise ConfigurationError(f"{endpoints.name} não está aqui: rode isto na pasta em que o Rasa roda") from None
    store = config.get("tracker_store") or {}
    kind = str(store.get("type") or "")
    return TrackerStore(kind, database_url(store) if kind.lower() == "sql" or kind == ENCRYPTED else None)


def database_url(store: Mapping[str, Any]) -> URL:
    """The database that such settings name, as Rasa's own SQL store understands them."""
    host, port = store.get("url"), store.get("port")
    try:
        if host and "://" in host:
            return make_url(host)
        return URL.create(
            store.get("dialect", "sqlite"),
            username=store.get("username"),
            password=store.get("password"),
            host=host,
            port=int(port) if port is not None else None,
            database=store.get("db", "rasa.db"),
            query=store.get("query") or {},
        )
    except (ArgumentError, TypeError, ValueError):
        raise ConfigurationError("tracker_store em endpoints.yml não descreve um banco de dados") from None


@contextmanager
def conversations(
    keys: KeyRing, endpoints: Path = ENDPOINTS, *, encrypt: bool = True
) -> Iterator[ConversationEvents | None]:
    """The events of all conversations; None where Rasa keeps them in no SQL database, or has kept none yet.

    What is still in clear is encrypted, but for what Rasa's own SQL store keeps, since that store reads nothing else.
    """
    store = tracker_store(endpoints)
    if store.url is None or not store.is_made:
        yield None
        return
    opened = conversation_events.connect(store.url, keys, encrypt=encrypt and store.is_encrypted)
    try:
        yield opened if sa.inspect(opened.engine).has_table(conversation_events.events.name) else None
    finally:
        opened.engine.dispose()
