"""Numbers in a message that are certainly something else than a document, blotted out before documents are looked for.

Links and e-mail addresses, Pix codes (whole or cut), UUIDs (Pix keys), boleto lines, card numbers, phones written as
phones, amounts, dates, times and CEPs. Every pattern is of bounded length and starts where nothing of its kind ran on
from before, so the cost grows linearly with the text, whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import phonenumbers

from segunda_via import boleto

BLOT = "\0"

_PIECE = re.compile(r"[^\s,;()<>\"'|\0]+")
_SITE = re.compile(r"\.(?:com|net|org|br|io|app|me|link|dev|ly)/")
# the look-ahead spares bare documents that happen to begin so
_PIX_START = re.compile(r"(?<!\d)(?!\d{11}(?!\d)|\d{14}(?![0-9a-z]))000201\d\d|br\.gov\.bcb\.pix")
_PIX_CRC = re.compile(r"6304[0-9a-f]{4}(?![0-9a-z])")
_PIX_LONGEST = 600
_DIGITS_APART = re.compile(r"\d+(?:[ \n.\-]{1,3}\d+)*")
_BOLETO_LENGTHS = (44, 47, 48)
_CODES = [
    # UUID, with or without its dashes
    r"(?<![0-9a-z])[0-9a-f]{8}(?P<dash>-?)(?:[0-9a-f]{4}(?P=dash)){3}[0-9a-f]{12}(?![0-9a-z])",
    # boleto line as printed, whole or cut at either end
    r"(?<!\d)\d{5}[. ]?\d{5}[ \n]{1,3}\d{5}[. ]?\d{6}(?:[ \n]{1,3}\d{5}[. ]?\d{6})?"
    r"(?:[ \n]{1,3}\d(?:[ \n]{1,3}\d{1,14})?)?(?!\d)",
    r"(?<!\d)\d{5}[. ]?\d{6}[ \n]{1,3}\d[ \n]{1,3}\d{14}(?!\d)",
    # arrecadação line as printed, whole or cut
    r"(?<!\d)\d{11}[ \-]\d(?:[ \n]{1,3}\d{11}[ \-]\d){1,3}(?!\d)",
    r"(?<!\d)\d{12}(?:[ \n]{1,3}\d{12}){1,3}(?!\d)",
    # payment card
    r"(?<![\d.\-])\d{4}(?P<parted>[ .\-])(?:\d{4}(?P=parted)){2}\d{4}(?![.\-]?\d)",
]
# with country code, with area code in parentheses, with dashes or spaces where phones have them
_PHONES = [
    r"(?<![0-9a-z])\+ ?55[ .\-]?\(?0?\d{2}\)?[ .\-]?(?:9[ .\-]?)?\d{4}[ .\-]?\d{4}(?!\d)",
    r"(?<![0-9a-z])\+ ?\d{8,15}(?!\d)",
    # of another country, in groups: +351 912 345 678, +1 (415) 555-2671
    r"(?<![0-9a-z])\+(?!(?:\d{1,3} )?\d{3}\.\d{3}\.\d{3}-)(?=(?:[ .()\-]{0,2}\d){8,15}(?![ .\-/]?\d))"
    r"\d{1,3}(?: ?\(\d{1,4}\))?(?:[ .\-]?\d{1,5}){1,6}(?![ .\-/]?\d)",
    r"(?:(?<!\d)55 ?)?\(0?\d{2}\)[ .\-]{0,2}(?:9[ .\-]?)?\d{4}[ .\-]?\d{4}(?!\d)",
    r"(?<![\d.\-/])(?:55[ .\-])?0?\d{2}[ .\-](?:9[ .\-]?)?\d{4}[ .\-]{1,3}\d{4}(?![ .\-/]?\d)",
    r"(?<![\d.\-/])0?[1-9]\d9\d{4}-\d{4}(?![.\-/]?\d)",
    r"(?<![\d.\-/])9?\d{4}-\d{4}(?![ .\-/]?\d)",
]
_AMOUNTS_AND_DATES = [
    # amounts
    r"r\$ {0,3}\d{1,15}(?:[.,]\d{1,3}){0,6}",
    r"(?<![\d.,\-/])\d{1,3}(?:\.\d{3}){0,5}(?:,\d{1,2})? ?(?:reais|real|conto|contos|mil)(?![a-z])",
    # dates and times
    r"(?<![\d./\-])[0-3]?\d(?P<stroke>[./\-])[01]?\d(?P=stroke)(?:\d{4}|\d{2})(?![./\-]?\d)",
    r"(?<![\d./\-])\d{4}-[01]\d-[0-3]\d(?![./\-]?\d)",
    r"(?<![\d:])\d{1,2}:\d{2}(?::\d{2})?(?![\d:])",
    # CEP
    r"(?<![\d.\-/])\d{2}\.?\d{3}-\d{3}(?![.\-/]?\d)",
]
_SHAPE = re.compile("|".join([*_CODES, f"(?P<phone>{'|'.join(_PHONES)})", *_AMOUNTS_AND_DATES]))


def blot(chars: str) -> tuple[str, list[tuple[int, int]]]:
    """`chars` (folded text) with what is certainly no document replaced by `BLOT`, of the same length.

    Also the places of what was written as a phone, for the customer may have called it a CPF.
    """
    for finder in (_pix_codes, _links, _boletos):
        chars = blot_spans(chars, finder(chars))
    shapes = list(_SHAPE.finditer(chars))
    phones = [shape.span("phone") for shape in shapes if shape["phone"] is not None]
    return blot_spans(chars, (shape.span() for shape in shapes)), phones


def blot_spans(chars: str, spans: Iterable[tuple[int, int]]) -> str:
    """`chars` with the given stretches, in order, replaced by `BLOT`."""
    kept: list[str] = []
    done = 0
    for start, end in spans:
        if end > done:
            kept += (chars[done:start], BLOT * (end - max(start, done)))
            done = end
    return "".join([*kept, chars[done:]])


def is_phone(digits: str) -> bool:
    """Whether bare `digits` can be dialled in Brazil, with or without trunk zero or country code.

    >>> is_phone("11987654321"), is_phone("1133334444"), is_phone("5511987654321"), is_phone("52998224725")
    (True, True, True, False)
    """
    if not 10 <= len(digits) <= 13:
        return False
    international = digits.startswith("55") and len(digits) >= 12
    try:
        number = phonenumbers.parse(f"+{digits}" if international else digits, "BR")
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_valid_number_for_region(number, "BR"))


def _links(chars: str) -> Iterator[tuple[int, int]]:
    for piece in _PIECE.finditer(chars):
        text = piece.group()
        at = text.find("://")
        if at >= 0:
            scheme = len(text[:at].rstrip("abcdefghijklmnopqrstuvwxyz"))
            yield piece.start() + scheme, piece.end()
        elif text.startswith("www.") or _SITE.search(text) or _is_address(text):
            yield piece.span()


def _is_address(text: str) -> bool:
    user, at, host = text.partition("@")
    return bool(user and at) and "." in host.rstrip(".")


def _pix_codes(chars: str) -> Iterator[tuple[int, int]]:
    done = 0
    for start in _PIX_START.finditer(chars):
        if start.start() < done:
            continue
        done = _pix_end(chars, start.start())
        yield start.start(), done


def _pix_end(chars: str, start: int) -> int:
    """Where the Pix code ends: after its CRC, or, when it was cut, with the word in which it stops."""
    reach = chars[start : start + _PIX_LONGEST]
    end = 0
    for crc in _PIX_CRC.finditer(reach):
        if _PIX_START.search(reach, max(end, 1), crc.start()) and end:
            break
        end = crc.end()
    if end:
        return start + end
    space = re.search(r"\s|\0", reach)
    return start + (space.start() if space else len(reach))


def _boletos(chars: str) -> Iterator[tuple[int, int]]:
    """Lines and barcodes whose check digits hold, however they were spaced."""
    for match in _DIGITS_APART.finditer(chars):
        if match.end() - match.start() <= 3 * max(_BOLETO_LENGTHS):
            digits = "".join(char for char in match.group() if char.isdigit())
            if len(digits) in _BOLETO_LENGTHS and boleto.is_valid(digits):
                yield match.span()
