"""Discounts for paying early, as gateways state them.

>>> str(discounted(Decimal("189.90"), Decimal(5), percentage=True)), str(discounted(Decimal(100), Decimal(5)))
('180.40', '95.00')
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

_CENTS = Decimal("0.01")


def discounted(amount: Decimal, discount: Decimal, *, percentage: bool = False) -> Decimal | None:
    """What is asked for instead of `amount`, from which `discount` reais or percent are taken; None when that is none.

    Half a centavo goes off too: a code that rounds it the other way asks for more than that, not for less.
    """
    off = amount * discount / 100 if percentage else discount
    asked = (amount - off).quantize(_CENTS, ROUND_DOWN)
    return asked if 0 < asked < amount else None
