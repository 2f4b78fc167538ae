"""Deliveries that were promised while the gateway could not be asked."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "segunda_via_late_deliveries",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("conversation", sa.String(64), primary_key=True),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("sealed", sa.Text),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(128)),
        sa.Column("refused", sa.String(64)),
        sa.Column("promised_in", sa.String(64), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("segunda_via_late_deliveries_due", "segunda_via_late_deliveries", ["state", "due_at"])
