"""Days, amounts and documents in the writings that gateways have; what could mean two things is refused.

    days      2026-11-10, 2026-11-10T00:00:00-0000 (or a space and a time), 10/11/2026
    amounts   189.90, 189,90, 1.234,56; also "R$ 99,90"

A time of day and its zone say nothing here: gateways write midnight, in whatever zone, of the day that they mean. An
amount such as 1.234 might be one real or a thousand.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from segunda_via.boletos import documents
from segunda_via.boletos.documents import Document

CENTS = Decimal("0.01")
HIGHEST = Decimal("99999999.99")
"""The largest amount that a boleto's ten digits of centavos hold."""

_TIME = r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})" + _TIME, re.ASCII)
_BRAZILIAN = re.compile(r"(?P<day>\d{2})/(?P<month>\d{2})/(?P<year>\d{4})" + _TIME, re.ASCII)

_CURRENCY = re.compile(r"R\$\s*")
_WITH_POINT = re.compile(r"\d{1,10}(?:\.(?:\d{1,2}|\d{4,12}))?", re.ASCII)
_WITH_COMMA = re.compile(r"(?:\d{1,10}|\d{1,3}(?:\.\d{3}){1,3}),\d{1,2}", re.ASCII)


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
    return amount.quantize(CENTS, ROUND_HALF_UP) if amount <= HIGHEST else None


def is_the_document(written: str, document: Document) -> bool:
    """Whether that is the document, written with or without its punctuation or (as a number) its leading zeros.

    >>> from segunda_via.boletos.documents import parse
    >>> [is_the_document(text, parse("00000000191")) for text in ("000.000.001-91", "191", "52998224725")]
    [True, True, False]
    """
    compact = documents.compact(written)
    return bool(compact) and compact.zfill(len(document.value)) == document.value
