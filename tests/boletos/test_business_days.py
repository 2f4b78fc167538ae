"""The days on which a boleto can still be paid without additions."""

from __future__ import annotations

from datetime import date

import pytest

from segunda_via.boletos.business_days import is_overdue, last_day_to_pay


@pytest.mark.parametrize(
    ("due", "last_day"),
    [
        (date(2026, 11, 18), date(2026, 11, 18)),  # a Wednesday
        (date(2026, 11, 21), date(2026, 11, 23)),  # Saturday
        (date(2026, 11, 22), date(2026, 11, 23)),  # Sunday
        (date(2026, 11, 20), date(2026, 11, 23)),  # Consciência Negra, then the weekend
        (date(2026, 2, 14), date(2026, 2, 18)),  # the Saturday of carnival: Monday and Tuesday are closed too
        (date(2026, 12, 25), date(2026, 12, 28)),
    ],
)
def test_the_last_day_to_pay_is_a_business_day(due: date, last_day: date) -> None:
    assert last_day_to_pay(due) == last_day
    assert not is_overdue(due, last_day)
    assert is_overdue(due, date.fromordinal(last_day.toordinal() + 1))


@pytest.mark.parametrize("due", [date.min, date.max, date(9999, 12, 25)])
def test_no_date_is_too_absurd_to_compare(due: date) -> None:
    monday = date(2026, 11, 23)
    assert is_overdue(due, monday) is (due < monday)
