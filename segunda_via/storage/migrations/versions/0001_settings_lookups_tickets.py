"""Settings, the counters of the limits, and the journal of tickets."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "segunda_via_settings",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(128), nullable=False),
    )
    op.create_table(
        "segunda_via_lookups",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("sender", sa.String(64), primary_key=True),
        sa.Column("document", sa.String(64), primary_key=True),
    )
    op.create_index("segunda_via_lookups_by_document", "segunda_via_lookups", ["company", "day", "document"])
    op.create_table(
        "segunda_via_tickets",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(255), primary_key=True),
        sa.Column("conversation_id", sa.String(255), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("queue", sa.String(128)),
        sa.Column("outcome", sa.String(32)),
        sa.Column("reason", sa.String(128)),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("company", "conversation_id", "ordinal", name="segunda_via_tickets_ordinal"),
    )
    op.create_table(
        "segunda_via_ticket_events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("ticket_id", sa.String(255), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("detail", sa.String(128)),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("segunda_via_ticket_events_by_ticket", "segunda_via_ticket_events", ["company", "ticket_id", "id"])
