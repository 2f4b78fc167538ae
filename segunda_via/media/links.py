"""Links to media that show nothing: what is to be served travels inside the URL, encrypted.

    <public_url>/media/<token>      token = Fernet(zlib(JSON)), without its padding

Nothing is stored, so nothing has to be cleaned up. A token is authenticated, lives 24 hours, and has exactly one
spelling. Whatever is wrong with it, LinkError says the same.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cryptography.fernet import Fernet, InvalidToken

from segunda_via.boletos.trusted_hosts import TrustedHosts
from segunda_via.errors import LinkError
from segunda_via.media.slip import Slip

LIFETIME = 24 * 60 * 60
"""Seconds that a link lives."""

_LONGEST_TOKEN = 8_192
_QR, _PDF = "q", "p"


@dataclass(frozen=True)
class QrLink:
    """A link to the QR code of this Pix."""

    pix: str = field(repr=False)


@dataclass(frozen=True)
class PdfLink:
    """A link to the PDF of this boleto."""

    slip: Slip


Link = QrLink | PdfLink


class MediaLinks:
    """Mints and opens links.

    `key` is 32 bytes that encrypt nothing else (`KeyRing.derive`), `public_url` gives the base that phones reach, with
    or without a path, `clock` the seconds since the epoch.
    """

    def __init__(self, key: bytes, public_url: Callable[[], str], clock: Callable[[], float]) -> None:
        self._cipher = Fernet(base64.urlsafe_b64encode(key))
        self._public_url = public_url
        self._clock = clock

    def qr(self, pix: str) -> str:
        """The URL of the QR code of `pix`."""
        return self._url([_QR, pix])

    def pdf(self, slip: Slip) -> str:
        """The URL of the PDF of `slip`."""
        return self._url([_PDF, *_pack(slip)])

    def renewed(self, url: str, base: str | None = None) -> str:
        """A link of ours as if it were minted now, below `base` when given; any other URL as it is."""
        head, separator, token = url.rpartition("/media/")
        try:
            link = self.open(token) if separator else None
        except LinkError:
            link = None
        if link is None:
            return url
        content: list[object] = [_QR, link.pix] if isinstance(link, QrLink) else [_PDF, *_pack(link.slip)]
        return self._url(content, base or head)

    def open(self, token: str) -> Link:
        """What a token stands for; LinkError when it is forged, damaged or expired."""
        try:
            kind, *fields = json.loads(zlib.decompress(self._decrypt(token)))
            if kind == _QR:
                (pix,) = fields
                return QrLink(pix)
            if kind == _PDF:
                return PdfLink(_unpack(fields))
        except (InvalidToken, binascii.Error, zlib.error, ValueError, TypeError, ArithmeticError):
            pass  # an authentic token of an older version, whose shape was another, counts as expired
        raise LinkError("the link is forged, damaged or expired")

    def _url(self, content: list[object], base: str | None = None) -> str:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        token = self._cipher.encrypt_at_time(zlib.compress(text.encode(), 9), int(self._clock()))
        return f"{(base or self._public_url()).rstrip('/')}/media/{token.decode().rstrip('=')}"

    def _decrypt(self, token: str) -> bytes:
        if len(token) > _LONGEST_TOKEN:
            raise InvalidToken
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        # Base64 decoders ignore foreign characters and spare bits; only the spelling that was minted counts.
        if base64.urlsafe_b64encode(base64.urlsafe_b64decode(padded)) != padded:
            raise InvalidToken
        return self._cipher.decrypt_at_time(padded, LIFETIME, int(self._clock()))


def _pack(slip: Slip) -> list[object]:
    return [
        slip.gateway,
        slip.number,
        slip.due_date.isoformat(),
        str(slip.amount),
        str(slip.nominal_amount),
        slip.beneficiary,
        slip.payer,
        slip.linha_digitavel,
        slip.pix,
        slip.pdf_url,
        sorted(slip.pdf_hosts.names),
        slip.pdf_hosts.base_host,
        int(slip.pdf_hosts.allow_http),
    ]


def _unpack(fields: list[object]) -> Slip:
    gateway, number, due, amount, nominal, beneficiary, payer, line, pix, url, hosts, base_host, allow_http = fields
    return Slip(
        gateway=str(gateway),
        number=str(number),
        due_date=date.fromisoformat(str(due)),
        amount=Decimal(str(amount)),
        nominal_amount=Decimal(str(nominal)),
        beneficiary=_optional(beneficiary),
        payer=_optional(payer),
        linha_digitavel=_optional(line),
        pix=_optional(pix),
        pdf_url=_optional(url),
        pdf_hosts=TrustedHosts(
            frozenset(map(str, hosts)) if isinstance(hosts, list) else frozenset(),
            base_host=_optional(base_host),
            allow_http=bool(allow_http),
        ),
    )


def _optional(value: object) -> str | None:
    return None if value is None else str(value)
