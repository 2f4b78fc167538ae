"""True answers of every simulator, spoiled at random: an adapter gives invoices or an exception of the family, ever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

import httpx
import pytest
from gateways.conftest import CONTRACTS, TODAY, Contract

from sandbox.personas import persona
from sandbox.server import Sandbox
from segunda_via.boletos.documents import parse
from segunda_via.boletos.invoice import Invoice, InvoiceChoice, choose
from segunda_via.errors import GatewayError
from segunda_via.http.api_client import Retries, new_client
from segunda_via.http.api_sessions import ApiSessions

pytestmark = pytest.mark.slow

ONCE = Retries(attempts=1, attempt_timeout=5.0)
ROOT = "http://localhost"
SEEDS = 60
"""Deliveries of each gateway and persona."""
JUNK = (
    None, True, False, 0, -1, 1.5, 10**19, 10**40, "", " ", "x" * 5000, "\x00", "\ud800", "ção", "0", "-1", "1e9",
    "NaN", "2026-02-30", "31/02/2026", "99,999", "R$", "ERRO", "999", "https://", [], {}, [[]], [None], {"": None},
    [{"a": []}],
)  # fmt: skip
SANDBOX = Sandbox(lambda: TODAY)


class Spoiling(httpx.AsyncBaseTransport):
    """Passes every answer on after `spoil` had its way with the body."""

    def __init__(self, seed: int) -> None:
        self._app = httpx.ASGITransport(SANDBOX.app)
        self._seed = seed

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._app.handle_async_request(request)
        # By path, since calls that go out together come in any order.
        content = spoil(await answer.aread(), Random(f"{self._seed} {request.url.path}"))
        return httpx.Response(answer.status_code, content=content)


def spoil(body: bytes, random: Random) -> bytes:
    """One change in one answer of three: of a value, of a key, or of a few bytes."""
    kind = random.random()
    if kind < 2 / 3:
        return body
    if kind < 3 / 4:
        place = random.randrange(len(body) + 1)
        return body[:place] + random.randbytes(random.randrange(4)) + body[place + random.randrange(4) :]
    try:
        value = json.loads(body)
    except ValueError:
        return body[: random.randrange(len(body) + 1)]
    places = list(_places(value))
    if not places:
        return json.dumps(random.choice(JUNK)).encode()
    container, key = random.choice(places)
    if isinstance(container, dict) and random.random() < 0.2:
        del container[key]
    else:
        container[key] = random.choice(JUNK)
    return json.dumps(value).encode()


def _places(value: object) -> Iterator[tuple]:
    """Every place of a JSON value where something else could stand."""
    for key, item in (
        list(value.items()) if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    ):
        yield value, key
        yield from _places(item)


async def deliver(contract: Contract, seed: int, key: str) -> list[Invoice]:
    document = parse(persona(key, TODAY, contract.issuer).document)
    shared = {"sessions": ApiSessions()} if contract.signs_in else {}
    async with new_client(Spoiling(seed)) as client:
        credentials = SANDBOX.credentials(ROOT)[contract.name]
        gateway = contract.adapter(credentials, client, budget=5.0, retries=ONCE, **shared)
        listing = await gateway.open_invoices(document, TODAY)
        choice = choose(listing, TODAY)
        if not isinstance(choice, InvoiceChoice):
            return list(listing.invoices)
        return [*listing.invoices, await gateway.with_codes(choice.invoice, document, TODAY)]


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
@pytest.mark.parametrize("key", ["overdue", "several_records", "unknown", "card"])
async def test_only_the_family_comes_out(contract: Contract, key: str) -> None:
    theirs = {charge.number for charge in persona(key, TODAY, contract.issuer).charges}
    ended = {"well": 0, "in the family": 0}
    for seed in range(SEEDS):
        try:
            invoices = await deliver(contract, seed, key)
        except GatewayError as error:
            ended["in the family"] += 1
            assert len(str(error)) < 300, f"seed {seed}"  # noqa: PT017  either outcome is right
        except Exception as error:
            raise AssertionError(f"seed {seed} ends in {type(error).__name__}") from error
        else:
            ended["well"] += 1
            for invoice in invoices:
                assert isinstance(invoice.amount, Decimal), f"seed {seed}"
                assert type(invoice.due_date) is date, f"seed {seed}"
                assert repr(invoice).isprintable(), f"seed {seed}"
            assert theirs or not invoices, f"seed {seed}"
    assert all(ended.values()), "some deliveries should be spoiled, and some not"
