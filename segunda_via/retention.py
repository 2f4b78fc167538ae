"""What is older than the retention is erased: conversations, ended tickets, gateway sessions, yesterday's counters,
events of the flow; and offers that nobody took.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ruamel.yaml import YAML

from segunda_via.app import App
from segunda_via.errors import ConfigurationError

COMPANY = "default"
_EVENTS = sa.table("events", sa.column("timestamp"))


@dataclass(frozen=True)
class Purged:
    """How many rows of each were erased."""

    conversation_events: int
    tickets: int
    counters: int
    sessions: int
    flow_events: int
    offers: int


def purge(app: App, endpoints: Path = Path("endpoints.yml")) -> Purged:
    """Erase what is older than SEGUNDA_VIA_RETENTION_DAYS; the counters of the limits live for a day."""
    moment = app.now() - timedelta(days=app.environment.retention_days)
    app.stats.close_days(COMPANY)  # the figures outlive the events they were counted from
    return Purged(
        conversation_events=_purge_tracker(tracker_store_url(endpoints), moment.timestamp()),
        tickets=app.journal.forget_before(moment),
        counters=app.limits.forget_before(app.today()),
        sessions=app.session_store.forget_before(moment),
        flow_events=app.flow.forget_before(moment),
        offers=app.offers.forget_expired(),
    )


def tracker_store_url(endpoints: Path) -> sa.engine.URL | None:
    """Where Rasa keeps the conversations, by `endpoints.yml`; None when it is no SQL store."""
    try:
        config: Any = YAML(typ="safe").load(endpoints.read_text("utf-8")) or {}
    except FileNotFoundError:
        raise ConfigurationError(f"{endpoints} is missing: run this where Rasa runs") from None
    store = config.get("tracker_store") or {}
    if str(store.get("type", "")).lower() != "sql":
        return None
    return sa.engine.URL.create(
        store.get("dialect", "sqlite"),
        username=store.get("username"),
        password=store.get("password"),
        host=store.get("url"),
        port=store.get("port"),
        database=store.get("db"),
        query=store.get("query") or {},
    )


def _purge_tracker(url: sa.engine.URL | None, before: float) -> int:
    if url is None or (url.get_backend_name() == "sqlite" and not Path(url.database or "").exists()):
        return 0
    engine = sa.create_engine(url)
    try:
        if not sa.inspect(engine).has_table("events"):
            return 0
        with engine.begin() as connection:
            return int(connection.execute(sa.delete(_EVENTS).where(_EVENTS.c.timestamp < before)).rowcount)
    finally:
        engine.dispose()
