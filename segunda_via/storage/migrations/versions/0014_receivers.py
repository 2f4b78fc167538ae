"""Who received a document's invoice, so that strangers who ask for it do not keep its customer out."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "segunda_via_receivers",
        sa.Column("company", sa.String(64), primary_key=True),
        sa.Column("sender", sa.String(64), primary_key=True),
        sa.Column("document", sa.String(64), primary_key=True),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
    )
