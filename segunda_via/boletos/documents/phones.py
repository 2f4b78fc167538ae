"""Whether a number can be dialled in Brazil."""

from __future__ import annotations

import phonenumbers


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
