"""What a desk knows a ticket by, what was sent with it, and the conversations that a desk's people take care of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for column in (
        sa.Column("desk_id", sa.String(255)),
        sa.Column("summary", sa.String(300)),
        sa.Column("invoice_number", sa.String(64)),
        sa.Column("invoice_due_date", sa.Date),
        sa.Column("invoice_amount", sa.String(20)),
    ):
        op.add_column("segunda_via_tickets", column)
    op.create_index("segunda_via_tickets_by_desk_id", "segunda_via_tickets", ["company", "desk_id"])
    op.create_table(
        "segunda_via_care",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("conversation_id", sa.String(255), primary_key=True),
        sa.Column("ticket_id", sa.String(255), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("segunda_via_care_until", "segunda_via_care", ["until"])
