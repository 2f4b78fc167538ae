"""What the WhatsApp channel keeps: turns, their messages at Twilio, deliveries to finish, choices that were shown."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "segunda_via_turns",
        sa.Column("turn", sa.String(255), primary_key=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("conversation", sa.String(255), nullable=False),
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("payload", sa.Text),
        sa.Column("steps", sa.Integer),
        sa.Column("changed_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "segunda_via_choices",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("conversation", sa.String(255), primary_key=True),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("shown_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "segunda_via_steps",
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("conversation", sa.String(255), nullable=False),
        sa.Column("turn", sa.String(255), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("sid", sa.String(64), unique=True),
        sa.Column("clear_attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.String(32)),
        sa.Column("changed_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "segunda_via_message_statuses",
        sa.Column("sid", sa.String(64), primary_key=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("error", sa.String(32)),
        sa.Column("changed_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "segunda_via_finishing",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("turn", sa.String(255), primary_key=True),
        sa.Column("conversation", sa.String(255), nullable=False),
        sa.Column("ticket_id", sa.String(255)),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
    )
