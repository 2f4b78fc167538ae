"""The table of all queues' jobs, and a job as it is put and as a worker takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from segunda_via.storage.database import Moment, metadata

WAITING, DONE, FAILED, CANCELLED = "waiting", "done", "failed", "cancelled"

jobs = sa.Table(
    "segunda_via_jobs",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("queue", sa.String(16), nullable=False),
    sa.Column("company", sa.String(64), nullable=False),
    # What is hashed and what is encrypted: `segunda_via.job_queue.sealing`.
    sa.Column("ordering_key", sa.String(255), nullable=False),
    sa.Column("key", sa.String(255), nullable=False),
    sa.Column("batch", sa.String(255), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("payload", sa.Text),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("note", sa.String(255)),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("retry_at", Moment),
    sa.Column("lease_owner", sa.String(128)),
    sa.Column("lease", sa.String(32)),
    sa.Column("leased_until", Moment),
    sa.Column("ended_at", Moment),
    sa.UniqueConstraint("queue", "key", name="segunda_via_jobs_key"),
    sa.Index("segunda_via_jobs_due", "queue", "state", "due_at", "id"),
    sa.Index("segunda_via_jobs_ordering_key", "queue", "ordering_key", "state"),
    sa.Index("segunda_via_jobs_batch", "queue", "batch"),
    sa.Index(
        "segunda_via_jobs_one_lease",
        "queue",
        "ordering_key",
        unique=True,
        postgresql_where=sa.text("lease IS NOT NULL"),
        sqlite_where=sa.text("lease IS NOT NULL"),
    ),
)


FREE: Mapping[str, None] = {"lease_owner": None, "lease": None, "leased_until": None}
"""What a job holds that nobody handles."""


@dataclass(frozen=True)
class NewJob:
    """A job to be put."""

    ordering_key: str
    key: str
    kind: str
    payload: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Job:
    """A job that was taken, to be handled and then ended by `done`, `retry` or `fail`. Times are aware, in UTC.

    `attempts` counts this one; `failures`, those before it that failed, and did not merely come too early. `lease`
    proves that it is still ours.
    """

    id: int
    company: str
    ordering_key: str
    key: str
    batch: str
    kind: str
    payload: Mapping[str, Any] = field(repr=False)
    attempts: int
    failures: int
    created_at: datetime
    due_at: datetime
    lease: str = field(repr=False)
