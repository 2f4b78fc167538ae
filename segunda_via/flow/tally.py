"""What happened in a span of time, as figures that can be added: a day's, kept for ever, and a month's, its days'.

How long deliveries took is kept to the tenth of a second, the precision at which it is shown, so that the median of a
month is exact although its events are long gone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from segunda_via.flow.events import Event, flow_events


@dataclass(frozen=True)
class Speed:
    """Seconds from the document to the delivery."""

    deliveries: int
    median: Decimal
    p95: Decimal


@dataclass
class Tally:
    """`reasons` are those of hand-overs; `untouched`: tickets that were finished and that no person had to take."""

    events: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    amount: Decimal = Decimal(0)
    untouched: int = 0
    tenths: dict[str, Counter[int]] = field(default_factory=dict)
    """By gateway: how many deliveries took so many tenths of a second."""

    def __getitem__(self, event: Event) -> int:
        return self.events[event.value]

    @property
    def speeds(self) -> Mapping[str, Speed]:
        return {gateway: _speed(tenths) for gateway, tenths in sorted(self.tenths.items())}

    def to_json(self) -> str:
        return json.dumps({**self.__dict__, "amount": str(self.amount)})

    @classmethod
    def from_json(cls, text: str) -> Tally:
        value = json.loads(text)
        tenths = {gateway: Counter({int(n): c for n, c in each.items()}) for gateway, each in value["tenths"].items()}
        return cls(
            Counter(value["events"]), Counter(value["reasons"]), Decimal(value["amount"]), value["untouched"], tenths
        )


def together(tallies: Iterable[Tally]) -> Tally:
    """The sum of several."""
    whole = Tally()
    for each in tallies:
        whole.events.update(each.events)
        whole.reasons.update(each.reasons)
        whole.amount += each.amount
        whole.untouched += each.untouched
        for gateway, tenths in each.tenths.items():
            whole.tenths.setdefault(gateway, Counter()).update(tenths)
    return whole


def count(connection: Connection, company: str, start: datetime, end: datetime) -> Tally:
    """What happened from `start` until before `end`."""
    c = flow_events.c
    span = (c.company == company, c.occurred_at >= start, c.occurred_at < end)
    tally = Tally()
    by_event = sa.select(c.event, sa.func.count(), sa.func.sum(c.amount)).where(*span).group_by(c.event)
    for event, number, amount in connection.execute(by_event):
        tally.events[event] = number
        if event == Event.DELIVERED.value:
            tally.amount = amount or Decimal(0)
    reason = sa.func.coalesce(c.reason, c.outcome, "unknown")
    by_reason = sa.select(reason, sa.func.count()).where(*span, c.event == Event.HANDED_OVER.value).group_by(reason)
    tally.reasons.update(dict(connection.execute(by_reason).all()))
    tally.untouched = _untouched(connection, *span)
    tally.tenths = _tenths(connection, *span)
    return tally


def _untouched(connection: Connection, *span: sa.sql.ColumnElement) -> int:
    c, other = flow_events.c, flow_events.alias("other")
    taken = sa.exists().where(
        other.c.company == c.company,
        other.c.conversation == c.conversation,
        other.c.event == Event.HANDED_OVER.value,
        sa.func.coalesce(other.c.ticket_id, "") == sa.func.coalesce(c.ticket_id, ""),
    )
    finished = sa.select(c.conversation, c.ticket_id).where(*span, c.event == Event.FINISHED.value, ~taken).distinct()
    return int(connection.execute(sa.select(sa.func.count()).select_from(finished.subquery())).scalar() or 0)


def _tenths(connection: Connection, *span: sa.sql.ColumnElement) -> dict[str, Counter[int]]:
    c = flow_events.c
    begins = (Event.DOCUMENT_GIVEN.value, Event.NEXT_ACCEPTED.value)
    rows = sa.select(c.event, c.conversation, c.occurred_at, c.gateway).where(
        *span, c.event.in_([*begins, Event.DELIVERED.value])
    )
    began: dict[str, datetime] = {}
    found: dict[str, Counter[int]] = {}
    for event, conversation, moment, gateway in connection.execute(rows.order_by(c.occurred_at, c.id)):
        if event in begins:
            began[conversation] = moment
        elif start := began.pop(conversation, None):
            tenths = round((moment - start).total_seconds() * 10)
            found.setdefault(gateway or "unknown", Counter())[tenths] += 1
    return found


def _speed(tenths: Counter[int]) -> Speed:
    return Speed(tenths.total(), _percentile(tenths, 50), _percentile(tenths, 95))


def _percentile(tenths: Counter[int], percent: int) -> Decimal:
    """By nearest rank: the smallest value that so many percent do not exceed."""
    rank = -(-tenths.total() * percent // 100)
    for value in sorted(tenths):
        rank -= tenths[value]
        if rank <= 0:
            return Decimal(value) / 10
    raise ValueError("nothing was counted")
