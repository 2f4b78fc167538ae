"""Pix copia e cola: the BR Code, an EMV merchant-presented QR code, read field by field.

A code is a row of fields: identifier (2 digits), length (2 digits), value; some values are rows of fields themselves.
Those that matter here: 01 single use, 26 the Pix account (a key, or the URL where the PSP keeps the charge), 54 amount,
59 receiver, 60 city, 62 txid, 63 checksum. The checksum is CRC-16/CCITT-FALSE over all before it, in UTF-8, upper-case.

A composite code names more accounts than that one. Pix Automático: 80 holds the URL of a recurrence, which the payer
authorises together with the payment, or alone: then 26 names the arrangement and nothing else, and there is nothing to
pay. Other arrangements may stand beside Pix as well. `BRCode.beside` has them all.

Lengths count characters, and in plain ASCII that is all there is to say. With accents the manuals leave room: an issuer
may count characters or UTF-8 bytes, so both are read. A code that makes sense either way but says different things is
refused: we could check one payee while the customer's bank pays another.

The shape is python-stdnum's. Amounts are `Decimal` reais. Errors: `stdnum.exceptions.ValidationError` and its children,
whose texts never carry the code. Source: BCB, Manual de Padrões para Iniciação do Pix, 2.8.0.

>>> code = make("EMPRESA TESTE", "Joinville", amount=Decimal("350"), url="pix-h.example.com/qr/cobv/7f0c2a34")
>>> code[:32], code[-8:]
('00020126560014br.gov.bcb.pix2534', '63041DFB')
>>> parsed = parse(code)
>>> parsed.amount, parsed.receiver, parsed.city, parsed.dynamic, parsed.psp_host
(Decimal('350.00'), 'EMPRESA TESTE', 'Joinville', True, 'pix-h.example.com')
>>> is_valid(code.replace("350.00", "950.00"))
False
"""

from __future__ import annotations

import re
from binascii import crc_hqx
from dataclasses import dataclass
from decimal import Decimal

from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

from segunda_via.boletos.emv import field, row
from segunda_via.boletos.pix_accounts import GUI, Account, host_of, read_accounts

_LONGEST = 512
_LONGEST_RECEIVER, _LONGEST_CITY, _LONGEST_TXID, _LONGEST_KEY = 25, 15, 25, 77
_HIGHEST_AMOUNT = Decimal("9999999999.99")
_CRC = re.compile(r"6304[0-9A-F]{4}")
_AMOUNT = re.compile(r"[0-9]{1,10}(?:\.[0-9]{0,2})?|\.[0-9]{1,2}")  # EMV: the point may stand without decimals


class OnlyRecurrence(ValidationError):
    """The code authorises future payments (Pix Automático) and asks for none."""

    message = "The code has a recurrence, and nothing to pay."


@dataclass(frozen=True, repr=False)
class BRCode:
    """What a valid code says. Its repr shows nothing personal."""

    amount: Decimal | None
    """None when the code leaves it open (no amount, or zero); a dynamic code may keep it at the PSP."""
    receiver: str
    city: str
    txid: str | None
    """As written: `***` stands for none chosen."""
    key: str | None
    url: str | None
    single_use: bool
    beside: tuple[Account, ...] = ()
    """Every account of a composite code but the one that this payment goes to."""

    @property
    def dynamic(self) -> bool:
        """Whether the charge is kept at the PSP, under `url`."""
        return self.url is not None

    @property
    def psp_host(self) -> str | None:
        """The host of `url`, lower-case; None when static."""
        return host_of(self.url)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Every account that the code names, the one that this payment goes to first."""
        return (Account(self.key, self.url), *self.beside)

    def __repr__(self) -> str:
        return f"BRCode({'dynamic' if self.dynamic else 'static'})"


def compact(text: str) -> str:
    """`text` without what surrounds it. Inside, even a space is part of the code."""
    return text.strip().strip("\u200b\ufeff").strip()


def crc(text: str) -> str:
    """The checksum of everything up to and including `6304`.

    >>> crc("123456789")
    '29B1'
    """
    return f"{crc_hqx(_utf8(text), 0xFFFF):04X}"


def parse(text: str) -> BRCode:
    """What the code says. Raises a `ValidationError` when it is malformed, damaged, or not a Pix in reais.

    `OnlyRecurrence` is the one that is raised for a sound code with nothing to pay.
    """
    parsed = _read(compact(text))
    if parsed.key is None and parsed.url is None:
        raise OnlyRecurrence
    return parsed


def _read(code: str) -> BRCode:
    if len(code) > _LONGEST:
        raise InvalidLength
    if not (code.startswith("000201") and _CRC.fullmatch(code[-8:])):
        raise InvalidFormat
    if crc(code[:-4]) != code[-4:]:
        raise InvalidChecksum
    if code.isascii():
        return _interpret(code)
    readings: list[BRCode] = []
    failures: list[ValidationError] = []
    for interpret in (_interpret, _interpret_bytes):
        try:
            readings.append(interpret(code))
        except ValidationError as failure:
            failures.append(failure)
    if not readings:
        raise failures[0]
    if any(reading != readings[0] for reading in readings):
        raise InvalidComponent
    return readings[0]


def validate(text: str) -> str:
    """The compact code. Raises as `parse` does."""
    parse(text)
    return compact(text)


def is_valid(text: str) -> bool:
    try:
        parse(text)
    except ValidationError:
        return False
    return True


def make(
    receiver: str,
    city: str,
    amount: Decimal | None = None,
    url: str | None = None,
    key: str | None = None,
    txid: str = "***",
    single_use: bool = False,
) -> str:
    """A code that `parse` reads back: dynamic by `url` (without https://) or static by `key`."""
    if (url is None) == (key is None):
        raise InvalidComponent
    if amount is not None and (not 0 < amount <= _HIGHEST_AMOUNT or amount != amount.quantize(Decimal("0.01"))):
        raise InvalidComponent
    account = field("00", GUI) + (field("25", url) if url else field("01", key or "", _LONGEST_KEY))
    fields = [
        field("00", "01"),
        field("01", "12") if single_use else "",
        field("26", account),
        field("52", "0000"),
        field("53", "986"),
        field("54", f"{amount:.2f}") if amount is not None else "",
        field("58", "BR"),
        field("59", receiver, _LONGEST_RECEIVER),
        field("60", city, _LONGEST_CITY),
        field("62", field("05", txid, _LONGEST_TXID)),
        "6304",
    ]
    code = "".join(fields)
    return validate(code + crc(code))


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        raise InvalidFormat from None


def _interpret_bytes(code: str) -> BRCode:
    """The reading by an issuer that counts UTF-8 bytes: in Latin-1 each byte is one character."""
    return _interpret(_utf8(code).decode("latin-1"), counted_in_bytes=True)


def _interpret(code: str, *, counted_in_bytes: bool = False) -> BRCode:
    fields = row(code)
    if list(fields)[-1] != "63" or len(fields["63"]) != 4:
        raise InvalidFormat
    if fields.get("53") != "986" or fields.get("58") != "BR" or fields.get("01", "11") not in ("11", "12"):
        raise InvalidComponent
    plain = _from_latin if counted_in_bytes else str
    paid, beside = read_accounts(fields)
    named = [each for each in (paid.key, paid.url) if each is not None]
    if len(named) > 1 or not (named or any(account.url for account in beside)):
        raise InvalidComponent
    receiver, city = fields.get("59", "").strip(), fields.get("60", "").strip()
    if not receiver or not city:
        raise InvalidComponent
    txid = row(fields["62"]).get("05") if "62" in fields else None
    return BRCode(
        amount=_amount(fields.get("54")),
        receiver=plain(receiver),
        city=plain(city),
        txid=None if txid is None else plain(txid),
        key=None if paid.key is None else plain(paid.key),
        url=paid.url,
        single_use=fields.get("01") == "12",
        beside=tuple(Account(None if each.key is None else plain(each.key), each.url) for each in beside),
    )


def _amount(written: str | None) -> Decimal | None:
    if written is None:
        return None
    if not _AMOUNT.fullmatch(written):
        raise InvalidComponent
    return Decimal(written) or None


def _from_latin(latin: str) -> str:
    try:
        return latin.encode("latin-1").decode()
    except UnicodeDecodeError:
        raise InvalidFormat from None
