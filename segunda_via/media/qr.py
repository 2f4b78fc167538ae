"""A Pix copia e cola as a QR code: rendered here, and decoded back before anyone sees it.

The same Pix gives the same bytes. MediaError when it cannot be drawn, or does not read back as itself.
"""

from __future__ import annotations

import io

import qrcode
import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError

from segunda_via.errors import MediaError

QUIET_ZONE = 4
"""Modules of white around the code, as ISO/IEC 18004 asks."""

_QR_CODES = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_MASK = 2
"""Any of the eight reads as well, since a Pix is no pattern; to weigh them all takes four times as long as the code."""
_TARGET_PIXELS = 820
"""Wide enough for a phone to show it sharp, and for another phone to scan it from that screen."""


def render(pix: str) -> bytes:
    """The QR code of `pix` as a PNG of at most 100 kB."""
    modules = matrix(pix)
    png = io.BytesIO()
    _draw(modules, max(4, _TARGET_PIXELS // len(modules))).save(png, "PNG")
    with Image.open(png) as image:
        _verify(image, pix)
    return png.getvalue()


def check(pix: str) -> None:
    """Raises what `render` would raise, and makes no picture to be shown."""
    _verify(_draw(matrix(pix), 4), pix)


def matrix(pix: str) -> list[list[bool]]:
    """The modules of the QR code row by row, True where dark, its quiet zone included."""
    if not pix:
        raise MediaError("there is no Pix to draw")
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE, mask_pattern=_MASK)
    code.add_data(pix.encode())
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError):
        raise MediaError("the Pix is too long for a QR code") from None
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


def _draw(modules: list[list[bool]], scale: int) -> Image.Image:
    size = len(modules)
    image = Image.new("1", (size, size), 1)
    image.putdata([0 if dark else 1 for row in modules for dark in row])
    return image.resize((size * scale, size * scale), Image.Resampling.NEAREST)


def _verify(image: Image.Image, pix: str) -> None:
    found = zxingcpp.read_barcodes(image.convert("L"), formats=_QR_CODES)
    # Bytes, not text: a code without a declared character set leaves the reader to guess one.
    if len(found) != 1 or found[0].bytes != pix.encode():
        raise MediaError("the QR code does not read back as its Pix")
