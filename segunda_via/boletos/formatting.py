"""Money, numbers, dates and phones as Brazilians read them. Moments are shown in São Paulo's time.

>>> from datetime import timezone
>>> reais(Decimal("1234.5")), thousands(1315)
('R$ 1.234,50', '1.315')
>>> short_date(date(2026, 11, 3)), moment(datetime(2026, 11, 25, 12, 5, tzinfo=timezone.utc))
('03/11/2026', '25/11/2026 às 09:05')
>>> phone("whatsapp:+5547999990001"), phone("whatsapp:+1")
('+55 47 99999-0001', '+1')
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import phonenumbers
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal

from segunda_via.clock import SAO_PAULO

_LOCALE = "pt_BR"


def reais(amount: Decimal) -> str:
    """`amount` in reais, with an ordinary space: a non-breaking one survives copying into a bank's amount field."""
    return str(format_currency(amount, "BRL", locale=_LOCALE)).replace("\xa0", " ")


def thousands(number: int) -> str:
    return str(format_decimal(number, locale=_LOCALE))


def short_date(day: date) -> str:
    return str(format_date(day, "dd/MM/yyyy", locale=_LOCALE))


def moment(value: datetime | None) -> str:
    """An aware moment; a dash for none."""
    if value is None:
        return "—"
    return str(format_datetime(value.astimezone(SAO_PAULO), "dd/MM/yyyy 'às' HH:mm", locale=_LOCALE))


def ago(span: timedelta) -> str:
    """How long ago, in its largest unit up to days: an operator counts days, not weeks.

    >>> ago(timedelta(seconds=20)), ago(timedelta(minutes=1)), ago(timedelta(hours=30)), ago(timedelta(days=12))
    ('há instantes', 'há 1 minuto', 'há 1 dia', 'há 12 dias')
    """
    seconds = int(span.total_seconds())
    for size, one, many in ((86_400, "dia", "dias"), (3600, "hora", "horas"), (60, "minuto", "minutos")):
        if seconds >= size:
            count = seconds // size
            return f"há {count} {one if count == 1 else many}"
    return "há instantes"


def phone(number: str) -> str:
    """A number in E.164, with or without Twilio's `whatsapp:` before it; as it came when it is no number."""
    plain = number.removeprefix("whatsapp:")
    try:
        return phonenumbers.format_number(phonenumbers.parse(plain), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return plain


def last_four(secret: str) -> str:
    """The end of a secret, and of a short one less: never more than a quarter of it.

    >>> last_four("$aact_hmlg_000segundavia"), last_four("12345678"), last_four("abc")
    ('…avia', '…78', '…')
    """
    shown = min(4, len(secret) // 4)
    return f"…{secret[-shown:]}" if shown else "…"
