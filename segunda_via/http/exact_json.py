"""JSON as gateways write it: bounded before it is parsed, numbers exact, and what is odd kept to its own field.

A value that cannot mean anything (NaN, a number of a thousand digits, a key that is there twice with two values)
becomes `UNCLEAR`, which no reader of a field takes. So one odd field spoils nothing but what needs it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Final

MAX_VALUES = 150_000
"""Values in one body. A listing of 5000 boletos of 25 fields has fewer; reading millions would take seconds."""

_LONGEST_NUMBER = 100
_AT_ONCE = 64 * 1024
"""Bytes that are parsed within a millisecond or two; more is parsed beside the event loop."""


class _Marker:
    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


NOT_JSON: Final = _Marker("NOT_JSON")
UNCLEAR: Final = _Marker("UNCLEAR")


async def parse_beside(content: bytes, decode: Callable[[bytes], bytes] = bytes) -> object:
    """`parse(decode(content))`, in another thread when it takes long."""
    if len(content) <= _AT_ONCE:
        return parse(decode(content))
    return await asyncio.to_thread(lambda: parse(decode(content)))


def parse(content: bytes) -> object:
    """What is written, numbers as int or Decimal; `NOT_JSON` when it is none, or too much of it. Never raises.

    >>> parse(b'{"value": 350.10, "id": 1e2, "fee": NaN, "due": "a", "due": "b"}')
    {'value': Decimal('350.10'), 'id': Decimal('1E+2'), 'fee': UNCLEAR, 'due': UNCLEAR}
    >>> parse(b"<html>"), parse(b"[" + b"{}," * 600_000 + b"{}]")
    (NOT_JSON, NOT_JSON)
    """
    if _values(content) > MAX_VALUES:
        return NOT_JSON
    try:
        return json.loads(
            content,
            parse_float=_fraction,
            parse_int=_whole,
            parse_constant=lambda _: UNCLEAR,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError):  # their texts repeat the body
        return NOT_JSON


def _values(content: bytes) -> int:
    """How many values it holds at most, counted without parsing: separators within texts count too."""
    return content.count(b",") + content.count(b"{") + content.count(b"[")


def _whole(digits: str) -> object:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else UNCLEAR


def _fraction(digits: str) -> object:
    try:
        return Decimal(digits) if len(digits) <= _LONGEST_NUMBER else UNCLEAR
    except ArithmeticError:  # an exponent beyond all bounds
        return UNCLEAR


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) < len(pairs):
        for name, value in pairs:
            if value != values[name]:
                values[name] = UNCLEAR
    return values
