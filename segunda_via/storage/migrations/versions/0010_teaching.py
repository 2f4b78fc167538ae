"""What was not understood, what operators made of it, and what their trainings changed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "segunda_via_not_understood",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("segunda_via_not_understood_by_time", "segunda_via_not_understood", ["company", "said_at"])
    op.create_table(
        "segunda_via_lessons",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("said", sa.String(64)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("phrase", sa.Text),
        sa.Column("intent", sa.String(64)),
        sa.Column("taught_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taught_by", sa.String(128), nullable=False),
        sa.Column("trained_at", sa.DateTime(timezone=True)),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("company", "said", name="segunda_via_lessons_said"),
    )
    op.create_table(
        "segunda_via_trainings",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("trained_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trained_by", sa.String(128), nullable=False),
        sa.Column("effect", sa.Text, nullable=False),
    )
    op.create_index("segunda_via_trainings_by_company", "segunda_via_trainings", ["company", "id"])
