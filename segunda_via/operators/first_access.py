"""The one-time link that makes the first operator, written to a file that only who runs the server can read.

All processes and replicas write the same link: it is a keyed hash of a number that the first of them left in the
database. Making the first operator uses it up, and so does making one with `segunda-via users add`.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from segunda_via.errors import ConfigurationError
from segunda_via.operators.accounts import Operator, Operators
from segunda_via.storage.database import Moment, insert_once, metadata
from segunda_via.storage.keys import fingerprint

FILE = "primeiro-acesso.txt"
PATH = "/configuracoes/primeiro-acesso/"

first_access = sa.Table(
    "segunda_via_first_access",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("nonce", sa.String(64), nullable=False),
    sa.Column("made_at", Moment, nullable=False),
)


class FirstAccess:
    """`key` makes the links; `home` is the folder that their file stands in."""

    def __init__(
        self, engine: Engine, key: bytes, operators: Operators, now: Callable[[], datetime], home: Path
    ) -> None:
        self._engine = engine
        self._key = key
        self._operators = operators
        self._now = now
        self.file = home / FILE

    def prepare(self, company: str, server: str) -> bool:
        """Write the link to the file, or remove the file when there is an operator already; whether there is a link.

        `server` is where the public server is reached, such as `http://localhost:8000`.
        """
        if self._operators.any(company):
            self.file.unlink(missing_ok=True)
            return False
        with self._engine.begin() as connection:
            row = {"company": company, "nonce": secrets.token_hex(32), "made_at": self._now()}
            connection.execute(insert_once(self._engine, first_access).values(row))
        self.file.parent.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_name(f".{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{server}{PATH}{self.token(company)}\n")
        draft.replace(self.file)
        return True

    def token(self, company: str) -> str | None:
        """What the link ends with; None when there is none."""
        with self._engine.connect() as connection:
            query = sa.select(first_access.c.nonce).where(first_access.c.company == company)
            nonce = connection.execute(query).scalar()
        return None if nonce is None else fingerprint(self._key, nonce)

    def is_open(self, company: str, token: str) -> bool:
        """Whether that link still makes an operator."""
        right = self.token(company)
        same = right is not None and hmac.compare_digest(right.encode(), token.encode())
        return same and not self._operators.any(company)

    def claim(self, company: str, token: str, name: str, password: str) -> Operator:
        """Make the first operator, once; ConfigurationError when the link is used up, or name or password won't do."""
        if not self.is_open(company, token):
            raise ConfigurationError("este link já foi usado: entre com o operador que existe")
        sealed = self._operators.sealed(company, name, password)
        with self._engine.begin() as connection:
            mine = first_access.c.company == company
            if not connection.execute(sa.delete(first_access).where(mine)).rowcount:
                raise ConfigurationError("este link já foi usado: entre com o operador que existe")
            operator = self._operators.insert(connection, company, name, sealed, by="primeiro acesso")
        self.file.unlink(missing_ok=True)
        return operator
