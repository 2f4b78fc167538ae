"""Erasing what is old, at whatever time a test says it is."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from segunda_via.privacy import stored_data
from segunda_via.privacy.retention import Retention
from segunda_via.storage.leases import Leases


def retention_at(engine: Engine, now: datetime, days: int = 90) -> Retention:
    """The retention at that time, where Rasa keeps no conversations."""
    leases = Leases(engine, lambda: now)
    return Retention(engine, leases, lambda: now, timedelta(days=days), lambda: None, lambda: nullcontext(None))


def erase_old(engine: Engine, table: sa.Table, now: datetime, days: int = 90) -> int:
    """How many rows of that table went, or were emptied, at that time."""
    return retention_at(engine, now, days).erase_table(stored_data.of(table))
