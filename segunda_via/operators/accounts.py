"""The operators: a name, a password that is kept as a hash, and when each was made."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError

from segunda_via.errors import ConfigurationError
from segunda_via.operators import passwords
from segunda_via.operators.tables import operator_sessions, operators
from segunda_via.storage import audit_trail


@dataclass(frozen=True)
class Operator:
    id: int
    company: str
    name: str
    created_at: datetime


class Operators:
    """What it refuses is a ConfigurationError: one line in Portuguese.

    `now` gives the time, aware, in UTC; `company_names` what the company is called: no protection in a password.
    """

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        company_names: Callable[[str], Iterable[str]] = lambda company: (),
    ) -> None:
        self._engine = engine
        self._now = now
        self._company_names = company_names

    def add(self, company: str, name: str, password: str, *, by: str) -> Operator:
        """A new operator; refused when the name is taken or the password is weak."""
        sealed = self.sealed(company, _checked_name(name), password)
        with self._engine.begin() as connection:
            return self.insert(connection, company, name, sealed, by=by)

    def sealed(self, company: str, name: str, password: str) -> str:
        """The hash of a password for that operator; refused when it is weak."""
        return passwords.hashed(passwords.checked(password, [name, *self._company_names(company)]))

    def insert(self, connection: Connection, company: str, name: str, sealed: str, *, by: str) -> Operator:
        """`add`, in the caller's transaction, with a password already hashed."""
        now, name = self._now(), _checked_name(name)
        row = {"company": company, "name": name, "password_hash": sealed, "created_at": now, "password_changed_at": now}
        try:
            made = connection.execute(sa.insert(operators).values(row)).inserted_primary_key[0]
        except IntegrityError:
            raise ConfigurationError("já existe um operador com esse nome") from None
        audit_trail.record(connection, company, by, "operator_added", name, now)
        return Operator(made, company, name, now)

    def verified(self, company: str, name: str, password: str) -> Operator | None:
        """The operator of that name and password. An unknown name takes as long as a wrong password."""
        row = self._row(company, name)
        if not passwords.matches(password, row.password_hash if row else None) or row is None:
            return None
        return Operator(row.id, row.company, row.name, row.created_at)

    def known(self, company: str, name: str) -> str | None:
        """That operator's name as it is kept; None when there is none."""
        row = self._row(company, name)
        return row.name if row else None

    def change_password(self, company: str, name: str, password: str, *, by: str) -> None:
        """A new password; every session of that operator ends."""
        sealed = self.sealed(company, name, password)
        with self._engine.begin() as connection:
            update = sa.update(operators).where(*_named(company, name))
            changed = connection.execute(update.values(password_hash=sealed, password_changed_at=self._now()))
            if not changed.rowcount:
                raise ConfigurationError("não há operador com esse nome")
            self._end_sessions(connection, company, name)
            audit_trail.record(connection, company, by, "password_changed", normal_name(name), self._now())

    def remove(self, company: str, name: str, *, by: str) -> None:
        """Remove an operator and end their sessions."""
        with self._engine.begin() as connection:
            self._end_sessions(connection, company, name)
            if not connection.execute(sa.delete(operators).where(*_named(company, name))).rowcount:
                raise ConfigurationError("não há operador com esse nome")
            audit_trail.record(connection, company, by, "operator_removed", normal_name(name), self._now())

    def all(self, company: str) -> list[Operator]:
        query = sa.select(operators).where(operators.c.company == company).order_by(operators.c.id)
        with self._engine.connect() as connection:
            return [Operator(row.id, row.company, row.name, row.created_at) for row in connection.execute(query)]

    def any(self, company: str) -> bool:
        query = sa.select(operators.c.id).where(operators.c.company == company).limit(1)
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def _row(self, company: str, name: str) -> Row | None:
        with self._engine.connect() as connection:
            return connection.execute(sa.select(operators).where(*_named(company, name))).first()

    @staticmethod
    def _end_sessions(connection: Connection, company: str, name: str) -> None:
        theirs = sa.select(operators.c.id).where(*_named(company, name)).scalar_subquery()
        connection.execute(sa.delete(operator_sessions).where(operator_sessions.c.operator_id == theirs))


def _named(company: str, name: str) -> tuple[sa.sql.ColumnElement, sa.sql.ColumnElement]:
    return operators.c.company == company, operators.c.name == normal_name(name)


def normal_name(name: str) -> str:
    """The one spelling of a name: composed Unicode, lower case, single spaces.

    >>> normal_name("  Jo\N{COMBINING TILDE}ao  SOUZA") == normal_name("j\N{LATIN SMALL LETTER O WITH TILDE}ao souza")
    True
    """
    return " ".join(unicodedata.normalize("NFC", name).split()).lower()


def _checked_name(name: str) -> str:
    """The name as it is kept: lower case, single spaces; what cannot be a name is refused."""
    normal = normal_name(name)
    if not 2 <= len(normal) <= 64 or not all(c.isalnum() or c in " .-_@" for c in normal):
        raise ConfigurationError("o nome deve ter de 2 a 64 letras, números, espaços ou . - _ @")
    return normal
