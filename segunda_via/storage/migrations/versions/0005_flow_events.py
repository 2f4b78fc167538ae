"""The events of the flow, one row a step, and the offers of a next invoice."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "segunda_via_flow_events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("ticket_id", sa.String(255)),
        sa.Column("outcome", sa.String(32)),
        sa.Column("reason", sa.String(128)),
        sa.Column("gateway", sa.String(32)),
        sa.Column("duration_ms", sa.Integer),
        sa.Column("tries", sa.Integer),
        sa.Column("amount", sa.Numeric(14, 2)),
        sa.Column("document_masked", sa.String(32)),
    )
    op.create_index("segunda_via_flow_events_by_time", "segunda_via_flow_events", ["company", "occurred_at", "event"])
    op.create_index(
        "segunda_via_flow_events_by_conversation",
        "segunda_via_flow_events",
        ["company", "conversation", "event", "occurred_at"],
    )
    op.create_table(
        "segunda_via_offers",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("conversation", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
