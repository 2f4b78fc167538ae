"""One spelling for each phone, so that a person is found however the number was typed.

A mobile of Brazil has had a ninth digit since 2012 to 2016; WhatsApp still knows many by the eight digits from before.
"""

from __future__ import annotations

import re

import phonenumbers

BRAZIL = 55
_EARLIER_MOBILE = "6789"
"""How the mobiles of eight digits began. A ninth digit before anything else makes another number."""


def normal(text: str) -> str | None:
    """The phone as `+` and digits, a mobile of Brazil without its ninth digit; None when `text` is no phone.

    Without a `+` it is one of Brazil, with or without 55, with its area code.

    >>> {normal(each) for each in ("+55 (47) 99999-0001", "047 9 9999 0001", "47 9999-0001", "whatsapp:+5547999990001")}
    {'+554799990001'}
    >>> normal("+1 415 523 8886"), normal("99999-0001"), normal("529.982.247-25")
    ('+14155238886', None, None)
    """
    written = text.strip().removeprefix("whatsapp:")
    digits = re.sub(r"\D", "", written)
    if not re.fullmatch(r"\+?[\d ().\-/]+", written) or not 8 <= len(digits) <= 15:
        return None
    try:
        parsed = phonenumbers.parse(written, "BR")
    except phonenumbers.NumberParseException:
        return None
    if parsed.country_code == BRAZIL:
        national = _without_ninth(str(parsed.national_number))
        with_ninth = f"{national[:2]}9{national[2:]}"
        if any(_is_valid(each) for each in (national, with_ninth)):
            return f"+{BRAZIL}{national}"
    elif phonenumbers.is_valid_number(parsed):
        return f"+{parsed.country_code}{parsed.national_number}"
    return f"+{digits}" if written.startswith("+") else None


def spellings(phone: str) -> tuple[str, ...]:
    """A phone with its `+`, and then the way others may keep it: with Brazil's ninth digit, or without.

    >>> spellings("+5547999990001"), spellings("+554799990001")
    (('+5547999990001', '+554799990001'), ('+554799990001', '+5547999990001'))
    >>> spellings("+554733330001"), spellings("+14155238886"), spellings("whatsapp:BR.ab1")
    (('+554733330001',), ('+14155238886',), ())
    """
    shorter = normal(phone)
    if shorter is None:
        return ()
    mobile = re.fullmatch(rf"\+{BRAZIL}(\d\d)([{_EARLIER_MOBILE}]\d{{7}})", shorter)
    longer = f"+{BRAZIL}{mobile[1]}9{mobile[2]}" if mobile else shorter
    return tuple(dict.fromkeys((phone, shorter, longer)))


def of_conversation(conversation_id: str) -> str:
    """Who writes in it: the phone, normal; else what the channel calls the customer. On WhatsApp ids are `<To>:<From>`.

    >>> of_conversation("whatsapp:+14155238886:whatsapp:+5547999990001"), of_conversation("whatsapp:+1:whatsapp:BR.ab1")
    ('+554799990001', 'whatsapp:BR.ab1')
    """
    _, separator, customer = conversation_id.rpartition(":whatsapp:")
    customer = f"whatsapp:{customer}" if separator else conversation_id
    return normal(customer) or customer


def mask(customer: str) -> str:
    """The last four characters.

    >>> mask("+554799990001")
    '…0001'
    """
    return f"…{customer[-4:]}"


def _without_ninth(national: str) -> str:
    has_ninth = len(national) == 11 and national[2] == "9" and national[3] in _EARLIER_MOBILE
    return national[:2] + national[3:] if has_ninth else national


def _is_valid(national: str) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.PhoneNumber(BRAZIL, int(national)))
