"""How something that is stored is described: what it holds, why, in what form, who sees it, and when it expires.

The words are Portuguese: `docs/lgpd.md` shows them to the company and its customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
RETENTION = timedelta.max
"""As long as SEGUNDA_VIA_RETENTION_DAYS says."""
TRAIL = timedelta(days=5 * 365)
"""How long the audit trail can be asked about: as long as a consumer may claim (five years)."""


@dataclass(frozen=True)
class Expiry:
    """A row goes, or only what stands in `blanks`, when `after` has passed since the moment in the column `since`.

    `words` say so, with `{span}` in the place of `after`.
    """

    since: sa.Column
    after: timedelta
    words: str
    only: Any = True
    """Rows of which that is true."""
    blanks: sa.Column | None = None
    whole_days: bool = False
    """The whole day in São Paulo or nothing of it."""

    def span(self, retention: timedelta) -> timedelta:
        return retention if self.after == RETENTION else self.after


@dataclass(frozen=True)
class Stored:
    """A table, or what is kept elsewhere. `stays` says how long what has no expiry does."""

    place: sa.Table | str
    holds: str
    why: str
    form: str
    seen_by: str
    expiries: tuple[Expiry, ...] = ()
    stays: str = ""

    @property
    def name(self) -> str:
        return self.place if isinstance(self.place, str) else str(self.place.name)


NOBODY, OPERATORS = "ninguém", "operadores"
SEALED = "cifrado"
HASHED = "impressão com chave"
NO_CUSTOMER = "em claro; não fala de cliente"
EXECUTION = "execução do contrato"
INTEREST = "legítimo interesse"
DUTY = "exercício de direitos"
