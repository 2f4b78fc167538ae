"""Four more tables under the field's names, and the audit trail's entry for a label that was undone."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

EVENTS, DAYS = "segunda_via_metric_events", "segunda_via_metric_days"
TAKEOVERS, LABELS = "segunda_via_human_takeovers", "segunda_via_phrase_labels"
RENAMED = {
    "segunda_via_flow_events": EVENTS,
    "segunda_via_flow_days": DAYS,
    "segunda_via_care": TAKEOVERS,
    "segunda_via_lessons": LABELS,
}
INDEXES = {
    EVENTS: {
        "by_time": ["company", "occurred_at", "event"],
        "by_event": ["company", "event", "occurred_at", "id"],
        "by_conversation": ["company", "conversation", "event", "occurred_at"],
    },
    TAKEOVERS: {"until": ["until"]},
}
NUMBERED = (EVENTS, LABELS)


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for old, new in RENAMED.items():
        for name in INDEXES.get(new, ()):
            op.drop_index(f"{old}_{name}", old)
        op.rename_table(old, new)
        for name, columns in INDEXES.get(new, {}).items():
            op.create_index(f"{new}_{name}", new, columns)
        if on_postgresql:
            op.execute(f"ALTER INDEX {old}_pkey RENAME TO {new}_pkey")
            if new in NUMBERED:
                op.execute(f"ALTER SEQUENCE {old}_id_seq RENAME TO {new}_id_seq")
    with op.batch_alter_table(LABELS) as batch:
        batch.drop_constraint("segunda_via_lessons_said", type_="unique")
        batch.create_unique_constraint(f"{LABELS}_said", ["company", "said"])
    op.execute(sa.text("UPDATE segunda_via_audit SET event = 'undid a label' WHERE event = 'undid a lesson'"))
