"""A program that reads one PDF of a stranger. It may run out of its limits or crash; then there is no PDF, and no harm.

    python -I -S pdf_reader.py <folder>… < a.pdf      one line of JSON, what was read; then a clean PDF; exit 0
                                                      anything else: it is no PDF, or one that asks for too much

It is started for each PDF with an empty environment, and imports nothing of ours: there is no secret to take here. Most
of what it costs is its start, so it is told where its libraries are, and looks for no others.

The clean PDF is made anew: of each page what is painted on it, fields and notes included, and nothing else. Scripts,
actions, links, attachments, forms and whatever surrounded the PDF in its file do not come along. The codes are read
from the clean one, since that is what will be served.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys

sys.path += sys.argv[1:]

import pypdfium2 as pdfium
import pypdfium2.raw as c
import zxingcpp

MEMORY = 512 * 1024**2
"""Bytes of address space; an ordinary boleto takes a sixth of it."""
SECONDS = 8
"""Of processor time."""
PAGES = 10
"""A boleto has one or two."""
LONGEST_SIDE = 5_000
"""Points: a page of 1.8 m."""

_PIXELS = 9_000_000
_DOTS_PER_POINT = 300 / 72
_CHARACTERS = 20_000
_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.ITF, zxingcpp.BarcodeFormat.QRCode])


def main() -> None:
    limit()
    content = clean(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(read(content)).encode() + b"\n" + content)


def limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # not every system knows every limit
            resource.setrlimit(what, (most, most))


def clean(content: bytes) -> bytes:
    """A PDF that looks the same and holds nothing but what is painted. ValueError when it asks for too much."""
    given, made = pdfium.PdfDocument(content), pdfium.PdfDocument.new()
    if not 1 <= len(given) <= PAGES:
        raise ValueError("too many pages, or none")
    for number, page in enumerate(given):
        if max(page.get_size()) > LONGEST_SIDE:
            raise ValueError("too large a page")
        if c.FPDFPage_Flatten(page, c.FLAT_NORMALDISPLAY) == c.FLATTEN_FAIL:
            raise ValueError("its notes cannot be painted")
        painted = c.FPDF_NewXObjectFromPage(made, given, number)  # turned and cut as the page is shown
        if not painted:
            raise ValueError("a page cannot be copied")
        copy = made.new_page(*page.get_size())
        c.FPDFPage_InsertObject(copy, c.FPDF_NewFormObjectFromXObject(painted))
        c.FPDF_CloseXObject(painted)
        if not c.FPDFPage_GenerateContent(copy):
            raise ValueError("a page cannot be written")
    saved = io.BytesIO()
    made.save(saved)
    return saved.getvalue()


def read(content: bytes) -> dict[str, object]:
    """The barcodes, the QR codes and the text of all pages."""
    barcodes, qr_codes, texts = [], [], []
    for page in pdfium.PdfDocument(content):
        width, height = page.get_size()
        scale = min(_DOTS_PER_POINT, (_PIXELS / (width * height)) ** 0.5)
        drawn = page.render(scale=scale, grayscale=True)
        picture = memoryview(drawn.buffer).cast("B").cast("B", shape=[drawn.height, drawn.stride])
        for found in zxingcpp.read_barcodes(picture, formats=_FORMATS):
            if found.format == zxingcpp.BarcodeFormat.ITF:
                barcodes.append(found.text)
            else:
                qr_codes.append(found.bytes.decode("utf-8", "replace"))
        texts.append(page.get_textpage().get_text_bounded())
    return {"barcodes": barcodes, "qr_codes": qr_codes, "text": "\n".join(texts)[:_CHARACTERS]}


if __name__ == "__main__":
    main()
