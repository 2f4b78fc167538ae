"""The product's journal of tickets, read for the phone page. Nothing is ever written."""

from __future__ import annotations

import os

from segunda_via.app import App
from segunda_via.boletos import check_reasons
from segunda_via.settings.environment import Environment
from segunda_via.tickets.journal import JournalEntry

COMPANY = "default"


class Tickets:
    """`database_url` is the product's `SEGUNDA_VIA_DATABASE_URL`; the environment says the rest."""

    def __init__(self, database_url: str) -> None:
        self._journal = App(Environment.read({**os.environ, "SEGUNDA_VIA_DATABASE_URL": database_url})).journal

    def recent(self, limit: int = 12) -> list[dict[str, object]]:
        """The newest tickets and their lives."""
        return [self._shown(entry) for entry in self._journal.recent(COMPANY, limit)]

    def _shown(self, entry: JournalEntry) -> dict[str, object]:
        return {
            "who": who(entry.ticket.conversation_id),
            "status": entry.status,
            "events": [
                {
                    "at": moment.isoformat(),
                    "event": event,
                    "detail": "; ".join(check_reasons.failures(detail)) or detail,
                }
                for moment, event, detail in self._journal.events(entry.ticket)
            ],
        }


def who(conversation: str) -> str:
    """The customer of a conversation, as a card names them.

    >>> who("whatsapp:+14155238886:whatsapp:+5547999990001")
    'cliente …0001'
    """
    return f"cliente …{conversation[-4:]}"
