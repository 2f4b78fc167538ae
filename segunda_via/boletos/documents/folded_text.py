"""How a message is read before documents are looked for: folded to plain lower-case ASCII wherever Unicode allows it.

Customers paste from PDFs, spreadsheets and phones: full-width digits, keycap emoji, no-break spaces, typographic
dashes, zero-width characters. All become what they stand for, and each character of the reading remembers the place it
came from, so that offsets always point into the original text.

>>> read("CPF：５２９.９８２").chars
'cpf:529.982'
>>> read("É nº 5\\u200b2").chars
'e no 52'
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_DASHES = "−⁻₋¯‾ー"
_DOTS = "·•∙⋅‧。・"
_SLASHES = "⁄∕\\"
_LINE_ENDS = "\n\r\u2028\u2029"


@dataclass(frozen=True, repr=False)
class FoldedText:
    """`chars` is what is read; `places[i]` is the index in `original` of the character that `chars[i]` comes from."""

    original: str
    chars: str
    places: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in `original` of the not empty stretch `chars[start:end]`."""
        return self.places[start], self.places[end - 1] + 1


def read(text: str) -> FoldedText:
    """Linear in the length of `text`; never raises."""
    if text.isascii() and text.isprintable():
        return FoldedText(text, text.lower().replace("\\", "/"), list(range(len(text))))
    chars: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if char == "\n" and text[place - 1 : place] == "\r":
            continue  # one line end, not two
        folded = _fold(char)
        chars.append(folded)
        places.extend([place] * len(folded))
    return FoldedText(text, "".join(chars), places)


@lru_cache(maxsize=4096)
def _fold(char: str) -> str:
    if char in _LINE_ENDS:
        return "\n"
    return "".join(_plain(part) for part in unicodedata.normalize("NFKD", char))


def _plain(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Cf"):  # accents, enclosing keycaps, zero-width and direction marks
        return ""
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    if category == "Pd" or char in _DASHES:
        return "-"
    if char in _DOTS:
        return "."
    if char in _SLASHES:
        return "/"
    if category in ("Zs", "Cc"):
        return " "
    lower = char.lower()
    return lower if len(lower) == 1 else char
