"""The figures of the days that are over, counted once and kept; they outlive the events, and hold no one's data.

What happens later may change an earlier day: a ticket that was finished yesterday and is handed over today was touched
by a person after all. Whoever records such a thing puts the day in doubt, and it is counted again before it is read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from segunda_via.clock import SAO_PAULO
from segunda_via.metrics.tally import Tally
from segunda_via.storage.database import insert_once, metadata

metric_days = sa.Table(
    "segunda_via_metric_days",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("tally", sa.Text, nullable=False),
    sa.Column("in_doubt", sa.Boolean, nullable=False),
)

STRAGGLERS = timedelta(minutes=10)
"""After midnight a day stays open so long: its last events may still be on their way into the database."""


def begin(day: date) -> datetime:
    """When that day begins in São Paulo."""
    return datetime.combine(day, time(), SAO_PAULO)


def day_of(moment: datetime) -> date:
    return moment.astimezone(SAO_PAULO).date()


def is_over(day: date, now: datetime) -> bool:
    return now >= begin(day + timedelta(days=1)) + STRAGGLERS


def kept(connection: Connection, company: str, first: date) -> dict[date, Tally]:
    """The days from `first` on that were counted and are not in doubt."""
    c = metric_days.c
    query = sa.select(c.day, c.tally).where(c.company == company, c.day >= first, ~c.in_doubt)
    return {row.day: Tally.from_json(row.tally) for row in connection.execute(query)}


def doubt(connection: Connection, company: str, day: date) -> None:
    """Have that day counted again, whatever is counting it now. Part of the caller's transaction."""
    _have(connection, company, day)
    connection.execute(_update(company, day).values(in_doubt=True))


def keep(engine: Engine, company: str, day: date, count: Callable[[Connection], Tally]) -> Tally:
    """Count that day and keep it. Whoever puts it in doubt meanwhile waits for this to end, and is not overlooked."""
    with engine.begin() as connection:
        _have(connection, company, day)
        connection.execute(_update(company, day).values(in_doubt=False))
        tally = count(connection)
        connection.execute(_update(company, day).values(tally=tally.to_json()))
    return tally


def _have(connection: Connection, company: str, day: date) -> None:
    row = {"company": company, "day": day, "tally": "", "in_doubt": True}
    connection.execute(insert_once(connection.engine, metric_days).values(row))


def _update(company: str, day: date) -> sa.sql.Update:
    return sa.update(metric_days).where(metric_days.c.company == company, metric_days.c.day == day)
