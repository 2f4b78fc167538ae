"""When people attend: hours of each weekday, in São Paulo's time, holidays aside. Pure.

>>> weekdays = {day: ((time(8), time(18)),) for day in ("mon", "tue", "wed", "thu", "fri")}
>>> hours = BusinessHours(weekdays, holidays=True)
>>> friday_evening = datetime(2026, 12, 18, 22, 0, tzinfo=SAO_PAULO)
>>> hours.is_open(friday_evening), hours.next_opening(friday_evening).isoformat()
(False, '2026-12-21T08:00:00-03:00')
>>> BusinessHours().is_open(friday_evening)
True
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from babel.dates import format_datetime

from segunda_via.boletos.business_days import public_holidays
from segunda_via.clock import SAO_PAULO
from segunda_via.delivery.bundle import Line

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Period = tuple[time, time]
_HORIZON = 60
"""Days that are looked ahead for the next opening."""


@dataclass(frozen=True)
class BusinessHours:
    """`week` has the periods of each day of `DAYS`, in order; a day that is missing is closed. No day at all: hours
    were never set, and somebody is always there. `state` ("SP") adds that state's holidays to the national ones.
    """

    week: Mapping[str, tuple[Period, ...]] = field(default_factory=dict)
    holidays: bool = False
    state: str | None = None

    def is_open(self, moment: datetime) -> bool:
        """Whether people attend at that moment (aware, in any zone)."""
        if not self.week:
            return True
        local = moment.astimezone(SAO_PAULO)
        return any(begin <= local.time() < end for begin, end in self._periods(local.date()))

    def next_opening(self, moment: datetime) -> datetime | None:
        """When people are back after a moment at which they are not there; None when no opening is near."""
        local = moment.astimezone(SAO_PAULO)
        for ahead in range(_HORIZON):
            day = local.date() + timedelta(days=ahead)
            for begin, _ in self._periods(day):
                opening = datetime.combine(day, begin, SAO_PAULO)
                if opening > local:
                    return opening
        return None

    def _periods(self, day: date) -> tuple[Period, ...]:
        if self.holidays and day in public_holidays(day.year, self.state):
            return ()
        return self.week.get(DAYS[day.weekday()], ())


def back(opening: datetime, moment: datetime) -> Line:
    """The response that says, at `moment`, when people are back.

    >>> line = back(datetime(2026, 12, 21, 8, tzinfo=SAO_PAULO), datetime(2026, 12, 18, 22, tzinfo=SAO_PAULO))
    >>> line.response, dict(line.values)
    ('utter_segunda_via_back_on', {'hora': '08:00', 'dia': 'segunda-feira, 21/12'})
    """
    days = (opening.astimezone(SAO_PAULO).date() - moment.astimezone(SAO_PAULO).date()).days
    hour = {"hora": f"{opening.astimezone(SAO_PAULO):%H:%M}"}
    if days == 0:
        return Line("utter_segunda_via_back_today", hour)
    if days == 1:
        return Line("utter_segunda_via_back_tomorrow", hour)
    day = format_datetime(opening.astimezone(SAO_PAULO), "EEEE, dd/MM", locale="pt_BR")
    return Line("utter_segunda_via_back_on", {**hour, "dia": str(day)})
