"""Days that have to be counted again, and the lists behind the panel's figures by an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("segunda_via_flow_days", sa.Column("in_doubt", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index(
        "segunda_via_flow_events_by_event", "segunda_via_flow_events", ["company", "event", "occurred_at", "id"]
    )
