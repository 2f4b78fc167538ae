"""Reading of what MK-AUTH and MK Solutions answer: numbers as texts, texts as numbers, dates and money in two ways.

The two products have nothing in common but the readiness to change a field's type from one version to the next.

>>> [str(reais(written)) for written in ("99.90", "99,9", "R$ 1.234,56", "R$ 1.234")]
['99.90', '99.90', '1234.56', '1234.00']
>>> [calendar_day(written).isoformat() for written in ("2026-11-20 00:00:00", "20/11/2026")]
['2026-11-20', '2026-11-20']
>>> reais("1.234") is None     # a thousand and more, or one and a bit? Nobody can tell
True
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from segunda_via.gateways.reading import Record

_BRAZILIAN = re.compile(r"(R\$)?\s*([0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,([0-9]{1,2}))?")
_DOTTED = re.compile(r"(?:R\$)?\s*([0-9]+\.[0-9]{1,2})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ][0-9:.]{4,15}(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?")
_BR = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})(?: [0-9:]{4,8})?")
_CENTS = Decimal("0.01")
_HIGHEST = Decimal("99999999.99")
"""The largest amount that a boleto's ten digits of centavos hold."""


def reais(written: str) -> Decimal | None:
    """An amount as people or databases write it, to the centavo; None when it is none, or could be two."""
    text = written.strip()
    dotted = _DOTTED.fullmatch(text)
    if dotted:
        amount = Decimal(dotted[1])
    else:
        parts = _BRAZILIAN.fullmatch(text)
        if parts is None or ("." in parts[2] and not parts[1] and not parts[3]):
            return None
        amount = Decimal(f"{parts[2].replace('.', '')}.{parts[3] or '0'}")
    return amount.quantize(_CENTS) if amount <= _HIGHEST else None


def calendar_day(written: str) -> date | None:
    """A date as ISO writes it, a time after it or not, or as Brazilians do; None when it is none."""
    text = written.strip()
    iso, brazilian = _ISO.fullmatch(text), _BR.fullmatch(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if brazilian:
            return date(int(brazilian[3]), int(brazilian[2]), int(brazilian[1]))
    except ValueError:
        pass
    return None


class MkRecord(Record):
    """One JSON object whose numbers may be texts and the other way round; else as `Record`."""

    def key(self, name: str) -> str:
        """A key of the gateway's own that must be there, number or text, safe to put into a path."""
        value = self.optional_key(name)
        if value is None:
            raise self._wrong(name, "missing")
        return value

    def optional_key(self, name: str) -> str | None:
        """The same; None when it is missing, null, blank or 0."""
        value = self._values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value) if value > 0 else None
        return self.identifier(name) if self.optional_text(name, limit=80) else None

    def reais(self, *names: str) -> Decimal:
        """An amount that must be there, under the first of `names` that is not null: a number, or a text."""
        name = self._first(names)
        amount = self.optional_reais(name)
        if amount is None:
            raise self._wrong(name, "missing")
        return amount

    def optional_reais(self, name: str) -> Decimal | None:
        """The same; None when it is missing, null or blank."""
        value = self._values.get(name)
        if not isinstance(value, str):
            return self.optional_money(name)
        written = self.optional_text(name, limit=40)
        amount = reais(written) if written else None
        if written and amount is None:
            raise self._wrong(name, "should be an amount in reais")
        return amount

    def calendar_day(self, name: str) -> date:
        """A date that must be there, in either writing."""
        found = self.optional_calendar_day(name)
        if found is None:
            raise self._wrong(name, "missing")
        return found

    def optional_calendar_day(self, name: str) -> date | None:
        """The same; None when it is missing, null or blank."""
        written = self.optional_text(name, limit=40)
        found = calendar_day(written) if written else None
        if written and found is None:
            raise self._wrong(name, "should be a date")
        return found

    def filled(self, name: str) -> bool:
        """Whether the field says anything: neither missing nor null, blank or 0."""
        value = self._values.get(name)
        return value.strip(" 0") != "" if isinstance(value, str) else bool(value)

    def within(self, name: str) -> MkRecord:
        """The object under `name`, which must be there."""
        return MkRecord(self._gateway, self._values.get(name), f"{self._where}.{name}")

    def items(self, name: str) -> list[MkRecord]:
        """The objects under `name`: a list, one object alone, or an object that numbers them; empty when null.

        PHP makes an object of a list whose keys are not 0, 1, 2, … any more. Missing altogether is a protocol error.
        """
        if name not in self:
            raise self._wrong(name, "missing")
        value = self._values[name]
        where = f"{self._where}.{name}[]"
        if isinstance(value, dict):
            numbered = all(isinstance(item, dict) and key.isdigit() for key, item in value.items())
            value = list(value.values()) if numbered else [value]
        if value in (None, "", False):
            value = []
        if not isinstance(value, list):
            raise self._wrong(name, "should be a list")
        return [MkRecord(self._gateway, item, where) for item in value]

    def _first(self, names: Iterable[str]) -> str:
        wanted = list(names)
        return next((name for name in wanted if self.has(name)), wanted[0])
