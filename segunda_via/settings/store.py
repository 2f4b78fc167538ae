"""What the operator saves: encrypted at rest, one row per company and name.

Values are JSON objects, encrypted with an authenticated cipher under a sub-key of SEGUNDA_VIA_SECRET_KEY. Every saved
value has a version; who saves over a version that is no longer there is told so (`unchanged_since`), and nothing is
lost silently. Every save is in the audit trail, by the names of what changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from segunda_via.errors import SavedMeanwhile, SecretKeyError
from segunda_via.settings.environment import Environment
from segunda_via.storage import audit_trail
from segunda_via.storage.database import settings
from segunda_via.storage.keys import KeyRing

DRAFT = "draft "
"""How the names of what was pasted and not confirmed yet begin; an operator's number follows."""
DRAFTS_KEPT = timedelta(minutes=15)
"""How long they are kept."""

_PASSING = (DRAFT, "proposed ", "previous ")
"""What begins so is no decision of an operator: it is not in the audit trail."""


@dataclass(frozen=True)
class Saved:
    """One saved setting, with who saved it and when (aware, UTC). `version` changes with every save."""

    value: Mapping[str, Any] = field(repr=False)
    saved_at: datetime
    saved_by: str
    version: str


class SettingsStore:
    """What is saved, and the `environment` that stands over it."""

    def __init__(self, engine: Engine, keys: KeyRing, environment: Environment | None = None) -> None:
        self.environment = environment or Environment()
        self._engine = engine
        self._box = keys.box("settings")
        self._expected: Mapping[str, str | None] = {}
        self._connection: Connection | None = None
        self._told: list[Callable[[], None]] = []

    def when_saved(self, told: Callable[[], None]) -> None:
        """From now on `told` is called whenever something was put or removed through this store, or one made of it."""
        self._told.append(told)

    def get(self, company: str, name: str) -> Saved | None:
        """The saved value; SecretKeyError when it was saved under another key."""
        with self._reading() as connection:
            row = connection.execute(sa.select(settings).where(*_named(company, name))).first()
        if row is None:
            return None
        return Saved(self._open(row.value), row.saved_at, row.saved_by, _version(row.value))

    def version(self, company: str, name: str) -> str | None:
        """The version in force, even of what this key cannot read; None when nothing is saved."""
        with self._reading() as connection:
            sealed = connection.execute(sa.select(settings.c.value).where(*_named(company, name))).scalar()
        return None if sealed is None else _version(sealed)

    def put(self, company: str, name: str, value: Mapping[str, Any], *, by: str, at: datetime) -> None:
        """Save `value`, replacing what was saved under that name; SavedMeanwhile when that is not what was expected."""
        sealed = self._box.seal(value)
        row = {"company": company, "name": name, "value": sealed, "saved_at": at, "saved_by": by}
        with self._writing() as connection:
            before = connection.execute(sa.select(settings).where(*_named(company, name))).first()
            self._check(name, before)
            if before is None:
                self._insert(connection, row)
            else:
                # By the old ciphertext too: another process may have saved since it was read.
                same = settings.c.value == before.value if name in self._expected else sa.true()
                changed = connection.execute(sa.update(settings).where(*_named(company, name), same).values(row))
                if not changed.rowcount and name in self._expected:
                    raise SavedMeanwhile(None, None)
            if not name.startswith(_PASSING):
                audit_trail.record(connection, company, by, f"saved {name}", self._changes(before, value), at)

    def remove(self, company: str, name: str, *, by: str | None = None, at: datetime | None = None) -> None:
        """Erase it, if it is there. With `by` and `at` the audit trail says so, by the names of what it held."""
        with self._writing() as connection:
            if by is not None and at is not None:
                row = connection.execute(sa.select(settings).where(*_named(company, name))).first()
                if row is None:
                    return
                audit_trail.record(connection, company, by, f"removed {name}", self._changes(row, {}), at)
            connection.execute(sa.delete(settings).where(*_named(company, name)))

    def unchanged_since(self, **versions: str | None) -> SettingsStore:
        """This store, whose `put` of a name given here is refused unless that version (None: nothing) still stands.

        A name is written as a keyword, with `_` for a space.
        """
        other = self._twin()
        other._expected = {name.replace("_", " "): version or None for name, version in versions.items()}
        return other

    @contextmanager
    def together(self) -> Iterator[SettingsStore]:
        """This store, with everything put and removed inside saved as one, or not at all."""
        with self._engine.begin() as connection:
            yield self.within(connection)
        self._tell()

    def within(self, connection: Connection) -> SettingsStore:
        """This store, reading and writing in the caller's transaction."""
        other = self._twin()
        other._connection = connection
        return other

    def _twin(self) -> SettingsStore:
        other = object.__new__(SettingsStore)
        other.__dict__.update(self.__dict__)
        return other

    def _check(self, name: str, before: sa.engine.Row | None) -> None:
        if name in self._expected and self._expected[name] != (_version(before.value) if before else None):
            raise SavedMeanwhile(before.saved_by if before else None, before.saved_at if before else None)

    @staticmethod
    def _insert(connection: Connection, row: Mapping[str, Any]) -> None:
        try:
            connection.execute(sa.insert(settings).values(row))
        except IntegrityError:  # another process saved it first, between the two statements
            raise SavedMeanwhile(None, None) from None

    def _changes(self, before: sa.engine.Row | None, value: Mapping[str, Any]) -> str:
        try:
            old = None if before is None else self._open(before.value)
        except SecretKeyError:
            old = None
        return audit_trail.changed(old, value)

    def _open(self, sealed: str) -> Mapping[str, Any]:
        try:
            value: Mapping[str, Any] = self._box.open(sealed)
        except InvalidToken:
            raise SecretKeyError(
                "o que está salvo foi cifrado com outra chave (SEGUNDA_VIA_SECRET_KEY ou var/secret.key): restaure-a e "
                "reinicie o assistente; se ela se perdeu, rode `segunda-via settings set` e salve tudo de novo"
            ) from None
        return value

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._connection is not None:
            yield self._connection
        else:
            with self._engine.connect() as connection:
                yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self._connection is not None:
            yield self._connection
        else:
            with self._engine.begin() as connection:
                yield connection
        self._tell()

    def _tell(self) -> None:
        for told in self._told:
            told()


def _named(company: str, name: str) -> tuple[sa.sql.ColumnElement, sa.sql.ColumnElement]:
    return settings.c.company == company, settings.c.name == name


def _version(sealed: str) -> str:
    """A hash of the ciphertext. Each save encrypts anew, so it changes even when the value does not."""
    return hashlib.sha256(sealed.encode()).hexdigest()[:16]
