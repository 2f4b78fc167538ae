"""What the operator saves: encrypted at rest, one row per company and name.

Values are JSON objects, encrypted with an authenticated cipher under a sub-key of SEGUNDA_VIA_SECRET_KEY.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Engine

from segunda_via.database import settings
from segunda_via.errors import SecretKeyError
from segunda_via.keys import KeyRing


@dataclass(frozen=True)
class Saved:
    """One saved setting, with who saved it and when (aware, UTC)."""

    value: Mapping[str, Any] = field(repr=False)
    saved_at: datetime
    saved_by: str


class SettingsStore:
    def __init__(self, engine: Engine, keys: KeyRing) -> None:
        self._engine = engine
        self._cipher = keys.cipher("settings")

    def get(self, company: str, name: str) -> Saved | None:
        """The saved value; SecretKeyError when it was saved under another key."""
        query = sa.select(settings).where(settings.c.company == company, settings.c.name == name)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        try:
            value = json.loads(self._cipher.decrypt(row.value.encode()))
        except InvalidToken:
            raise SecretKeyError(
                "what is saved was encrypted with another SEGUNDA_VIA_SECRET_KEY: restore that key, "
                "or save the settings again"
            ) from None
        return Saved(value, row.saved_at, row.saved_by)

    def put(self, company: str, name: str, value: Mapping[str, Any], *, by: str, at: datetime) -> None:
        """Save `value`, replacing what was saved under that name."""
        sealed = self._cipher.encrypt(json.dumps(value, ensure_ascii=False).encode()).decode()
        row = {"company": company, "name": name, "value": sealed, "saved_at": at, "saved_by": by}
        with self._engine.begin() as connection:
            self._delete(connection, company, name)
            connection.execute(sa.insert(settings).values(row))

    def remove(self, company: str, name: str) -> None:
        with self._engine.begin() as connection:
            self._delete(connection, company, name)

    @staticmethod
    def _delete(connection: sa.engine.Connection, company: str, name: str) -> None:
        connection.execute(sa.delete(settings).where(settings.c.company == company, settings.c.name == name))
