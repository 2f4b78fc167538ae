"""A new secret key for the tickets: encrypted and hashed anew, in the caller's transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from segunda_via.storage.database import ticket_events, tickets
from segunda_via.storage.keys import KeyRing
from segunda_via.tickets.human_takeover import takeovers
from segunda_via.tickets.sealing import TicketSealing


def reseal(connection: Connection, old: KeyRing, new: KeyRing) -> int:
    """How many tickets and conversations in people's hands there were; `InvalidToken` when one cannot be opened.

    What happened to tickets that are no more is erased: nothing tells whose they were.
    """
    before, after = TicketSealing(old), TicketSealing(new)

    def anew(sealed: str | None) -> str | None:
        return sealed and after.seal(**before.open(sealed))

    kept = connection.execute(sa.select(tickets)).all()
    for row in kept:
        ids = before.open(row.sealed)
        key, conversation = after.hashed(ids["id"]), after.hashed(ids["conversation_id"])
        values = {
            "key": key,
            "conversation": conversation,
            "desk_key": ids["desk_id"] and after.hashed(ids["desk_id"]),
            **{name: anew(row[name]) for name in ("sealed", "sealed_summary", "sealed_invoice")},
        }
        mine = (tickets.c.company == row.company, tickets.c.key == row.key)
        connection.execute(sa.update(tickets).where(*mine).values(values))
        told = (ticket_events.c.company == row.company, ticket_events.c.ticket == row.key)
        connection.execute(sa.update(ticket_events).where(*told).values(ticket=key, conversation=conversation))
    _erase_events_of_no_ticket(connection)
    silenced = connection.execute(sa.select(takeovers)).all()
    for row in silenced:
        ids = before.open(row.sealed)
        mine = (takeovers.c.company == row.company, takeovers.c.conversation == row.conversation)
        conversation = after.hashed(ids["conversation_id"])
        connection.execute(sa.update(takeovers).where(*mine).values(conversation=conversation, sealed=anew(row.sealed)))
    return len(kept) + len(silenced)


def _erase_events_of_no_ticket(connection: Connection) -> None:
    its_ticket = sa.select(tickets.c.key).where(
        tickets.c.company == ticket_events.c.company, tickets.c.key == ticket_events.c.ticket
    )
    connection.execute(sa.delete(ticket_events).where(~its_ticket.exists()))
