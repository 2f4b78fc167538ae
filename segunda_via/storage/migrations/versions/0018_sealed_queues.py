"""The queues and what was sent keep hashes of conversations, whose ids bear phones; the drafts of turns are gone.

What an older version left waiting is kept: jobs are sealed with their ordering key, and a delivery that was queued
knows how many messages it has. A delivery whose turn had not ended is marked anew when the turn is run again.
"""

import sqlalchemy as sa
from alembic import context, op
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Connection

from segunda_via.errors import ConfigurationError
from segunda_via.storage.keys import Box, KeyRing

revision = "0018"
down_revision = "0017"

JOBS, TURNS = "segunda_via_jobs", "segunda_via_turns"
OLD_CHOICES, CHOICES = "segunda_via_choices", "segunda_via_shown_choices"
OLD_STEPS, SENT = "segunda_via_steps", "segunda_via_sent_messages"
OLD_FINISHING, COMPLETIONS = "segunda_via_finishing", "segunda_via_ticket_completions"
RENAMED = {OLD_CHOICES: CHOICES, OLD_STEPS: SENT, OLD_FINISHING: COMPLETIONS}


def upgrade() -> None:
    connection = op.get_bind()
    for old, new in RENAMED.items():
        op.rename_table(old, new)
        if connection.dialect.name == "postgresql":
            op.execute(f"ALTER INDEX {old}_pkey RENAME TO {new}_pkey")
    if connection.dialect.name == "postgresql":
        op.execute(f"ALTER INDEX {OLD_STEPS}_sid_key RENAME TO {SENT}_sid_key")
    op.add_column(JOBS, sa.Column("failures", sa.Integer, nullable=False, server_default="0"))
    op.add_column(COMPLETIONS, sa.Column("sealed", sa.Text))
    op.add_column(COMPLETIONS, sa.Column("messages", sa.Integer))
    old = sa.MetaData()
    tables = [sa.Table(name, old, autoload_with=connection) for name in (JOBS, CHOICES, COMPLETIONS, TURNS)]
    if any(connection.execute(sa.select(table).limit(1)).first() for table in tables):
        keys = context.config.attributes["keys"]
        if keys is None:
            raise ConfigurationError("falta a chave secreta para cifrar as filas de uma versão anterior")
        _seal(connection, keys, *tables)

    with op.batch_alter_table(JOBS) as batch:
        batch.alter_column("failures", server_default=None, existing_type=sa.Integer)
    with op.batch_alter_table(SENT) as batch:
        batch.alter_column("turn", new_column_name="message_id", existing_type=sa.String(255))
        batch.drop_column("conversation")
    with op.batch_alter_table(COMPLETIONS) as batch:
        batch.alter_column("turn", new_column_name="message_id", existing_type=sa.String(255))
        batch.alter_column("sealed", nullable=False, existing_type=sa.Text)
        batch.alter_column("messages", nullable=False, existing_type=sa.Integer)
        batch.drop_column("ticket_id")
    op.drop_table(TURNS)


def _seal(
    connection: Connection, keys: KeyRing, jobs: sa.Table, choices: sa.Table, completions: sa.Table, turns: sa.Table
) -> None:
    box, hashed = keys.box("lanes"), keys.fingerprint("jobs")
    for row in connection.execute(sa.select(jobs.c.id, jobs.c.ordering_key, jobs.c.payload)).all():
        sealed = row.payload and _beside(box, row.ordering_key, row.payload)
        values = {"ordering_key": hashed(row.ordering_key), "payload": sealed}
        connection.execute(sa.update(jobs).where(jobs.c.id == row.id).values(values))

    box, hashed = keys.box("turns"), keys.fingerprint("turns")
    for row in connection.execute(sa.select(choices)).all():
        mine = (choices.c.company == row.company, choices.c.conversation == row.conversation)
        values = {"conversation": hashed(row.conversation), "payload": _beside(box, row.conversation, row.payload)}
        connection.execute(sa.update(choices).where(*mine).values(values))

    box, hashed = keys.box("tickets"), keys.fingerprint("tickets")
    count = sa.select(turns.c.steps).where(turns.c.turn == completions.c.turn).scalar_subquery()
    connection.execute(sa.update(completions).values(messages=count))
    unsealed = (completions.c.state == "marked", completions.c.messages.is_(None))
    connection.execute(sa.delete(completions).where(*unsealed))
    connection.execute(sa.update(completions).where(completions.c.messages.is_(None)).values(messages=0))
    for row in connection.execute(sa.select(completions)).all():
        mine = (completions.c.company == row.company, completions.c.turn == row.turn)
        ids = {"conversation_id": row.conversation, "ticket_id": row.ticket_id}
        values = {"conversation": hashed(row.conversation), "sealed": box.seal(ids)}
        connection.execute(sa.update(completions).where(*mine).values(values))


def _beside(box: Box, clear: str, sealed: str) -> str:
    """The same content, sealed together with that text; what another key sealed stays as it is."""
    try:
        return box.seal([clear, box.open(sealed)])
    except InvalidToken:
        return sealed
