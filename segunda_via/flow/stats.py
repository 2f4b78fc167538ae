"""The figures of the panel, of `segunda-via stats` and of /metrics: one set of queries for all three.

A day that is over is counted once and kept (`segunda_via_flow_days`); only today is counted from its events. The days
outlive the events, which are erased after the retention; they hold no one's data. Days are those of São Paulo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from segunda_via.clock import SAO_PAULO
from segunda_via.database import insert_once, metadata
from segunda_via.flow.events import Event, flow_events
from segunda_via.flow.tally import Tally, count, together

flow_days = sa.Table(
    "segunda_via_flow_days",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("tally", sa.Text, nullable=False),
)

MONTH = 30
"""Days, today among them."""


@dataclass(frozen=True)
class Row:
    """One event as it is listed: nothing in it says who it was."""

    occurred_at: datetime
    event: str
    document_masked: str | None
    gateway: str | None
    outcome: str | None
    reason: str | None
    amount: Decimal | None


class Stats:
    def __init__(self, engine: Engine, today: Callable[[], date]) -> None:
        self._engine = engine
        self._today = today

    def days(self, company: str, number: int = MONTH) -> Mapping[date, Tally]:
        """The last days, today the last of them."""
        today = self._today()
        wanted = [today - timedelta(days=n) for n in reversed(range(number))]
        with self._engine.connect() as connection:
            kept = self._kept(connection, company, wanted[0])
        return {day: kept[day] if day in kept else self._day(company, day) for day in wanted}

    def today(self, company: str) -> Tally:
        return self._day(company, self._today())

    def ever(self, company: str) -> Tally:
        """Everything that was counted, today included: it only grows."""
        self.close_days(company)
        with self._engine.connect() as connection:
            kept = self._kept(connection, company, date.min)
        return together([*kept.values(), self.today(company)])

    def close_days(self, company: str) -> int:
        """Keep every day that is over and has events; how many were not yet kept."""
        c = flow_events.c
        with self._engine.connect() as connection:
            oldest = connection.execute(sa.select(sa.func.min(c.occurred_at)).where(c.company == company)).scalar()
            kept = self._kept(connection, company, date.min)
        if oldest is None:
            return 0
        first, today = oldest.astimezone(SAO_PAULO).date(), self._today()
        open_days = [
            day for day in (first + timedelta(days=n) for n in range((today - first).days)) if day not in kept
        ]
        for day in open_days:
            self._day(company, day)
        return len(open_days)

    def events(
        self, company: str, event: Event, first: date, reason: str | None = None, limit: int = 200
    ) -> tuple[list[Row], int]:
        """The newest events of a kind since `first`, and how many there are."""
        c = flow_events.c
        chosen = [c.company == company, c.event == event.value, c.occurred_at >= _begin(first)]
        if reason is not None:
            chosen.append(sa.func.coalesce(c.reason, c.outcome, "unknown") == reason)
        columns = (c.occurred_at, c.event, c.document_masked, c.gateway, c.outcome, c.reason, c.amount)
        query = sa.select(*columns).where(*chosen).order_by(c.occurred_at.desc(), c.id.desc()).limit(limit)
        with self._engine.connect() as connection:
            rows = [Row(*row) for row in connection.execute(query)]
            number = connection.execute(sa.select(sa.func.count()).select_from(flow_events).where(*chosen)).scalar()
        return rows, int(number or 0)

    def _day(self, company: str, day: date) -> Tally:
        with self._engine.begin() as connection:
            tally = count(connection, company, _begin(day), _begin(day + timedelta(days=1)))
            if day < self._today():
                row = {"company": company, "day": day, "tally": tally.to_json()}
                connection.execute(insert_once(self._engine, flow_days).values(row))
        return tally

    @staticmethod
    def _kept(connection: Connection, company: str, first: date) -> dict[date, Tally]:
        query = sa.select(flow_days).where(flow_days.c.company == company, flow_days.c.day >= first)
        return {row.day: Tally.from_json(row.tally) for row in connection.execute(query)}


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), SAO_PAULO)
