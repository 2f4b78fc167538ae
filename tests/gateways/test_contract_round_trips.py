"""How many calls a delivery makes, and how many of them wait for another."""

from __future__ import annotations

import pytest

from segunda_via.boletos.invoice import choose

LATENCY_MS = 120
"""Far more than sending a few calls takes, so that those that were sent together are seen to be."""


async def deliver(kit, key: str) -> int:
    """The depth of the deepest call."""
    gateway, document = kit.gateway(), kit.document(key)
    await gateway.check()  # the session is warm
    kit.sandbox.reset()
    kit.order("latency", latency_ms=LATENCY_MS)
    choice = choose(await gateway.open_invoices(document, kit.today), kit.today)
    if choice is not None:
        await gateway.with_codes(choice.invoice, document, kit.today)
    return max(call["depth"] for call in kit.calls())


@pytest.mark.parametrize(
    "key",
    ["overdue", "next_due", "no_pix", "pix_only", "undefined", "registering", "card", "several_records", "cnpj"],
)
@pytest.mark.slow
async def test_dependent_round_trips(kit, key):
    assert await deliver(kit, key) <= kit.contract.round_trips


async def test_pages_beyond_the_first_go_out_together(kit):
    assert await deliver(kit, "many") <= kit.contract.round_trips + 1


async def test_unknown_and_up_to_date_cannot_be_told_apart_by_the_calls(kit):
    seen = {}
    for key in ("unknown", "up_to_date"):
        await deliver(kit, key)
        seen[key] = [(call["method"], call["path"], call["parameters"], call["depth"]) for call in kit.calls()]
    assert seen["unknown"] == seen["up_to_date"]


async def test_no_call_changes_anything(kit):
    await deliver(kit, "overdue")
    posts = [call["path"] for call in kit.calls() if call["method"] != "GET"]
    assert not [path for path in posts if not any(part in path for part in kit.contract.lists_by_post)]
