"""Boleto numbers: the linha digitável that people type and the código de barras that scanners read.

What it knows (FEBRABAN's two layouts; lengths are in digits):

    boleto bancário   barcode 44: bank 3, currency 1 (`9`), check digit 1, due-date factor 4, amount 10, free field 25
                      line 47: three fields, each closed by a modulo 10 digit, then the check digit, factor and amount
    arrecadação       barcode 44, beginning with 8: segment 1, value kind 1, check digit 1, amount 11, free field 29
                      line 48: four groups of 11, each closed by a check digit (modulo 10 or 11 by the value kind)

The due-date factor counts days from 1997-10-07 and has four digits: after 9999 (2025-02-21) it restarted at 1000
(2025-02-22), so one factor means several dates, 9000 days apart.

The shape is python-stdnum's. Amounts are `Decimal` reais. Errors: `stdnum.exceptions.ValidationError` and its children,
whose texts never carry the number.

>>> line = "00190.00009 03128.557000 00012.345179 6 16360000009990"
>>> validate(line)
'00190000090312855700000012345179616360000009990'
>>> to_barcode(line)
'00196163600000099900000003128557000001234517'
>>> amount(line), due_date(line, today=date(2026, 11, 23)), bank_name(bank_code(line))
(Decimal('99.90'), datetime.date(2026, 11, 20), 'Banco do Brasil')
>>> is_valid(line.replace("6 1636", "6 1637"))
False
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from stdnum import luhn
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError
from stdnum.util import clean, isdigits

_BARCODE, _BANK_LINE, _ARRECADACAO_LINE = 44, 47, 48
_REAL = "9"
_FACTOR_BASE = date(1997, 10, 7)
_FIRST_FACTOR, _LAST_FACTOR = 1000, 9999
_CYCLE = _LAST_FACTOR - _FIRST_FACTOR + 1
_HIGHEST_AMOUNT = Decimal("99999999.99")
_BANKS = {
    "001": "Banco do Brasil",
    "004": "Banco do Nordeste",
    "021": "Banestes",
    "033": "Santander",
    "041": "Banrisul",
    "070": "BRB",
    "077": "Inter",
    "085": "Ailos",
    "097": "Credisis",
    "104": "Caixa",
    "133": "Cresol",
    "136": "Unicred",
    "197": "Stone",
    "208": "BTG Pactual",
    "212": "Banco Original",
    "218": "BS2",
    "237": "Bradesco",
    "260": "Nubank",
    "274": "BMP",
    "290": "PagBank",
    "310": "Vortx",
    "329": "QI Tech",
    "336": "C6 Bank",
    "341": "Itaú",
    "364": "Efí",
    "403": "Cora",
    "422": "Safra",
    "461": "Asaas",
    "509": "Celcoin",
    "655": "Votorantim",
    "707": "Daycoval",
    "745": "Citibank",
    "748": "Sicredi",
    "756": "Sicoob",
}


def compact(text: str) -> str:
    """`text` without the spaces, dots and dashes that banks print."""
    return str(clean(text, " .-/\t\r\n\u200b\ufeff"))


def validate(text: str) -> str:
    """The compact linha digitável (47 or 48 digits) or código de barras (44), when every check digit in it holds."""
    number = compact(text)
    if not isdigits(number):
        raise InvalidFormat
    if len(number) == _BARCODE:
        _check_barcode(number)
    elif len(number) == _BANK_LINE:
        if any(luhn.checksum(field) for field in (number[:10], number[10:21], number[21:32])):
            raise InvalidChecksum
        _check_barcode(_bank_barcode(number))
    elif len(number) == _ARRECADACAO_LINE:
        if number[0] != "8":
            raise InvalidComponent
        barcode = _arrecadacao_barcode(number)
        _check_barcode(barcode)
        if number != _arrecadacao_line(barcode):
            raise InvalidChecksum
    else:
        raise InvalidLength
    return number


def is_valid(text: str) -> bool:
    try:
        validate(text)
    except ValidationError:
        return False
    return True


def format(linha: str) -> str:  # noqa: A001  the name is that of python-stdnum's functions
    """The line as banks print it. Check digits are not verified, the length is.

    >>> format("826800000000500012345673890123456786901234567898")
    '82680000000-0 50001234567-3 89012345678-6 90123456789-8'
    """
    number = compact(linha)
    if len(number) == _BANK_LINE:
        fields = (number[:10], number[10:21], number[21:32])
        return " ".join([*(f"{field[:5]}.{field[5:]}" for field in fields), number[32], number[33:]])
    if len(number) == _ARRECADACAO_LINE:
        return " ".join(f"{number[at : at + 11]}-{number[at + 11]}" for at in range(0, _ARRECADACAO_LINE, 12))
    raise InvalidLength


def to_barcode(linha: str) -> str:
    """The 44 digits of a valid line; those of a barcode are its own."""
    number = validate(linha)
    if len(number) == _BANK_LINE:
        return _bank_barcode(number)
    return _arrecadacao_barcode(number) if len(number) == _ARRECADACAO_LINE else number


def to_linha_digitavel(barcode: str) -> str:
    """The 47 digits (48 for arrecadação) that stand for a valid barcode; a line stands for itself.

    >>> to_linha_digitavel("46191151700000350001234567890123456789012345")
    '46191234506789012345767890123457115170000035000'
    """
    number = to_barcode(barcode)
    if number[0] == "8":
        return _arrecadacao_line(number)
    fields = (number[:4] + number[19:24], number[24:34], number[34:44])
    return "".join(field + str(luhn.calc_check_digit(field)) for field in fields) + number[4:19]


def is_arrecadacao(code: str) -> bool:
    """Whether the code is of a utility or tax bill, whose payee is not a bank's customer."""
    return to_barcode(code)[0] == "8"


def amount(code: str) -> Decimal | None:
    """What the code charges; None when it leaves the amount open (zero, or an arrecadação that carries a reference)."""
    barcode = to_barcode(code)
    digits = barcode[9:19]
    if barcode[0] == "8":
        digits = barcode[4:15] if barcode[2] in "68" else "0"
    cents = int(digits)
    return Decimal(cents).scaleb(-2) if cents else None


def due_date(code: str, today: date) -> date | None:
    """The due date nearest to `today` among those the factor may mean; None for factor 0000 and for arrecadação.

    A factor under 1000 was only ever used before 2000-07-03.
    """
    barcode = to_barcode(code)
    factor = int(barcode[5:9])
    if barcode[0] == "8" or factor == 0:
        return None
    first = _FACTOR_BASE + timedelta(days=factor)
    if factor < _FIRST_FACTOR:
        return first
    cycles = max(0, ((today - first).days + _CYCLE // 2) // _CYCLE)
    return first + timedelta(days=cycles * _CYCLE)


def due_factor(due: date) -> int:
    """
    >>> due_factor(date(2025, 2, 21)), due_factor(date(2025, 2, 22))
    (9999, 1000)
    """
    days = (due - _FACTOR_BASE).days
    if days <= 0:
        raise InvalidComponent
    return days if days <= _LAST_FACTOR else (days - _FIRST_FACTOR) % _CYCLE + _FIRST_FACTOR


def bank_code(code: str) -> str | None:
    """The three digits of the issuing bank; None for arrecadação."""
    barcode = to_barcode(code)
    return None if barcode[0] == "8" else barcode[:3]


def bank_name(code3: str | None) -> str | None:
    """The name people know a bank by, for those that commonly issue boletos; None for the others."""
    return _BANKS.get(code3 or "")


def make_barcode(bank_code: str, due: date | None, amount: Decimal, free_field: str) -> str:
    """The barcode of a boleto bancário. Zero leaves the amount open, None the due date."""
    if not (isdigits(bank_code) and isdigits(free_field)) or bank_code[0] == "8":
        raise InvalidFormat
    if len(bank_code) != 3 or len(free_field) != 25:
        raise InvalidLength
    if not 0 <= amount <= _HIGHEST_AMOUNT or amount != amount.quantize(Decimal("0.01")):
        raise InvalidComponent
    factor = due_factor(due) if due else 0
    head, tail = bank_code + _REAL, f"{factor:04}{int(amount.scaleb(2)):010}{free_field}"
    return head + _bank_check_digit(head + tail) + tail


def _check_barcode(barcode: str) -> None:
    if barcode[0] == "8":
        if barcode[3] != _arrecadacao_check_digit(barcode[:3] + barcode[4:], barcode[2]):
            raise InvalidChecksum
    elif barcode[3] != _REAL:
        raise InvalidComponent
    elif barcode[4] != _bank_check_digit(barcode[:4] + barcode[5:]):
        raise InvalidChecksum


def _bank_barcode(line: str) -> str:
    return line[:4] + line[32:47] + line[4:9] + line[10:20] + line[21:31]


def _arrecadacao_barcode(line: str) -> str:
    return "".join(line[at : at + 11] for at in range(0, _ARRECADACAO_LINE, 12))


def _arrecadacao_line(barcode: str) -> str:
    groups = (barcode[at : at + 11] for at in range(0, _BARCODE, 11))
    return "".join(group + _arrecadacao_check_digit(group, barcode[2]) for group in groups)


def _bank_check_digit(digits: str) -> str:
    check = 11 - _modulo_11(digits)
    return str(check) if check < 10 else "1"


def _arrecadacao_check_digit(digits: str, value_kind: str) -> str:
    if value_kind in "67":
        return str(luhn.calc_check_digit(digits))
    if value_kind in "89":
        check = 11 - _modulo_11(digits)
        return str(check) if check < 10 else "0"
    raise InvalidComponent


def _modulo_11(digits: str) -> int:
    """The rest of the weighted sum, with weights 2 to 9 from the right, over and over."""
    return sum(int(digit) * (2 + at % 8) for at, digit in enumerate(reversed(digits))) % 11
