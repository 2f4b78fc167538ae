"""The figures of the panel, of `segunda-via stats` and of /metrics: one set of queries for all three.

A day that is over is counted once and kept (`segunda_via.metrics.days`); only today is counted from its events.
Days are those of São Paulo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from segunda_via.metrics import days
from segunda_via.metrics.counting import count
from segunda_via.metrics.figures import Figure
from segunda_via.metrics.recorder import metric_events
from segunda_via.metrics.tally import Tally, total

MONTH = 30
"""Days, today among them."""
LISTED = 200
"""Events on one page of a list."""


@dataclass(frozen=True)
class StatsRow:
    """One event as it is listed: nothing in it says who it was."""

    id: int
    occurred_at: datetime
    event: str
    document_masked: str | None
    gateway: str | None
    outcome: str | None
    reason: str | None
    amount: Decimal | None


Place = tuple[datetime, int]
"""Where a page of a list ends: the time and the number of its last event."""


class Stats:
    """`now` gives the time, aware, in UTC."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def days(self, company: str, number: int = MONTH) -> Mapping[date, Tally]:
        """The last days, today the last of them."""
        today = self._today()
        wanted = [today - timedelta(days=n) for n in reversed(range(number))]
        with self._engine.connect() as connection:
            kept = days.kept(connection, company, wanted[0])
        return {day: kept[day] if day in kept else self._day(company, day) for day in wanted}

    def today(self, company: str) -> Tally:
        return self._day(company, self._today())

    def ever(self, company: str) -> Tally:
        """Everything that was counted, today included."""
        self.close_days(company)
        with self._engine.connect() as connection:
            kept = days.kept(connection, company, date.min)
        open_days = [day for day in self._recorded(company) if day not in kept]
        return total([*kept.values(), *(self._day(company, day) for day in open_days)])

    def close_days(self, company: str) -> int:
        """Keep every day that is over and has events, and those in doubt; how many were counted."""
        with self._engine.connect() as connection:
            kept = days.kept(connection, company, date.min)
        now = self._now()
        open_days = [day for day in self._recorded(company) if day not in kept and days.is_over(day, now)]
        for day in open_days:
            self._day(company, day)
        return len(open_days)

    def events(
        self,
        company: str,
        figure: Figure,
        first: date,
        last: date,
        reason: str | None = None,
        after: Place | None = None,
    ) -> tuple[list[StatsRow], Place | None]:
        """A page of what a figure counts from `first` to `last`, the newest first, and where the next one begins."""
        c = metric_events.c
        chosen = [
            c.company == company,
            c.event.in_([event.value for event in figure.events]),
            c.occurred_at >= days.begin(first),
            c.occurred_at < days.begin(last + timedelta(days=1)),
        ]
        if figure.untouched:
            chosen.append(~c.touched)
        if reason is not None:
            chosen.append(sa.func.coalesce(c.reason, c.outcome, "unknown") == reason)
        if after is not None:
            moment, number = after
            chosen += [c.occurred_at <= moment, sa.or_(c.occurred_at < moment, c.id < number)]
        columns = (c.id, c.occurred_at, c.event, c.document_masked, c.gateway, c.outcome, c.reason, c.amount)
        query = sa.select(*columns).where(*chosen).order_by(c.occurred_at.desc(), c.id.desc()).limit(LISTED + 1)
        with self._engine.connect() as connection:
            rows = [StatsRow(*row) for row in connection.execute(query)]
        shown = rows[:LISTED]
        return shown, (shown[-1].occurred_at, shown[-1].id) if len(rows) > LISTED else None

    def _day(self, company: str, day: date) -> Tally:
        def counted(connection: Connection) -> Tally:
            return count(connection, company, days.begin(day), days.begin(day + timedelta(days=1)))

        if days.is_over(day, self._now()):
            return days.keep(self._engine, company, day, counted)
        with self._engine.connect() as connection:
            return counted(connection)

    def _recorded(self, company: str) -> list[date]:
        """Every day from the first event that is still there to today."""
        query = sa.select(sa.func.min(metric_events.c.occurred_at)).where(metric_events.c.company == company)
        with self._engine.connect() as connection:
            oldest = connection.execute(query).scalar()
        today = self._today()
        first = days.day_of(oldest) if oldest else today
        return [first + timedelta(days=n) for n in range((today - first).days + 1)]

    def _today(self) -> date:
        return days.day_of(self._now())
