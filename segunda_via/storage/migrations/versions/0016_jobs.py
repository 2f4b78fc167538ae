"""The queues' table and its columns under the field's names: jobs, ordering key, lease owner."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

OLD, NEW = "segunda_via_lanes", "segunda_via_jobs"


def upgrade() -> None:
    for index in ("due", "lane", "batch", "one_lease"):
        op.drop_index(f"{OLD}_{index}", OLD)
    op.rename_table(OLD, NEW)
    with op.batch_alter_table(NEW) as batch:
        batch.alter_column("lane", new_column_name="ordering_key", existing_type=sa.String(255))
        batch.alter_column("holder", new_column_name="lease_owner", existing_type=sa.String(128))
        batch.drop_constraint(f"{OLD}_key", type_="unique")
        batch.create_unique_constraint(f"{NEW}_key", ["queue", "key"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER INDEX {OLD}_pkey RENAME TO {NEW}_pkey")
        op.execute(f"ALTER SEQUENCE {OLD}_id_seq RENAME TO {NEW}_id_seq")
    op.create_index(f"{NEW}_due", NEW, ["queue", "state", "due_at", "id"])
    op.create_index(f"{NEW}_ordering_key", NEW, ["queue", "ordering_key", "state"])
    op.create_index(f"{NEW}_batch", NEW, ["queue", "batch"])
    leased = sa.text("lease IS NOT NULL")
    op.create_index(
        f"{NEW}_one_lease",
        NEW,
        ["queue", "ordering_key"],
        unique=True,
        postgresql_where=leased,
        sqlite_where=leased,
    )
