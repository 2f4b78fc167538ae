"""Long texts, in parts that WhatsApp takes: at paragraph borders, else lines, else words, never inside a code."""

from __future__ import annotations

import re

LIMIT = 1_500
"""Characters of a message. Twilio refuses more than 1600; an emoji may count as two."""

_BORDERS = (r"\n[ \t]*\n\s*", r"\n", r"(?<=[.!?…]) ", r" ")


def split(text: str, limit: int = LIMIT) -> list[str]:
    """The parts of `text`, in order, none empty and none longer than `limit`. Only whitespace at the cuts is lost.

    A word stays whole, however long the code that it may be, unless it alone is longer than the limit.

    >>> split("um dois\\n\\ntrês quatro", 12)
    ['um dois', 'três quatro']
    """
    text = text.strip()
    parts = []
    while _size(text) > limit:
        head = _head(text, limit)
        parts.append(text[:head].rstrip())
        text = text[head:].lstrip()
    return [*parts, text] if text else parts


def _head(text: str, limit: int) -> int:
    window = _fitting(text, limit)
    for border in _BORDERS:
        cuts = [match for match in re.finditer(border, text[: window + 1]) if 0 < match.start() <= window]
        # A digit on both sides is the inside of a code, such as a linha digitável.
        cuts = [each for each in cuts if not _inside_code(text, each.start(), each.end())]
        if cuts:
            return cuts[-1].end()
    words = [match for match in re.finditer(r"\s", text[: window + 1]) if match.start() > 0]
    return words[-1].end() if words else window


def _inside_code(text: str, start: int, end: int) -> bool:
    return "\n" not in text[start:end] and text[start - 1].isdigit() and text[end : end + 1].isdigit()


def _size(text: str) -> int:
    """In UTF-16 units, as WhatsApp counts."""
    return len(text) + sum(ord(c) > 0xFFFF for c in text)


def _fitting(text: str, limit: int) -> int:
    units = 0
    for place, character in enumerate(text):
        units += 1 + (ord(character) > 0xFFFF)
        if units > limit:
            return max(place, 1)
    return len(text)
