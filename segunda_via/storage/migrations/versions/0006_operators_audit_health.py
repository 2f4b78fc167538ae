"""Operators, their sessions, tries and first link; the audit trail; the health of what is asked."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "segunda_via_operators",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("password_changed_at", Moment, nullable=False),
        sa.UniqueConstraint("company", "name", name="segunda_via_operators_name"),
    )
    op.create_table(
        "segunda_via_operator_sessions",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("operator_id", sa.Integer, nullable=False, index=True),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
    )
    op.create_table(
        "segunda_via_sign_in_tries",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("last_at", Moment, nullable=False),
        sa.Column("blocked_until", Moment),
    )
    op.create_table(
        "segunda_via_first_access",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
    )
    op.create_table(
        "segunda_via_audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("occurred_at", Moment, nullable=False),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("detail", sa.String(255)),
    )
    op.create_index("segunda_via_audit_by_company", "segunda_via_audit", ["company", "id"])
    op.create_table(
        "segunda_via_health",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("token", sa.String(64)),
        sa.Column("succeeded_at", Moment),
        sa.Column("failing_since", Moment),
        sa.Column("failed_at", Moment),
        sa.Column("failure", sa.String(32)),
        sa.Column("circuit_open", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("checked_at", Moment),
        sa.Column("claimed_until", Moment),
        sa.Column("told", sa.String(32)),
    )
