"""Numbers in a message that are certainly something else than a document, blotted out before documents are looked for.

Links and e-mail addresses, Pix codes (whole or cut), UUIDs (Pix keys), boleto codes (`long_numbers`), card numbers,
phones written as phones, amounts, dates, times and CEPs. Every pattern is of bounded length and starts where nothing of
its kind ran on from before, so the cost grows linearly with the text, whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from segunda_via.boletos.documents import long_numbers
from segunda_via.boletos.documents.long_numbers import BLOT, Span

__all__ = ["BLOT", "Noise", "blot_spans", "find"]

_PIECE = re.compile(r"[^\s,;()<>\"'|\0]+")
_SITE = re.compile(r"\.(?:com|net|org|br|io|app|me|link|dev|ly)/")
# the look-ahead spares bare documents that happen to begin so
_PIX_START = re.compile(r"(?<!\d)(?!\d{11}(?!\d)|\d{14}(?![0-9a-z]))000201\d\d|br\.gov\.bcb\.pix")
_PIX_CRC = re.compile(r"6304[0-9a-f]{4}(?![0-9a-z])")
_PIX_LONGEST = 600
# with or without its dashes
_UUID = re.compile(r"(?<![0-9a-z])[0-9a-f]{8}(?P<dash>-?)(?:[0-9a-f]{4}(?P=dash)){3}[0-9a-f]{12}(?![0-9a-z])")
_CARD = r"(?<![\d.\-])\d{4}(?P<parted>[ .\-])(?:\d{4}(?P=parted)){2}\d{4}(?![.\-]?\d)"
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
_SHAPE = re.compile("|".join([_CARD, f"(?P<phone>{'|'.join(_PHONES)})", *_AMOUNTS_AND_DATES]))


@dataclass(frozen=True, repr=False)
class Noise:
    """A message (folded text) of which what is certainly no document is known."""

    rest: str
    """The message with all of it replaced by `BLOT`, of the same length."""
    phones: tuple[Span, ...]
    """What is written as a phone, for the customer may have called it a CPF."""
    pix_codes: tuple[Span, ...]
    boleto_codes: tuple[Span, ...]
    longer: tuple[Span, ...]
    """Numbers, still in `rest`, that no document may be cut out of."""


def find(chars: str) -> Noise:
    pix_codes = tuple(_pix_codes(chars))
    chars = blot_spans(chars, pix_codes)
    chars = blot_spans(chars, _links(chars))
    chars = blot_spans(chars, (uuid.span() for uuid in _UUID.finditer(chars)))
    numbers = long_numbers.find(chars)
    chars = blot_spans(chars, numbers.codes)
    shapes = list(_SHAPE.finditer(chars))
    phones = tuple(shape.span("phone") for shape in shapes if shape["phone"] is not None)
    rest = blot_spans(chars, (shape.span() for shape in shapes))
    return Noise(rest, phones, pix_codes, numbers.codes, numbers.others)


def blot_spans(chars: str, spans: Iterable[Span]) -> str:
    """`chars` with the given stretches, in order, replaced by `BLOT`."""
    kept: list[str] = []
    done = 0
    for start, end in spans:
        if end > done:
            kept += (chars[done:start], BLOT * (end - max(start, done)))
            done = end
    return "".join([*kept, chars[done:]])


def _links(chars: str) -> Iterator[Span]:
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


def _pix_codes(chars: str) -> Iterator[Span]:
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
