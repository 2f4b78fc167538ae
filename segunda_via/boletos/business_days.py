"""The one calendar of holidays: on which days banks settle boletos, and on which people do not work. Pure.

A boleto that falls due on a Saturday, a Sunday or a bank holiday is not overdue before the next business day has passed
(Lei 7.089/1983: it may be paid, without any addition, on the first business day that follows). A city's own holidays
are no bank holidays of the country's calendar, and no library knows them: they would be told to `public_holidays`.

>>> is_overdue(date(2026, 11, 21), today=date(2026, 11, 23))   # fell due on a Saturday, today is the Monday after
False
>>> is_overdue(date(2026, 11, 21), today=date(2026, 11, 24))
True
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays


def is_overdue(due_date: date, today: date) -> bool:
    """Whether the last day to pay without additions has passed."""
    return today > due_date and today > last_day_to_pay(due_date)


def last_day_to_pay(due_date: date) -> date:
    """The due date itself, or the first business day after it when the banks are closed on it.

    >>> last_day_to_pay(date(2026, 11, 20)).isoformat()     # Consciência Negra, a Friday
    '2026-11-23'
    """
    day = due_date
    while day.weekday() >= 5 or day in bank_holidays(day.year):
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """The days on which boletos are not settled, weekends aside.

    B3's is the financial calendar that a library keeps up: the national holidays, and days such as carnival and Corpus
    Christi.
    """
    return frozenset(holidays.financial_holidays("BVMF", years=year))


@lru_cache(maxsize=64)
def public_holidays(year: int, state: str | None = None) -> frozenset[date]:
    """The national holidays, and those of a state ("SP"), if one is given.

    >>> revolution = date(2026, 7, 9)
    >>> revolution in public_holidays(2026), revolution in public_holidays(2026, "SP")
    (False, True)
    """
    return frozenset(holidays.country_holidays("BR", subdiv=state, years=year))


def is_state(name: str) -> bool:
    """Whether holidays of that state are known.

    >>> is_state("SP"), is_state("XX")
    (True, False)
    """
    return name in holidays.country_holidays("BR").subdivisions
