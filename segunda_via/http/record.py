"""Reading what a gateway answered, field by field. Nothing is trusted to be there, or to be what it should.

A `Record` is one JSON object. Its readers return exact values, or raise GatewayProtocolError naming the gateway and the
field; the value itself is never in the text. Unknown fields are ignored.

>>> charge = Record("asaas", {"id": "pay_1", "value": 350, "dueDate": "2026-11-20"}, "payments")
>>> charge.money("value"), charge.day("dueDate")
(Decimal('350.00'), datetime.date(2026, 11, 20))
>>> charge.text("invoiceNumber")
Traceback (most recent call last):
    ...
segunda_via.errors.GatewayProtocolError: asaas: payments.invoiceNumber: missing
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from segunda_via.errors import GatewayProtocolError

_IDENTIFIER = re.compile(r"[A-Za-z0-9._-]{1,80}")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_CENTS = Decimal("0.01")
MOST_RECORDS = 5000
"""Entries of one list; more cannot be read within a delivery."""

_HIGHEST = Decimal("99999999.99")
"""The largest amount that a boleto's ten digits of centavos hold."""


class Record:
    """One JSON object of an answer; `where` names it in error texts."""

    def __init__(self, gateway: str, value: object, where: str) -> None:
        if not isinstance(value, Mapping):
            raise GatewayProtocolError(gateway, "should be an object", where)
        self._gateway = gateway
        self._values: Mapping[str, object] = value
        self._where = where

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._values.get(name) is not None

    def identifier(self, name: str) -> str:
        """A key of the gateway's own, safe to put into a path."""
        value = self.text(name, limit=80)
        if not _IDENTIFIER.fullmatch(value):
            raise self._wrong(name, "should be a plain identifier")
        return value

    def text(self, name: str, *, limit: int = 500) -> str:
        """A text that must be there and must not be blank."""
        value = self.optional_text(name, limit=limit)
        if value is None:
            raise self._wrong(name, "missing")
        return value

    def optional_text(self, name: str, *, limit: int = 500) -> str | None:
        """A text without the white space around it; None when it is missing, null or blank."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._wrong(name, "should be a text")
        value = value.strip()
        if len(value) > limit:
            raise self._wrong(name, f"longer than {limit} characters")
        if any(character < " " or "\ud800" <= character <= "\udfff" for character in value):
            raise self._wrong(name, "holds characters that cannot be shown")
        return value or None

    def name(self, name: str, *, limit: int = 200) -> str | None:
        """Somebody's name, for show: on one line, cut at `limit`, and None rather than refused when it is no text.

        Names are typed by people, line breaks included; none is worth keeping an invoice from who wants to pay it.
        """
        value = self._values.get(name)
        if not isinstance(value, str):
            return None
        shown = "".join(c if c.isprintable() else " " for c in value[: 10 * limit])
        return " ".join(shown.split())[:limit] or None

    def money(self, name: str) -> Decimal:
        """An amount in reais that must be there, to the centavo."""
        value = self.optional_money(name)
        if value is None:
            raise self._wrong(name, "missing")
        return value

    def optional_money(self, name: str) -> Decimal | None:
        """An amount from a JSON number, to the centavo; None when it is missing or null.

        Numbers that a binary float went through, such as 0.30000000000000004, become the centavos that were meant.
        """
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            raise self._wrong(name, "should be a number")
        amount = Decimal(value)
        if not 0 <= amount <= _HIGHEST:
            raise self._wrong(name, "out of bounds for an amount")
        return amount.quantize(_CENTS, ROUND_HALF_UP)

    def day(self, name: str) -> date:
        """A date written as YYYY-MM-DD that must be there."""
        value = self.text(name, limit=40)
        try:
            if _ISO_DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise self._wrong(name, "should be a date as YYYY-MM-DD")

    def flag(self, name: str) -> bool:
        """True or false; a missing or null one is false."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "should be true or false")
        return bool(value)

    def count(self, name: str) -> int | None:
        """A whole number that is not negative; None when it is missing, null or anything else."""
        value = self._values.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

    def record(self, name: str) -> Record | None:
        """An object within this one; None when it is missing or null."""
        value = self._values.get(name)
        return None if value is None else Record(self._gateway, value, f"{self._where}.{name}")

    def records(self, name: str) -> Sequence[Record]:
        """A list of objects that must be there."""
        return [Record(self._gateway, item, f"{self._where}.{name}[]") for item in self.raw_list(name)]

    def raw_list(self, name: str) -> list[object]:
        """A list of anything that must be there, of `MOST_RECORDS` items at most."""
        value = self._values.get(name)
        if not isinstance(value, list):
            raise self._wrong(name, "missing" if value is None else "should be a list")
        if len(value) > MOST_RECORDS:
            raise self._wrong(name, f"should be a list of {MOST_RECORDS} at most")
        return value

    def _wrong(self, name: str, what: str) -> GatewayProtocolError:
        return GatewayProtocolError(self._gateway, what, f"{self._where}.{name}")
