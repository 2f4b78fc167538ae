"""What a gateway may do wrong, and the one exception family that comes out of it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import fields

import pytest
from gateways.conftest import PATIENT

from sandbox.server import listen
from segunda_via.boletos.invoice import Invoice, choose
from segunda_via.errors import (
    GatewayError,
    GatewayProtocolError,
    GatewayRateLimited,
    GatewayUnavailable,
    TokenRejected,
)
from segunda_via.http.time_budget import time_budget

CALLS = ["listing", "codes"]


async def fetch(kit, call: str, *, key: str = "overdue", gateway=None):
    """The listing, or the codes of an invoice that was listed before the fault was ordered (see `after_listing`)."""
    gateway, document = gateway or kit.gateway(), kit.document(key)
    if call == "listing":
        return (await gateway.open_invoices(document, kit.today)).invoices
    return await gateway.with_codes(kit.listed, document, kit.today)


@pytest.fixture
async def faulty(kit):
    """Orders a fault once the invoice whose codes are asked for is known."""
    document = kit.document("overdue")
    listed = choose(await kit.gateway().open_invoices(document, kit.today), kit.today).invoice
    # As it is after it was kept for later: without what an adapter may have noted down at its listing.
    kit.listed = Invoice(**{part.name: getattr(listed, part.name) for part in fields(Invoice)})
    kit.sandbox.reset()
    return kit


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("500", GatewayUnavailable),
        ("502", GatewayUnavailable),
        ("503", GatewayUnavailable),
        ("cut", GatewayUnavailable),
        ("401", TokenRejected),
        ("302", GatewayProtocolError),
        ("redirect", GatewayProtocolError),
        ("html", GatewayProtocolError),
        ("empty", GatewayProtocolError),
        ("truncated", GatewayProtocolError),
        ("huge_body", GatewayProtocolError),
        ("deep", GatewayProtocolError),
    ],
)
async def test_fault_for_ever(faulty, call, fault, expected):
    faulty.order(fault)
    with pytest.raises(GatewayError) as caught:
        await fetch(faulty, call)
    assert type(caught.value) is expected
    assert caught.value.gateway == faulty.contract.name
    assert caught.value.retryable is (expected is GatewayUnavailable)


@pytest.mark.parametrize("call", CALLS)
async def test_connection_refused(faulty, call):
    closed = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    closed.close()
    gateway = faulty.gateway(base_url=address)
    with pytest.raises(GatewayUnavailable):
        await fetch(faulty, call, gateway=gateway)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", ["500", "503", "cut", "429"])
async def test_fault_once_is_retried(faulty, call, fault):
    faulty.order(fault, times=1, path=faulty.contract.code_call if call == "codes" else None)
    assert await fetch(faulty, call)


async def test_403_of_the_listing_is_for_the_operator(kit):
    kit.order("403")
    with pytest.raises(TokenRejected):
        await fetch(kit, "listing")


async def test_401_once(faulty):
    faulty.order("401", times=1)
    if faulty.contract.signs_in:
        assert await fetch(faulty, "listing")
    else:
        with pytest.raises(TokenRejected):
            await fetch(faulty, "listing")


async def test_codes_of_other_types(faulty):
    faulty.order("wrong_types")
    with pytest.raises(GatewayProtocolError):
        await fetch(faulty, "codes")


@pytest.mark.parametrize("fault", ["wrong_types", "missing_fields"])
async def test_a_listing_that_cannot_be_read_names_a_field_and_is_never_an_empty_one(kit, fault):
    kit.order(fault)
    named = []
    try:
        listing = await kit.gateway().open_invoices(kit.document("overdue"), kit.today)
    except GatewayProtocolError as error:
        named.append(error.field)
    else:
        assert not listing.invoices
        named += [entry.field for entry in listing.unreadable]
    assert named
    assert all(named)


@pytest.mark.parametrize("call", CALLS)
async def test_a_million_characters_in_a_field(faulty, call):
    """Either it does not matter, or it is the family's; it is never delivered."""
    faulty.order("huge_field")
    try:
        result = await fetch(faulty, call)
        delivered = repr([vars(invoice) for invoice in (result if call == "listing" else [result])])
    except GatewayProtocolError as error:
        delivered = str(error)
    assert len(delivered) < 50_000


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", ["slow", "slow_body"])
@pytest.mark.slow
async def test_slowness_is_bounded_by_the_budget(faulty, call, fault):
    faulty.order(fault)
    with pytest.raises(GatewayUnavailable, match="no answer within the time budget"):
        await fetch(faulty, call, gateway=faulty.gateway(budget=0.4))


async def test_one_budget_is_shared_by_listing_and_codes(faulty):
    faulty.order("latency", latency_ms=150)
    gateway = faulty.gateway(budget=5.0)

    async def again_and_again() -> None:
        async with time_budget(0.7, gateway=faulty.contract.name):
            while True:
                await fetch(faulty, "listing", gateway=gateway)
                await fetch(faulty, "codes", gateway=gateway)

    with pytest.raises(GatewayUnavailable, match="no answer within the time budget"):
        await again_and_again()


async def test_slow_once_is_retried_within_the_budget(faulty):
    faulty.order("slow", times=1)
    assert await fetch(faulty, "listing")


async def test_429_waits_when_the_reset_fits_into_the_budget(faulty):
    faulty.order("429", times=1, reset=0.3)
    started = time.monotonic()
    assert await fetch(faulty, "listing")
    assert time.monotonic() - started >= 0.3


async def test_429_beyond_the_budget_fails_at_once(faulty):
    faulty.order("429", reset=30)
    with pytest.raises(GatewayRateLimited) as caught:
        await fetch(faulty, "listing")
    assert caught.value.retry_after == 30


@pytest.mark.parametrize("key", ["overdue", "up_to_date", "unknown"])
@pytest.mark.parametrize("fault", ["unfiltered", "foreign_invoice"])
async def test_nobody_elses_invoice_is_ever_shown(kit, key, fault):
    kit.order(fault)
    own = {charge.number for charge in kit.persona(key).charges if charge.state.value == "open"}
    invoices = await fetch(kit, "listing", key=key, gateway=kit.gateway(budget=60, retries=PATIENT))
    assert {invoice.number for invoice in invoices} == own


async def test_a_cancelled_delivery_leaves_no_call_behind(kit):
    kit.order("latency", latency_ms=2000)
    before = asyncio.all_tasks()
    delivery = asyncio.ensure_future(fetch(kit, "listing"))
    await asyncio.sleep(0.1)
    delivery.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivery
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize(("key", "expected"), [("gateway_down", GatewayUnavailable), ("token_rejected", TokenRejected)])
async def test_personas_with_a_standing_fault(kit, key, expected):
    with pytest.raises(expected):
        await fetch(kit, "listing", key=key)


async def test_the_slow_persona_spends_the_budget(kit):
    with pytest.raises(GatewayUnavailable):
        await fetch(kit, "listing", key="slow_gateway", gateway=kit.gateway(budget=0.3))
