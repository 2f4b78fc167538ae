"""Who changed what, and when. Names of what was changed, never the values.

Written in the transaction of the change itself: what was saved is in the trail, and what is in the trail was saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from segunda_via.storage.database import Moment, metadata

audit_trail = sa.Table(
    "segunda_via_audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("occurred_at", Moment, nullable=False),
    sa.Column("who", sa.String(128), nullable=False),
    sa.Column("event", sa.String(64), nullable=False),
    sa.Column("detail", sa.String(255)),
    sa.Index("segunda_via_audit_by_company", "company", "id"),
)

TRIES = ("sign_in_failed", "looked_up", "look_up_refused")
"""Events that change nothing, and that somebody can make many of."""


@dataclass(frozen=True)
class AuditEntry:
    occurred_at: datetime
    who: str
    event: str
    detail: str | None


def record(connection: Connection, company: str, who: str, event: str, detail: str | None, at: datetime) -> None:
    """One line more. `detail` holds no secret and no customer's data."""
    row: dict[str, object] = {"company": company, "occurred_at": at, "who": who[:128], "event": event[:64]}
    row["detail"] = detail[:255] if detail else None
    connection.execute(sa.insert(audit_trail).values(row))


def recent(engine: Engine, company: str, limit: int = 200) -> list[AuditEntry]:
    """The newest first, `limit` of the changes and as many of the tries: those never push a change out of sight."""
    query = sa.select(audit_trail).where(audit_trail.c.company == company).order_by(audit_trail.c.id.desc())
    tries = audit_trail.c.event.in_(TRIES)
    with engine.connect() as connection:
        rows = [row for some in (~tries, tries) for row in connection.execute(query.where(some).limit(limit))]
    rows.sort(key=lambda row: row.id, reverse=True)
    return [AuditEntry(row.occurred_at, row.who, row.event, row.detail) for row in rows]


def changed(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    """The names of what differs, `credentials` taken apart.

    >>> changed({"gateway": "sga", "credentials": {"token": "a"}}, {"gateway": "sga", "credentials": {"token": "b"}})
    'credentials.token'
    >>> changed(None, {"phrases": ["boleto"]})
    'phrases'
    """
    names = []
    for name in sorted({*(before or {}), *after}):
        old, new = (before or {}).get(name), after.get(name)
        if old == new:
            continue
        if name == "credentials" and isinstance(new, Mapping):
            old = old if isinstance(old, Mapping) else {}
            names += [f"{name}.{key}" for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
        else:
            names.append(name)
    return ", ".join(names)
