"""The sessions of gateways that are signed in to, shared by all processes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "segunda_via_gateway_sessions",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("token", sa.Text),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.String(32)),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
    )
