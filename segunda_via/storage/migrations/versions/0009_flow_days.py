"""The figures of the days that are over."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "segunda_via_flow_days",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("tally", sa.Text, nullable=False),
    )
