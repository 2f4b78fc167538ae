"""The gateway's PDF: read by a process that may die, held against the invoice, and served as a clean copy."""

from __future__ import annotations

import io
import sys
import zlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from PIL import ImageChops, ImageStat
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject
from reportlab.pdfgen.canvas import Canvas

from segunda_via.boletos import linha_digitavel, pix
from segunda_via.errors import MediaError, MediaRefused, MediaUnavailable
from segunda_via.media import boleto_pdf
from segunda_via.media.gateway_pdf import PdfReader, Reading, contradiction
from segunda_via.media.slip import Slip

DUE = date(2026, 12, 10)


def line(free: str) -> str:
    return linha_digitavel.to_linha_digitavel(linha_digitavel.make_barcode("461", DUE, Decimal("99.90"), free * 25))


def code(path: str) -> str:
    return pix.make("PROVEDOR EXEMPLO", "JOINVILLE", amount=Decimal("99.90"), url=f"pix.example.com/qr/{path}")


SLIP = Slip("asaas", "15924715", DUE, Decimal("99.90"), Decimal("99.90"), linha_digitavel=line("1"), pix=code("1"))
OTHER = replace(SLIP, linha_digitavel=line("2"), pix=code("2"))
ARRECADACAO = linha_digitavel.to_linha_digitavel("82630000001899012345678901234567890123456789")


def drawn(slip: Slip = SLIP) -> bytes:
    return boleto_pdf.render(slip, DUE)


def page(text: str = "boleto", pages: int = 1, size: tuple[float, float] = (595, 842)) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=size)
    for _ in range(pages):
        canvas.drawString(20, 100, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def text_of(content: bytes) -> str:
    return str(pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text())


async def test_the_invoices_own_pdf_comes_through_with_its_text() -> None:
    clean = await PdfReader().checked(drawn(), SLIP)
    assert clean.startswith(b"%PDF-")
    assert linha_digitavel.format(SLIP.linha_digitavel or "") in text_of(clean), "a line can be copied from it"


@pytest.mark.parametrize(
    ("shown", "asked", "words"),
    [
        (replace(OTHER, pix=None), SLIP, "barcode"),
        (replace(SLIP, pix=OTHER.pix), SLIP, "Pix"),
        (SLIP, replace(SLIP, linha_digitavel=None), "barcode"),
        (SLIP, replace(SLIP, pix=None), "Pix"),
        (replace(SLIP, linha_digitavel=ARRECADACAO), SLIP, "barcode"),
    ],
)
async def test_any_code_of_something_else_refuses_it(shown: Slip, asked: Slip, words: str) -> None:
    with pytest.raises(MediaRefused, match=words):
        await PdfReader().checked(drawn(shown), asked)


async def test_a_line_of_another_boleto_without_a_barcode_refuses_it() -> None:
    with pytest.raises(MediaRefused, match="linha"):
        await PdfReader().checked(page(linha_digitavel.format(OTHER.linha_digitavel or "")), SLIP)
    with pytest.raises(MediaRefused, match="linha"):
        await PdfReader().checked(page(linha_digitavel.format(ARRECADACAO)), SLIP)
    assert await PdfReader().checked(page(f"461-9 | {linha_digitavel.format(SLIP.linha_digitavel or '')}"), SLIP)


async def test_a_second_page_is_read_too() -> None:
    both = pypdf.PdfWriter()
    for slip in (SLIP, OTHER):
        both.append(io.BytesIO(drawn(slip)))
    file = io.BytesIO()
    both.write(file)
    with pytest.raises(MediaRefused, match="another"):
        await PdfReader().checked(file.getvalue(), SLIP)


def test_what_is_no_code_to_pay_with_says_nothing() -> None:
    reading = Reading(b"", barcodes=["12345678901234"], qr_codes=["https://www.example.com/app"], text="1 de 2")
    assert contradiction(reading, SLIP) is None


NO_PDFS = {
    "a stub": b"%PDF-1.4 ok",
    "nothing": b"",
    "a page of the web": b"<!DOCTYPE html><html>%PDF-1.4</html>",
    "half of one": drawn()[:1500],
    "no page": b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF",
    "too many pages": page(pages=11),
    "too large a page": page(size=(200_000, 200_000)),
}


@pytest.mark.parametrize("content", NO_PDFS.values(), ids=NO_PDFS)
async def test_what_is_no_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(MediaRefused, match="not a PDF"):
        await PdfReader().checked(content, SLIP)


async def test_of_a_polyglot_the_pdf_alone_is_passed_on() -> None:
    clean = await PdfReader().checked(b"<html><script>alert(1)</script>\n" + drawn() + b"\n</html>", SLIP)
    assert clean.startswith(b"%PDF-")
    assert b"<script>" not in clean
    assert b"</html>" not in clean


ACTIVE = (
    b"/JS", b"/JavaScript", b"/OpenAction", b"/AA", b"/Launch", b"/URI", b"/EmbeddedFile", b"/AcroForm", b"/Annots",
)  # fmt: skip


def active() -> bytes:
    """A page with a script, an attachment, a form, and notes that start programs and lead elsewhere."""
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.drawString(100, 700, "boleto")
    canvas.linkURL("https://golpe.example", (100, 690, 200, 710))
    canvas.acroForm.textfield(name="nome", value="preenchido", x=100, y=600)
    canvas.showPage()
    canvas.save()
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(file.getvalue()))
    script = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")})
    start = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")})
    writer.root_object[NameObject("/OpenAction")] = script
    writer.add_attachment("nota.exe", b"MZ")
    first = writer.pages[0]
    first[NameObject("/AA")] = DictionaryObject({NameObject("/O"): script})
    launch = {
        NameObject("/Type"): NameObject("/Annot"),
        NameObject("/Subtype"): NameObject("/Link"),
        NameObject("/Rect"): ArrayObject([NumberObject(each) for each in (0, 0, 600, 800)]),
        NameObject("/A"): start,
    }
    first["/Annots"].append(writer._add_object(DictionaryObject(launch)))  # type: ignore[union-attr]
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


async def test_nothing_active_comes_along_and_what_was_filled_in_is_still_seen() -> None:
    given = active()
    assert all(name in given for name in ACTIVE)
    clean = await PdfReader().checked(given, SLIP)
    assert not [name for name in ACTIVE if name in clean]
    assert {"boleto", "preenchido"} <= set(text_of(clean).split())


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
async def test_a_page_looks_as_it_did_however_it_is_turned_and_cut(rotation: int) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(drawn()))
    writer.pages[0].cropbox = pypdf.generic.RectangleObject((20, 30, 560, 800))
    writer.pages[0].rotate(rotation)
    file = io.BytesIO()
    writer.write(file)
    clean = await PdfReader().checked(file.getvalue(), SLIP)
    before, after = (pypdfium2.PdfDocument(pdf)[0].render(grayscale=True).to_pil() for pdf in (file.getvalue(), clean))
    assert before.size == after.size
    assert ImageStat.Stat(ImageChops.difference(before, after)).mean[0] < 0.5, "edges may be drawn a shade lighter"


def bomb() -> bytes:
    """A small file with a picture of 40,000 by 40,000 points."""
    side = 40_000
    packed = zlib.compressobj(9)
    picture = b"".join(packed.compress(bytes(side)) for _ in range(side)) + packed.flush()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>",
        b"<</Length 25>>stream\n500 0 0 500 50 50 cm /I Do\nendstream",
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8"
        b"/Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (side, side, len(picture), picture),
    ]
    objects = b"".join(b"%d 0 obj%b endobj\n" % (number, part) for number, part in enumerate(parts, 1))
    return b"%PDF-1.4\n" + objects + b"trailer<</Root 1 0 R>>\n%%EOF"


@pytest.mark.slow
async def test_one_that_unfolds_without_end_costs_little_and_is_not_passed_on_as_it_came() -> None:
    content = bomb()
    assert len(content) < 3_000_000
    try:
        clean = await PdfReader().checked(content, SLIP)
    except MediaError:
        clean = b""
    assert clean != content


def program(source: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-c", source)


async def test_one_that_hangs_is_ended() -> None:
    with pytest.raises(MediaUnavailable):
        await PdfReader(program("import time; time.sleep(86_400)"), timeout=0.5).checked(drawn(), SLIP)


@pytest.mark.parametrize(
    "source",
    [
        "import os; os.abort()",
        "import sys; sys.exit(1)",
        "print('{}')",
        "print('[]'); print('%PDF-')",
        "print('not JSON')",
        """print('{"barcodes": [], "qr_codes": [], "text": ""}'); print('<html>')""",
        "while True: print('x' * 65536)",
    ],
)
async def test_whatever_becomes_of_the_process_nothing_else_is_harmed(source: str) -> None:
    with pytest.raises(MediaRefused):
        await PdfReader(program(source)).checked(drawn(), SLIP)


async def test_it_is_started_without_our_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEGUNDA_VIA_SECRET_KEY", "secret")
    seen = tmp_path / "seen"
    with pytest.raises(MediaRefused):
        await PdfReader(
            program(f"import os; open({str(seen)!r}, 'w').write(repr(dict(os.environ))); os.abort()")
        ).checked(drawn(), SLIP)
    assert "SEGUNDA_VIA" not in seen.read_text()
