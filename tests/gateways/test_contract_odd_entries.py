"""One odd field in one entry of a listing: it never stops the others, and never changes in silence what is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from random import Random

import httpx
import pytest
from gateways.conftest import CONTRACTS, TODAY, Contract

from sandbox.personas import persona
from sandbox.server import Sandbox
from segunda_via.boletos.documents import parse
from segunda_via.boletos.invoice import InvoiceChoice, Unreadable, choose
from segunda_via.errors import GatewayError
from segunda_via.http.api_client import Retries, new_client
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.written_values import read_day

ONCE = Retries(attempts=1, attempt_timeout=5.0)
SANDBOX = Sandbox(lambda: TODAY)
UNCLEAR = (None, "", True, 1.5, "x" * 5000, "\x00", "\ud800", [], {}, [[]], [None], {"": None})
"""Values that no field can have, or that say nothing in it."""
DELETED = "deleted"
"""Fields that begin so mean what they say, whatever they hold."""

Row = dict[str, object]


class Touching(httpx.AsyncBaseTransport):
    """Lets `touch` have its way with the listed invoice that falls due on `day`."""

    def __init__(self, contract: Contract, day: date, touch: Callable[[Row], object]) -> None:
        self._app = httpx.ASGITransport(SANDBOX.app)
        self._contract, self._day, self._touch = contract, day, touch

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._app.handle_async_request(request)
        content = await answer.aread()
        if self._contract.listing_call in request.url.path and self._contract.due.encode() in content:
            body = json.loads(content)
            for row in _rows(body, self._contract.due):
                if read_day(str(row[self._contract.due])) == self._day:
                    self._touch(row)
            content = json.dumps(body).encode()
        return httpx.Response(answer.status_code, content=content)


def _rows(value: object, due: str) -> Iterator[Row]:
    if isinstance(value, dict) and due in value:
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _rows(item, due)


def _places(row: Row) -> Iterator[tuple[Row, str]]:
    for name, value in row.items():
        yield row, name
        if isinstance(value, dict):
            yield from _places(value)


async def chosen(contract: Contract, day: date, touch: Callable[[Row], object]) -> InvoiceChoice | Unreadable | None:
    document = parse(persona("overdue", TODAY, contract.issuer).document)
    shared = {"sessions": ApiSessions()} if contract.signs_in else {}
    async with new_client(Touching(contract, day, touch)) as client:
        credentials = SANDBOX.credentials("http://localhost")[contract.name]
        gateway = contract.adapter(credentials, client, budget=5.0, retries=ONCE, **shared)
        return choose(await gateway.open_invoices(document, TODAY), TODAY)


def days(contract: Contract) -> list[date]:
    """When the persona's open invoices fall due, the one to send first."""
    charges = persona("overdue", TODAY, contract.issuer).charges
    found = sorted(charge.due_date for charge in charges if charge.state.value == "open")
    assert len(found) == 3
    return found


each_gateway = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)


@each_gateway
async def test_the_invoice_to_send_whose_amount_cannot_be_read_is_not_passed_over(contract):
    first = days(contract)[0]
    found = await chosen(contract, first, lambda row: row.update({contract.amount: "1.234"}))
    assert isinstance(found, Unreadable)
    assert found.due_date == first
    assert contract.amount in found.field


@each_gateway
async def test_a_later_invoice_whose_amount_cannot_be_read_is_counted(contract):
    first, *_, last = days(contract)
    found = await chosen(contract, last, lambda row: row.update({contract.amount: "1.234"}))
    assert isinstance(found, InvoiceChoice)
    assert (found.invoice.due_date, found.overdue, found.others) == (first, True, 2)


@each_gateway
@pytest.mark.parametrize("written", [None, "amanhã", "31/02/2026", "0000-00-00", [], 20261110])
async def test_an_invoice_without_a_due_date_might_be_the_one_to_send(contract, written):
    found = await chosen(contract, days(contract)[2], lambda row: row.update({contract.due: written}))
    assert isinstance(found, Unreadable)
    assert contract.due in found.field


@each_gateway
@pytest.mark.parametrize(("written", "might_be"), [("0001-01-01", True), ("1970-01-01", True), ("9999-12-31", False)])
async def test_an_absurd_due_date_is_noted_as_it_is_written(contract, written, might_be):
    found = await chosen(contract, days(contract)[2], lambda row: row.update({contract.due: written}))
    assert isinstance(found, Unreadable if might_be else InvoiceChoice)


@each_gateway
@pytest.mark.parametrize("amount", ["0", "0.00", 0, -1, "-350.00", 1e12])
async def test_an_invoice_asks_for_something(contract, amount):
    found = await chosen(contract, days(contract)[0], lambda row: row.update({contract.amount: amount}))
    assert isinstance(found, Unreadable)


@pytest.mark.slow
@each_gateway
@pytest.mark.parametrize("place", [0, 2])
async def test_whatever_is_odd_about_one_entry_no_other_is_sent_in_silence(contract, place):
    right = await chosen(contract, date.min, lambda row: None)
    assert isinstance(right, InvoiceChoice)
    day = days(contract)[place]
    fields: list[str] = []
    await chosen(contract, day, lambda row: fields.extend(dict.fromkeys(name for _, name in _places(row))))
    read = noted = 0
    for name in dict.fromkeys(fields):
        for value in Random(name).sample(UNCLEAR, 4):

            def spoil(row: Row, name: str = name, value: object = value) -> None:
                for container, key in list(_places(row)):
                    if key == name and not key.startswith(DELETED):
                        container[key] = value

            try:
                found = await chosen(contract, day, spoil)
            except GatewayError as error:
                raise AssertionError(f"{name} = {value!r:.20} stops the listing") from error
            if isinstance(found, Unreadable):
                noted += 1
                continue
            read += 1
            assert isinstance(found, InvoiceChoice), f"{name} = {value!r:.20} hides the invoice"
            assert found.invoice.gateway_id == right.invoice.gateway_id, f"{name} = {value!r:.20}"
            assert found.others == right.others, f"{name} = {value!r:.20}"
    assert read
    assert noted
