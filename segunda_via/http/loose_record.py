"""Reading gateways that are loose about how they write: numbers as texts, and Brazilian dates and amounts.

`LooseRecord` is a `Record` that also takes what follows, and refuses what could mean two things.

    dates     2026-11-10, 2026-11-10T00:00:00-0000 (or a space and a time), 10/11/2026
    amounts   189.9 as a number, and as texts 189.90, 189,90, 1.234,56; also "R$ 99,90"
    texts     numbers too
    flags     true, 1, "true", "1", "sim", "S", "Y", and their opposites

Optional things that are only shown (a number, a name, a link) are None where they cannot be read: none of them is worth
keeping an invoice from who wants to pay it.

A time of day and its zone say nothing here: gateways write midnight, in whatever zone, of the day that they mean. An
amount such as 1.234 might be one real or a thousand, so it is refused.

>>> boleto = LooseRecord("sga", {"nosso_numero": 4567, "valor": "1.234,56", "vencimento": "10/11/2026"}, "boleto")
>>> boleto.identifier("nosso_numero"), boleto.money("valor"), boleto.day("vencimento")
('4567', Decimal('1234.56'), datetime.date(2026, 11, 10))
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from segunda_via.boletos import documents
from segunda_via.boletos.documents import Document
from segunda_via.errors import GatewayProtocolError
from segunda_via.http.record import Record

_TIME = r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})" + _TIME, re.ASCII)
_BRAZILIAN = re.compile(r"(?P<day>\d{2})/(?P<month>\d{2})/(?P<year>\d{4})" + _TIME, re.ASCII)

_CURRENCY = re.compile(r"R\$\s*")
_WITH_POINT = re.compile(r"\d{1,10}(?:\.(?:\d{1,2}|\d{4,12}))?", re.ASCII)
_WITH_COMMA = re.compile(r"(?:\d{1,10}|\d{1,3}(?:\.\d{3}){1,3}),\d{1,2}", re.ASCII)
_CENTS = Decimal("0.01")
_HIGHEST = Decimal("99999999.99")
_URL = re.compile(r"https?://[^\s\"<>]+", re.IGNORECASE)
_YES = frozenset({"true", "1", "sim", "s", "yes", "y"})
_NO = frozenset({"false", "0", "não", "nao", "n", "no", ""})

FIRST_DAY, LAST_DAY = date(1997, 10, 7), date(2199, 12, 31)
"""No boleto falls due before the first (their due dates are counted from it); what is later is no date but a filler."""


def read_day(text: str) -> date | None:
    """The day that is written, None when it is none.

    >>> [str(read_day(text)) for text in ("2026-11-10", "2026-11-10T00:00:00-0000", "10/11/2026", "0000-00-00")]
    ['2026-11-10', '2026-11-10', '2026-11-10', 'None']
    """
    written = _ISO.fullmatch(text) or _BRAZILIAN.fullmatch(text)
    if written is None:
        return None
    try:
        return date(int(written["year"]), int(written["month"]), int(written["day"]))
    except ValueError:
        return None


def read_money(text: str) -> Decimal | None:
    """The amount in reais that is written, to the centavo; None when it is none, or could mean two.

    >>> [str(read_money(text)) for text in ("189.90", "189,9", "1.234,56", "R$ 99,90", "1.234", "1,234", "-1.00")]
    ['189.90', '189.90', '1234.56', '99.90', 'None', 'None', 'None']
    """
    text = _CURRENCY.sub("", text, count=1) if text.startswith("R$") else text
    if _WITH_COMMA.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif not _WITH_POINT.fullmatch(text):
        return None
    amount = Decimal(text)
    return amount.quantize(_CENTS, ROUND_HALF_UP) if amount <= _HIGHEST else None


def is_the_document(written: str, document: Document) -> bool:
    """Whether that is the document, written with or without its punctuation or (as a number) its leading zeros.

    >>> from segunda_via.boletos.documents import parse
    >>> [is_the_document(text, parse("00000000191")) for text in ("000.000.001-91", "191", "52998224725")]
    [True, True, False]
    """
    compact = documents.compact(written)
    return bool(compact) and compact.zfill(len(document.value)) == document.value


class LooseRecord(Record):
    """A `Record` whose texts may be numbers, and whose numbers may be texts."""

    def optional_text(self, name: str, *, limit: int = 500) -> str | None:
        value = self._values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return super().optional_text(name, limit=limit)

    def optional_money(self, name: str) -> Decimal | None:
        if not isinstance(self._values.get(name), str):
            return super().optional_money(name)
        text = self.optional_text(name, limit=40)
        amount = None if text is None else read_money(text)
        if text is not None and amount is None:
            raise self._wrong(name, "should be an amount such as 189.90 or 1.234,56")
        return amount

    def amount_owed(self, name: str) -> Decimal:
        """An amount that must be there and more than nothing: what an invoice asks for."""
        amount = self.money(name)
        if not amount:
            raise self._wrong(name, "should be more than zero")
        return amount

    def day(self, name: str) -> date:
        value = read_day(self.text(name, limit=40))
        if value is None:
            raise self._wrong(name, "should be a date as YYYY-MM-DD or DD/MM/YYYY")
        if not FIRST_DAY <= value <= LAST_DAY:
            raise self._wrong(name, "is no date of an invoice")
        return value

    def flag(self, name: str) -> bool:
        value = self._values.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            word = str(value).strip().casefold()
            if word in _YES | _NO:
                return word in _YES
        return super().flag(name)

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

    def record(self, name: str) -> LooseRecord | None:
        value = self._values.get(name)
        return None if value is None else LooseRecord(self._gateway, value, f"{self._where}.{name}")

    def records(self, name: str) -> Sequence[LooseRecord]:
        return loose_records(self._gateway, self.raw_list(name), f"{self._where}.{name}[]")


def loose_records(gateway: str, items: Sequence[object], where: str) -> list[LooseRecord]:
    """One record an item. What is no object has no fields: what it should hold is missing, for whoever asks."""
    return [LooseRecord(gateway, item if isinstance(item, Mapping) else {}, where) for item in items]
