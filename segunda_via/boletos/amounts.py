"""What an invoice costs today: the one amount that is told, and what its codes may ask for beside it.

Overdue, an amount grows from the nominal one up to what fine and interest can have added. Not overdue, it is the
nominal amount, or less by a discount. Nothing that is sent asks for more than what is told. Pure; money is in reais.

>>> from segunda_via.boletos.invoice import Invoice
>>> today, bounds = date(2026, 11, 23), Bounds()
>>> late = Invoice("1", "1", due_date=date(2026, 11, 3), amount=Decimal(350), updated_amount=Decimal("358.40"))
>>> of_codes(late, today, bounds)
Range(lowest=Decimal('350'), highest=Decimal('359.11680'))
>>> told(late, today, [Decimal("350.00")])
Decimal('358.40')
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from segunda_via.boletos.business_days import is_overdue
from segunda_via.boletos.invoice import Invoice

_CENT = Decimal("0.01")
_TOLERANCE = Decimal("0.10")
_TOLERANCE_RATE = Decimal("0.002")
"""How far a code may exceed the gateway's updated amount: the larger of the two. They are computed hours apart."""


@dataclass(frozen=True)
class Bounds:
    """How far an amount may lie from the nominal one and still be believed; all are fractions of it (0.30 is 30 %).

    Overdue it may have grown by `fine` once, and by `monthly_interest` for every month begun. Not overdue it may be
    lower by `max_discount` without the gateway having stated a discount.
    """

    fine: Decimal = Decimal("0.30")
    monthly_interest: Decimal = Decimal("0.01")
    max_discount: Decimal = Decimal("0.20")

    def highest(self, invoice: Invoice, today: date) -> Decimal:
        months = -(-max((today - invoice.due_date).days, 0) // 30)
        return invoice.amount * (1 + self.fine + self.monthly_interest * months)


@dataclass(frozen=True)
class Range:
    """Both ends included."""

    lowest: Decimal
    highest: Decimal

    def __contains__(self, amount: Decimal) -> bool:
        return self.lowest <= amount <= self.highest


def of_gateway(invoice: Invoice, today: date, bounds: Bounds) -> Range:
    """Where the gateway's own amount of today may lie: a discount that it states may be of any size."""
    if is_overdue(invoice.due_date, today):
        return grown(invoice, today, bounds)
    return Range(min(_CENT, invoice.amount), invoice.amount)


def of_codes(invoice: Invoice, today: date, bounds: Bounds) -> Range:
    """Where what a code asks for may lie. The gateway's own amount of today, where it gives one, is believed here."""
    nominal, gateways = invoice.amount, invoice.updated_amount
    if is_overdue(invoice.due_date, today):
        possible = grown(invoice, today, bounds)
        if gateways is None:
            return possible
        tolerated = gateways + max(_TOLERANCE, gateways * _TOLERANCE_RATE)
        return Range(possible.lowest, min(possible.highest, tolerated))
    stated = gateways is not None and gateways < nominal
    return Range(gateways if stated and gateways else nominal * (1 - bounds.max_discount), nominal)


def grown(invoice: Invoice, today: date, bounds: Bounds) -> Range:
    """Where an overdue amount may lie, whatever the gateway says."""
    return Range(invoice.amount, bounds.highest(invoice, today))


def told(invoice: Invoice, today: date, asked: Collection[Decimal]) -> Decimal:
    """The one amount that everybody is told; `asked` is what the codes that are sent ask for, within their range."""
    if not is_overdue(invoice.due_date, today):
        return invoice.amount
    return max([invoice.amount if invoice.updated_amount is None else invoice.updated_amount, *asked])


def discounted(invoice: Invoice, today: date, asked: Collection[Decimal]) -> Decimal | None:
    """What is asked for instead of the nominal amount; None when there is no discount.

    What a code asks for goes before what the gateway states, and of two codes the one that asks for more: nobody is
    told less than what will be charged.
    """
    if is_overdue(invoice.due_date, today):
        return None
    lower = [amount for amount in asked if amount < invoice.amount]
    if lower:
        return max(lower)
    stated = invoice.updated_amount
    return stated if stated is not None and stated < invoice.amount else None
