"""The durable queues: inbox, outbox and what ticket desks are told."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "segunda_via_lanes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("queue", sa.String(16), nullable=False),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("lane", sa.String(255), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("batch", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("payload", sa.Text),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("note", sa.String(255)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        sa.Column("holder", sa.String(128)),
        sa.Column("lease", sa.String(32)),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("queue", "key", name="segunda_via_lanes_key"),
    )
    op.create_index("segunda_via_lanes_due", "segunda_via_lanes", ["queue", "state", "due_at", "id"])
    op.create_index("segunda_via_lanes_lane", "segunda_via_lanes", ["queue", "lane", "state"])
    op.create_index("segunda_via_lanes_batch", "segunda_via_lanes", ["queue", "batch"])
    leased = sa.text("lease IS NOT NULL")
    op.create_index(
        "segunda_via_lanes_one_lease",
        "segunda_via_lanes",
        ["queue", "lane"],
        unique=True,
        postgresql_where=leased,
        sqlite_where=leased,
    )
