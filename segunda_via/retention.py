"""What is older than the retention is erased: conversations, ended tickets, gateway sessions, yesterday's counters,
events of the flow; and offers that nobody took.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from segunda_via import endpoints_file
from segunda_via.app import App

COMPANY = "default"


@dataclass(frozen=True)
class Purged:
    """How many rows of each were erased."""

    conversation_events: int
    tickets: int
    counters: int
    sessions: int
    flow_events: int
    offers: int


def purge(app: App, endpoints: Path = endpoints_file.ENDPOINTS) -> Purged:
    """Erase what is older than SEGUNDA_VIA_RETENTION_DAYS; the counters of the limits live for a day."""
    moment = app.now() - timedelta(days=app.environment.retention_days)
    app.stats.close_days(COMPANY)  # the figures outlive the events they were counted from
    return Purged(
        conversation_events=_purge_conversations(app, endpoints, moment.timestamp()),
        tickets=app.journal.forget_before(moment),
        counters=app.limits.forget_before(app.today()),
        sessions=app.session_store.forget_before(moment),
        flow_events=app.flow.forget_before(moment),
        offers=app.offers.forget_expired(),
    )


def _purge_conversations(app: App, endpoints: Path, before: float) -> int:
    with endpoints_file.conversations(app.keys, endpoints) as kept:
        return kept.delete_older_than(before) if kept else 0
