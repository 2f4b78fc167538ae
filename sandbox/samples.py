"""Files that a customer may send when they have none at hand: a photo, a sticker, a voice message, a card, a paper."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Contato Exemplo\r\nTEL;TYPE=CELL:+55 47 99999-0000\r\nEND:VCARD\r\n"


@lru_cache(maxsize=8)
def sample(kind: str) -> tuple[str, bytes, str | None] | None:
    """Content type, content and name of the file of such a message; None for kinds that have none."""
    make = _SAMPLES.get(kind)
    return make() if make else None


def _photo() -> tuple[str, bytes, str | None]:
    picture = Image.new("RGB", (480, 320), "#8ecae6")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((350, 40, 420, 110), fill="#ffd166")
    draw.polygon([(0, 320), (150, 140), (300, 320)], fill="#52796f")
    draw.polygon([(180, 320), (340, 180), (480, 320)], fill="#354f52")
    return "image/jpeg", _saved(picture, "JPEG"), None


def _sticker() -> tuple[str, bytes, str | None]:
    picture = Image.new("RGBA", (256, 256), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((16, 16, 240, 240), fill="#ffd166", outline="#354f52", width=6)
    draw.ellipse((80, 90, 104, 120), fill="#354f52")
    draw.ellipse((152, 90, 176, 120), fill="#354f52")
    draw.arc((74, 90, 182, 190), 20, 160, fill="#354f52", width=10)
    return "image/webp", _saved(picture, "WEBP"), None


def _saved(picture: Image.Image, form: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form)
    return buffer.getvalue()


def _paper() -> tuple[str, bytes, str | None]:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    canvas.setTitle("Comprovante")
    canvas.drawString(72, 760, "Comprovante de exemplo. Nada aqui foi pago.")
    canvas.save()
    return "application/pdf", buffer.getvalue(), "comprovante.pdf"


def _voice() -> tuple[str, bytes, str | None]:
    """Two seconds of silence, as the Ogg Opus file in which WhatsApp sends voice."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 0) + struct.pack("<I", 0)
    silence = [b"\xf8\xff\xfe"] * 100  # each 20 ms
    pages = [
        _ogg_page(2, 0, 0, [head]),
        _ogg_page(0, 0, 1, [tags]),
        _ogg_page(4, 960 * len(silence), 2, silence),
    ]
    return "audio/ogg", b"".join(pages), None


def _ogg_page(flags: int, position: int, number: int, packets: list[bytes]) -> bytes:
    sizes = bytes(len(packet) for packet in packets)
    page = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, 1, number, 0, len(sizes)) + sizes + b"".join(packets)
    checksum = 0
    for byte in page:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = (checksum << 1) ^ (0x04C11DB7 if checksum & 0x80000000 else 0)
        checksum &= 0xFFFFFFFF
    return page[:22] + struct.pack("<I", checksum) + page[26:]


_SAMPLES: dict[str, Callable[[], tuple[str, bytes, str | None]]] = {
    "image": _photo,
    "sticker": _sticker,
    "document": _paper,
    "audio": _voice,
    "contact": lambda: ("text/vcard", CARD.encode(), "Contato Exemplo.vcf"),
}
