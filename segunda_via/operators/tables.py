"""The operators and their sessions, as they are kept."""

from __future__ import annotations

import sqlalchemy as sa

from segunda_via.storage.database import Moment, metadata

operators = sa.Table(
    "segunda_via_operators",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("password_hash", sa.String(255), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("password_changed_at", Moment, nullable=False),
    sa.UniqueConstraint("company", "name", name="segunda_via_operators_name"),
)

operator_sessions = sa.Table(
    "segunda_via_operator_sessions",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("operator_id", sa.Integer, nullable=False, index=True),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
)
