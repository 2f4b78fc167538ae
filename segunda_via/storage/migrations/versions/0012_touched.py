"""Of a finished ticket, whether a person took it: noted when it happens, not looked for when it is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    events = "segunda_via_flow_events"
    op.add_column(events, sa.Column("touched", sa.Boolean, nullable=False, server_default=sa.false()))
    event = sa.table(events, *map(sa.column, ("company", "conversation", "event", "ticket_id", "touched")))
    taken = event.alias("taken")
    by_a_person = sa.exists().where(
        taken.c.company == event.c.company,
        taken.c.conversation == event.c.conversation,
        taken.c.event == "handed_over",
        sa.func.coalesce(taken.c.ticket_id, "") == sa.func.coalesce(event.c.ticket_id, ""),
    )
    op.execute(sa.update(event).where(event.c.event == "finished", by_a_person).values(touched=sa.true()))
