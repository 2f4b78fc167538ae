"""Which invoice is sent: the seed's order, with weekends, bank holidays and ties."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from segunda_via.boletos.invoice import Invoice, InvoiceChoice, Listing, Status, Unreadable, choose

MONDAY = date(2026, 11, 23)


def invoice(number: str, due: date, amount: str = "100.00", status: Status = Status.OPEN) -> Invoice:
    return Invoice(gateway_id=f"id-{number}", number=number, due_date=due, amount=Decimal(amount), status=status)


def pick(*invoices: Invoice) -> InvoiceChoice | None:
    chosen = choose(Listing(invoices), MONDAY)
    assert not isinstance(chosen, Unreadable)
    return chosen


def test_the_oldest_overdue_comes_before_the_next_due() -> None:
    chosen = pick(
        invoice("next", date(2026, 12, 10)), invoice("older", date(2026, 9, 10)), invoice("newer", date(2026, 10, 9))
    )
    assert chosen is not None
    assert (chosen.invoice.number, chosen.overdue, chosen.others) == ("older", True, 2)


def test_without_overdue_the_nearest_due_is_sent() -> None:
    chosen = pick(invoice("far", date(2027, 1, 11)), invoice("near", date(2026, 12, 10)))
    assert chosen is not None
    assert (chosen.invoice.number, chosen.overdue) == ("near", False)


def test_due_today_is_not_overdue() -> None:
    chosen = pick(invoice("today", MONDAY))
    assert chosen is not None
    assert not chosen.overdue


@pytest.mark.parametrize("status", [Status.CLOSED])
def test_what_is_closed_is_never_sent(status: Status) -> None:
    assert pick(invoice("gone", date(2026, 10, 1), status=status)) is None


def test_what_is_being_registered_can_be_chosen() -> None:
    chosen = pick(invoice("new", date(2026, 12, 1), status=Status.REGISTERING))
    assert chosen is not None


def test_ties_go_to_the_larger_amount_then_to_the_lower_number() -> None:
    due = date(2026, 10, 1)
    by_amount = pick(invoice("1", due, "50"), invoice("2", due, "80"))
    by_number = pick(invoice("9", due), invoice("3", due))
    assert by_amount is not None
    assert by_number is not None
    assert (by_amount.invoice.number, by_number.invoice.number) == ("2", "3")


def test_an_invoice_listed_twice_counts_once() -> None:
    twice = invoice("1", date(2026, 10, 1))
    chosen = pick(twice, twice)
    assert chosen is not None
    assert chosen.others == 0


LATE, SOON, FAR = (date(2026, 10, 5), date(2026, 12, 10), date(2027, 1, 11))


@pytest.mark.parametrize(
    "entry",
    [
        Unreadable("charges.due"),  # it may fall due on any day
        Unreadable("charges.value", date(2026, 10, 4)),
        Unreadable("charges.value", LATE),  # the larger amount goes first, and this one's is not known
        Unreadable("charges.value", date(1, 1, 1)),
    ],
)
def test_what_cannot_be_read_might_be_the_one_to_send(entry: Unreadable) -> None:
    assert choose(Listing((invoice("late", LATE), invoice("soon", SOON)), (entry,)), MONDAY) == entry


def test_what_cannot_be_read_and_falls_due_later_is_counted() -> None:
    entries = (Unreadable("charges.value", FAR), Unreadable("charges.value", date.max))
    chosen = choose(Listing((invoice("late", LATE), invoice("soon", SOON)), entries), MONDAY)
    assert isinstance(chosen, InvoiceChoice)
    assert (chosen.invoice.number, chosen.overdue, chosen.others) == ("late", True, 3)


def test_what_cannot_be_read_alone_is_not_nothing() -> None:
    entry = Unreadable("charges.value", FAR)
    assert choose(Listing(unreadable=(entry,)), MONDAY) == entry
    assert choose(Listing((invoice("paid", LATE, status=Status.CLOSED),), (entry,)), MONDAY) == entry


def test_what_was_sent_already_is_not_chosen_again_readable_or_not() -> None:
    sent = Unreadable("charges.value", LATE, "id-sent")
    listing = Listing((invoice("sent too", LATE), invoice("soon", SOON)), (sent,))
    chosen = choose(listing, MONDAY, excluding=["id-sent", "id-sent too"])
    assert isinstance(chosen, InvoiceChoice)
    assert (chosen.invoice.number, chosen.others) == ("soon", 0)
