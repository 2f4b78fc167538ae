"""Money and dates as Brazilians read them.

>>> from datetime import date
>>> reais(Decimal("1234.5"))
'R$ 1.234,50'
>>> short_date(date(2026, 11, 3))
'03/11/2026'
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency

_LOCALE = "pt_BR"


def reais(amount: Decimal) -> str:
    """`amount` in reais, with an ordinary space: a non-breaking one survives copying into a bank's amount field."""
    return str(format_currency(amount, "BRL", locale=_LOCALE)).replace("\xa0", " ")


def short_date(day: date) -> str:
    return str(format_date(day, "dd/MM/yyyy", locale=_LOCALE))
