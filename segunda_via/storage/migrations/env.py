"""Alembic's entry point, on the connection that `segunda_via.storage.database.migrate` hands over, under its lock."""

from alembic import context

from segunda_via.storage.database import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table="segunda_via_version",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
