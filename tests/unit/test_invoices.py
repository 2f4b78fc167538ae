"""Which invoice is sent: the seed's order, with weekends, bank holidays and ties."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from segunda_via.invoices import Invoice, Status, choose, is_overdue, last_day_to_pay

MONDAY = date(2026, 11, 23)


def invoice(number: str, due: date, amount: str = "100.00", status: Status = Status.OPEN) -> Invoice:
    return Invoice(gateway_id=f"id-{number}", number=number, due_date=due, amount=Decimal(amount), status=status)


def test_the_oldest_overdue_comes_before_the_next_due() -> None:
    chosen = choose(
        [
            invoice("next", date(2026, 12, 10)),
            invoice("older", date(2026, 9, 10)),
            invoice("newer", date(2026, 10, 9)),
        ],
        MONDAY,
    )
    assert chosen is not None
    assert (chosen.invoice.number, chosen.overdue, chosen.others) == ("older", True, 2)


def test_without_overdue_the_nearest_due_is_sent() -> None:
    chosen = choose([invoice("far", date(2027, 1, 11)), invoice("near", date(2026, 12, 10))], MONDAY)
    assert chosen is not None
    assert (chosen.invoice.number, chosen.overdue) == ("near", False)


def test_due_today_is_not_overdue() -> None:
    chosen = choose([invoice("today", MONDAY)], MONDAY)
    assert chosen is not None
    assert not chosen.overdue


@pytest.mark.parametrize("status", [Status.CLOSED])
def test_what_is_closed_is_never_sent(status: Status) -> None:
    assert choose([invoice("gone", date(2026, 10, 1), status=status)], MONDAY) is None


def test_what_is_being_registered_can_be_chosen() -> None:
    chosen = choose([invoice("new", date(2026, 12, 1), status=Status.REGISTERING)], MONDAY)
    assert chosen is not None


def test_ties_go_to_the_larger_amount_then_to_the_lower_number() -> None:
    due = date(2026, 10, 1)
    by_amount = choose([invoice("1", due, "50"), invoice("2", due, "80")], MONDAY)
    by_number = choose([invoice("9", due), invoice("3", due)], MONDAY)
    assert by_amount is not None
    assert by_number is not None
    assert (by_amount.invoice.number, by_number.invoice.number) == ("2", "3")


def test_an_invoice_listed_twice_counts_once() -> None:
    twice = invoice("1", date(2026, 10, 1))
    chosen = choose([twice, twice], MONDAY)
    assert chosen is not None
    assert chosen.others == 0


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
