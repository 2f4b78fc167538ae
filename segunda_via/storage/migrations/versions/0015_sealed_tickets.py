"""Of customers, tickets keep hashes and what is encrypted: phones stood in the ids, names could in the summaries."""

import hashlib
import hmac
import json

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.engine import Connection

from segunda_via.errors import ConfigurationError
from segunda_via.storage.keys import KeyRing

revision = "0015"
down_revision = "0014"

TICKETS, EVENTS, CARE = "segunda_via_tickets", "segunda_via_ticket_events", "segunda_via_care"


def upgrade() -> None:
    connection = op.get_bind()
    for table in (TICKETS, CARE):
        op.add_column(table, sa.Column("sealed", sa.Text))
    op.add_column(TICKETS, sa.Column("sealed_summary", sa.Text))
    op.add_column(TICKETS, sa.Column("sealed_invoice", sa.Text))
    op.add_column(EVENTS, sa.Column("conversation", sa.String(64)))
    old = sa.MetaData()
    tickets, events, care = (sa.Table(name, old, autoload_with=connection) for name in (TICKETS, EVENTS, CARE))
    if any(connection.execute(sa.select(table).limit(1)).first() for table in (tickets, events, care)):
        keys = context.config.attributes["keys"]
        if keys is None:
            raise ConfigurationError("falta a chave secreta para cifrar os tickets de uma versão anterior")
        _seal(connection, keys, tickets, events, care)

    op.drop_index("segunda_via_tickets_by_desk_id", TICKETS)
    op.drop_index("segunda_via_ticket_events_by_ticket", EVENTS)
    with op.batch_alter_table(TICKETS) as batch:
        batch.alter_column("id", new_column_name="key", existing_type=sa.String(255))
        batch.alter_column("conversation_id", new_column_name="conversation", existing_type=sa.String(255))
        batch.alter_column("desk_id", new_column_name="desk_key", existing_type=sa.String(255))
        batch.alter_column("sealed", nullable=False, existing_type=sa.Text)
        for column in ("summary", "invoice_number", "invoice_due_date", "invoice_amount"):
            batch.drop_column(column)
    with op.batch_alter_table(EVENTS) as batch:
        batch.alter_column("ticket_id", new_column_name="ticket", existing_type=sa.String(255))
        batch.alter_column("conversation", nullable=False, existing_type=sa.String(64))
    with op.batch_alter_table(CARE) as batch:
        batch.alter_column("conversation_id", new_column_name="conversation", existing_type=sa.String(255))
        batch.alter_column("sealed", nullable=False, existing_type=sa.Text)
        batch.drop_column("ticket_id")
    op.create_index("segunda_via_tickets_by_desk_key", TICKETS, ["company", "desk_key"])
    op.create_index("segunda_via_ticket_events_by_ticket", EVENTS, ["company", "ticket", "id"])
    op.create_index("segunda_via_ticket_events_by_conversation", EVENTS, ["company", "conversation"])


def _seal(connection: Connection, keys: KeyRing, tickets: sa.Table, events: sa.Table, care: sa.Table) -> None:
    cipher, key = keys.cipher("tickets"), keys.derive("tickets")

    def seal(**content: str | None) -> str:
        return cipher.encrypt(json.dumps(content).encode()).decode()

    def hashed(text: str | None) -> str | None:
        return text and hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    known = {}
    for row in connection.execute(sa.select(tickets)).all():
        known[row.company, row.id] = row.conversation_id
        invoice = row.invoice_number and seal(
            number=row.invoice_number, due_date=str(row.invoice_due_date), amount=row.invoice_amount
        )
        connection.execute(
            sa.update(tickets)
            .where(tickets.c.company == row.company, tickets.c.id == row.id)
            .values(
                id=hashed(row.id),
                conversation_id=hashed(row.conversation_id),
                desk_id=hashed(row.desk_id),
                sealed=seal(id=row.id, conversation_id=row.conversation_id, desk_id=row.desk_id),
                sealed_summary=row.summary and seal(summary=row.summary),
                sealed_invoice=invoice,
            )
        )
    for company, ticket in connection.execute(sa.select(events.c.company, events.c.ticket_id).distinct()).all():
        conversation = known.get((company, ticket)) or ticket.rpartition("#")[0] or ticket
        connection.execute(
            sa.update(events)
            .where(events.c.company == company, events.c.ticket_id == ticket)
            .values(ticket_id=hashed(ticket), conversation=hashed(conversation))
        )
    for row in connection.execute(sa.select(care)).all():
        connection.execute(
            sa.update(care)
            .where(care.c.company == row.company, care.c.conversation_id == row.conversation_id)
            .values(
                conversation_id=hashed(row.conversation_id),
                sealed=seal(conversation_id=row.conversation_id, ticket_id=row.ticket_id),
            )
        )
