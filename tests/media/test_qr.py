"""The QR code of a Pix: what a phone reads is the Pix that was drawn."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from segunda_via.boletos import pix
from segunda_via.errors import MediaError
from segunda_via.media import qr

STATIC = pix.make("PROVEDOR EXEMPLO", "JOINVILLE", amount=Decimal("99.90"), key="financeiro@example.com")
DYNAMIC = pix.make("PROVEDOR EXEMPLO", "JOINVILLE", url="pix.example.com/qr/v2/7f0c2a34", single_use=True)


def read(png: bytes) -> bytes:
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("L"))
    return bytes(found.bytes)


@pytest.mark.parametrize("code", [STATIC, DYNAMIC, "A" * 512, pix.make("PADARIA SÃO JOÃO", "SÃO PAULO", key="a@b.c")])
def test_it_reads_back_as_its_pix(code: str) -> None:
    png = qr.render(code)
    assert read(png) == code.encode()
    assert len(png) < 100_000


@settings(max_examples=20, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=1, max_size=300))
def test_any_text_is_drawn_as_itself_or_not_at_all(text: str) -> None:
    try:
        png = qr.render(text)
    except MediaError:
        return
    assert read(png) == text.encode()


def test_it_is_a_png_for_phones_with_its_quiet_zone() -> None:
    image = Image.open(io.BytesIO(qr.render(DYNAMIC)))
    assert image.format == "PNG"
    assert 600 <= image.width == image.height <= 1200
    module = image.width // len(qr.matrix(DYNAMIC))
    margin = image.convert("L").crop((0, 0, image.width, qr.QUIET_ZONE * module))
    assert margin.getextrema() == (255, 255)


def test_the_same_pix_gives_the_same_bytes() -> None:
    assert qr.render(DYNAMIC) == qr.render(DYNAMIC)


@pytest.mark.parametrize("code", ["", "9" * 8000])
def test_what_cannot_be_drawn_is_refused(code: str) -> None:
    with pytest.raises(MediaError):
        qr.render(code)
