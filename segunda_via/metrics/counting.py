"""Counts what happened in a span of time, inside the database: a few hundred rows come back, however many were read."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from segunda_via.metrics.event import MetricEvent
from segunda_via.metrics.recorder import metric_events
from segunda_via.metrics.tally import Tally


def count(connection: Connection, company: str, start: datetime, end: datetime) -> Tally:
    """What happened from `start` until before `end`."""
    c = metric_events.c
    span = (c.company == company, c.occurred_at >= start, c.occurred_at < end)
    tally = Tally()
    by_event = sa.select(c.event, sa.func.count(), sa.func.sum(c.amount)).where(*span).group_by(c.event)
    for event, number, amount in connection.execute(by_event):
        tally.events[event] = number
        if event == MetricEvent.DELIVERED.value:
            tally.amount = amount or Decimal(0)
    reason = sa.func.coalesce(c.reason, c.outcome, "unknown")
    by_reason = (
        sa.select(reason, sa.func.count()).where(*span, c.event == MetricEvent.HANDED_OVER.value).group_by(reason)
    )
    tally.reasons.update(dict(connection.execute(by_reason).all()))
    tally.untouched = _untouched(connection, *span)
    tally.tenths = _tenths(connection, *span)
    return tally


def _untouched(connection: Connection, *span: sa.sql.ColumnElement) -> int:
    c = metric_events.c
    finished = sa.select(c.conversation, c.ticket_id).where(*span, c.event == MetricEvent.FINISHED.value, ~c.touched)
    return int(connection.execute(sa.select(sa.func.count()).select_from(finished.distinct().subquery())).scalar() or 0)


def _tenths(connection: Connection, *span: sa.sql.ColumnElement) -> dict[str, Counter[int]]:
    c = metric_events.c
    gateway, tenths = sa.func.coalesce(c.gateway, "unknown"), (c.duration_ms + 50) / 100
    measured = (*span, c.event == MetricEvent.DELIVERED.value, c.duration_ms.is_not(None))
    found: dict[str, Counter[int]] = {}
    query = sa.select(gateway, tenths, sa.func.count()).where(*measured).group_by(gateway, tenths)
    for name, value, number in connection.execute(query):
        found.setdefault(name, Counter())[int(value)] = number
    return found
