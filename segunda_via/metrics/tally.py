"""What happened in a span of time, as figures that can be added: a day's, kept for ever, and a month's, its days'.

How long deliveries took is kept to the tenth of a second, the precision at which it is shown, so that the median of a
month is exact although its events are long gone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from segunda_via.metrics.event import MetricEvent


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

    def __getitem__(self, event: MetricEvent) -> int:
        return self.events[event.value]

    @property
    def speeds(self) -> Mapping[str, Speed]:
        return {gateway: _speed(tenths) for gateway, tenths in sorted(self.tenths.items())}

    @property
    def waits(self) -> Counter[int]:
        """How many deliveries took so many tenths of a second, whatever the gateway."""
        return sum(self.tenths.values(), Counter())

    @property
    def speed(self) -> Speed | None:
        """That of all gateways together; None when nothing was measured."""
        return _speed(self.waits) if self.waits else None

    def to_json(self) -> str:
        return json.dumps({**self.__dict__, "amount": str(self.amount)})

    @classmethod
    def from_json(cls, text: str) -> Tally:
        value = json.loads(text)
        tenths = {gateway: Counter({int(n): c for n, c in each.items()}) for gateway, each in value["tenths"].items()}
        return cls(
            Counter(value["events"]), Counter(value["reasons"]), Decimal(value["amount"]), value["untouched"], tenths
        )


def total(tallies: Iterable[Tally]) -> Tally:
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
