"""Reading what an API answered, field by field. Nothing is trusted to be there, or to be what it should.

A `Record` is one JSON object. Its readers return exact values, or raise GatewayProtocolError naming the gateway and the
field; the value itself is never in the text. Unknown fields are ignored. Gateways are loose about how they write, so
these are read too, while what could mean two things is refused:

    days, amounts   in the writings of `segunda_via.http.written_values`, amounts as numbers too
    texts           numbers
    flags           true, 1, "true", "1", "sim", "S", "Y", and their opposites

Optional things that are only shown (a number, a name, a link) are None where they cannot be read: none of them is worth
keeping an invoice from who wants to pay it.

>>> boleto = Record("sga", {"nosso_numero": 4567, "valor": "1.234,56", "vencimento": "10/11/2026"}, "boleto")
>>> boleto.identifier("nosso_numero"), boleto.money("valor"), boleto.day("vencimento")
('4567', Decimal('1234.56'), datetime.date(2026, 11, 10))
>>> boleto.text("situacao")
Traceback (most recent call last):
    ...
segunda_via.errors.GatewayProtocolError: sga: boleto.situacao: missing
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from segunda_via.errors import GatewayProtocolError
from segunda_via.http.written_values import CENTS, HIGHEST, read_day, read_money

MOST_RECORDS = 5000
"""Entries of one list; more cannot be read within a delivery."""

FIRST_DAY, LAST_DAY = date(1997, 10, 7), date(2199, 12, 31)
"""No boleto falls due before the first (their due dates are counted from it); what is later is no date but a filler."""

_IDENTIFIER = re.compile(r"[A-Za-z0-9._-]{1,80}")
_URL = re.compile(r"https?://[^\s\"<>]+", re.IGNORECASE)
_YES = frozenset({"true", "1", "sim", "s", "yes", "y"})
_NO = frozenset({"false", "0", "não", "nao", "n", "no", ""})


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
        """A text without the white space around it, or a whole number; None when it is missing, null or blank."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
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
        """An amount to the centavo, from a JSON number or a text; None when it is missing, null or blank.

        Numbers that a binary float went through, such as 0.30000000000000004, become the centavos that were meant.
        """
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, str):
            return self._written_money(name)
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            raise self._wrong(name, "should be a number")
        amount = Decimal(value)
        if not 0 <= amount <= HIGHEST:
            raise self._wrong(name, "out of bounds for an amount")
        return amount.quantize(CENTS, ROUND_HALF_UP)

    def amount_owed(self, name: str) -> Decimal:
        """An amount that must be there and more than nothing: what an invoice asks for."""
        amount = self.money(name)
        if not amount:
            raise self._wrong(name, "should be more than zero")
        return amount

    def day(self, name: str) -> date:
        """A date on which an invoice can fall due, which must be there."""
        value = read_day(self.text(name, limit=40))
        if value is None:
            raise self._wrong(name, "should be a date as YYYY-MM-DD or DD/MM/YYYY")
        if not FIRST_DAY <= value <= LAST_DAY:
            raise self._wrong(name, "is no date of an invoice")
        return value

    def flag(self, name: str) -> bool:
        """True or false; a missing or null one is false."""
        value = self._values.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            word = str(value).strip().casefold()
            if word in _YES | _NO:
                return word in _YES
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "should be true or false")
        return bool(value)

    def count(self, name: str) -> int | None:
        """A whole number that is not negative; None when it is missing, null or anything else."""
        value = self._values.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

    def one_of(self, name: str, these: Collection[str], others: Collection[str]) -> bool:
        """Whether the word that must be there is one of `these`; GatewayProtocolError when it is none of both."""
        word = self.text(name, limit=60)
        if word not in these and word not in others:
            raise self._wrong(name, "is a word that is not known")
        return word in these

    def any_day(self, name: str) -> date | None:
        """The day that is written there, however absurd; None when it is none."""
        with suppress(GatewayProtocolError):
            return read_day(self.text(name, limit=40))
        return None

    def any_text(self, name: str) -> str | None:
        """The text that is written there; None when it is none."""
        with suppress(GatewayProtocolError):
            return self.optional_text(name)
        return None

    def any_identifier(self, name: str) -> str | None:
        """The gateway's key that is written there; None when it is none."""
        with suppress(GatewayProtocolError):
            return self.identifier(name)
        return None

    def shown(self, *names: str, limit: int = 60) -> str | None:
        """The first of those fields that holds a short text or a number, on one line; None when none does."""
        for name in names:
            value = self._values.get(name)
            written = str(value) if isinstance(value, int) and not isinstance(value, bool) else self.name(name)
            if written and len(written) <= limit:
                return written
        return None

    def url(self, *names: str) -> str | None:
        """The first of those fields that holds a URL, of 2000 characters at most; None when none does."""
        for name in names:
            with suppress(GatewayProtocolError):
                written = self.optional_text(name, limit=2000)
                if written and _URL.fullmatch(written):
                    return written
        return None

    def as_written(self) -> str:
        """All of it, to tell the same record from another. Holds what is personal."""
        return repr(self._values)

    def raw(self, name: str) -> object:
        """The field as it came, for what changes its shape; None when it is missing."""
        return self._values.get(name)

    def raw_list(self, name: str) -> list[object]:
        """A list of anything that must be there, of `MOST_RECORDS` items at most."""
        value = self._values.get(name)
        if not isinstance(value, list):
            raise self._wrong(name, "missing" if value is None else "should be a list")
        if len(value) > MOST_RECORDS:
            raise self._wrong(name, f"should be a list of {MOST_RECORDS} at most")
        return value

    def record(self, name: str) -> Record | None:
        """An object within this one; None when it is missing or null."""
        value = self._values.get(name)
        return None if value is None else Record(self._gateway, value, f"{self._where}.{name}")

    def records(self, name: str) -> Sequence[Record]:
        """A list of objects that must be there."""
        return records_of(self._gateway, self.raw_list(name), f"{self._where}.{name}[]")

    def _written_money(self, name: str) -> Decimal | None:
        text = self.optional_text(name, limit=40)
        amount = None if text is None else read_money(text)
        if text is not None and amount is None:
            raise self._wrong(name, "should be an amount such as 189.90 or 1.234,56")
        return amount

    def _wrong(self, name: str, what: str) -> GatewayProtocolError:
        return GatewayProtocolError(self._gateway, what, f"{self._where}.{name}")


def records_of(gateway: str, items: Sequence[object], where: str) -> list[Record]:
    """One record an item. What is no object has no fields: what it should hold is missing, for whoever asks."""
    return [Record(gateway, item if isinstance(item, Mapping) else {}, where) for item in items]
