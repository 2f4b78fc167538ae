"""Sorting what a gateway lists."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from segunda_via.boletos.invoice import Invoice, Listing, Unreadable
from segunda_via.gateways.listing import listing, sort_out
from segunda_via.http.record import Record, records_of

DUE = date(2026, 12, 10)
ONE = Invoice("1", "1", DUE, Decimal("100.00"))


def amount(entry: Record) -> Decimal | None:
    return None if entry.flag("paid") else entry.amount_owed("amount")


async def test_each_entry_is_read_left_out_or_noted() -> None:
    entries = [{"amount": 1}, {"paid": True}, {"amount": "1.234", "id": "7", "due": "10/12/2026"}, None, {"amount": 2}]
    found, unreadable = await sort_out(
        records_of("fake", entries, "charges"), amount, key=lambda entry: entry.any_identifier("id"), due="due"
    )
    assert found == [1, 2]
    assert unreadable == [Unreadable("charges.amount", DUE, "7"), Unreadable("charges.amount")]


async def test_the_very_same_entry_is_noted_once() -> None:
    entries = records_of("fake", [{"a": 1}, {"a": 1}, {"a": 2}], "charges")
    assert len((await sort_out(entries, amount))[1]) == 2


async def test_thousands_are_read_beside_the_event_loop() -> None:
    threads = set()

    def read(entry: Record) -> None:
        threads.add(threading.current_thread() is threading.main_thread())

    await sort_out(records_of("fake", [{}] * 10, "charges"), read)
    assert threads == {True}
    threads.clear()
    await sort_out(records_of("fake", [{}] * 5000, "charges"), read)
    assert threads == {False}


def test_an_invoice_that_fell_due_while_it_was_listed_is_one() -> None:
    grown = replace(ONE, updated_amount=Decimal("102.00"))
    assert listing([ONE, grown, ONE], []) == Listing((grown,))


@pytest.mark.parametrize("other", [{"amount": Decimal("10.00")}, {"due_date": date(2026, 11, 10)}, {"number": "2"}])
def test_an_invoice_that_is_listed_with_contradictions_cannot_be_read(other: dict) -> None:
    earliest = other.get("due_date", DUE)
    noted = Unreadable("listed twice, with contradictions", earliest, "1")
    assert listing([ONE, replace(ONE, **other)], []) == Listing((), (noted,))


def test_an_invoice_that_is_readable_in_one_place_alone_cannot_be_read() -> None:
    noted = Unreadable("charges.amount", DUE, "1")
    assert listing([ONE, replace(ONE, gateway_id="2")], [noted, noted]) == Listing(
        (replace(ONE, gateway_id="2"),), (noted,)
    )
