"""EMV's rows of fields: identifier (2 digits), length (2 digits), value; some values are rows themselves.

>>> row("0002010102115303986")
{'00': '01', '01': '11', '53': '986'}
"""

from __future__ import annotations

import re

from stdnum.exceptions import InvalidFormat, InvalidLength

LONGEST_VALUE = 99

_HEAD = re.compile(r"[0-9]{4}")

Fields = dict[str, str]


def row(text: str) -> Fields:
    """The fields of a row that fills `text` exactly, each identifier once."""
    fields: Fields = {}
    at = 0
    while at < len(text):
        if not _HEAD.match(text, at):
            raise InvalidFormat
        identifier, length = text[at : at + 2], int(text[at + 2 : at + 4])
        at += 4 + length
        if at > len(text) or identifier in fields:
            raise InvalidFormat
        fields[identifier] = text[at - length : at]
    return fields


def field(identifier: str, value: str, longest: int = LONGEST_VALUE) -> str:
    if not 0 < len(value) <= longest:
        raise InvalidLength
    return f"{identifier}{len(value):02}{value}"
