"""The boleto drawn here: what a scanner and a reader find on the page."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pypdfium2
import pytest
import zxingcpp
from PIL.Image import Image
from pypdf import PdfReader

from segunda_via.boletos import linha_digitavel, pix
from segunda_via.errors import MediaError
from segunda_via.media import boleto_pdf
from segunda_via.media.drawing import BARCODE_HEIGHT, BARCODE_WIDTH
from segunda_via.media.slip import Slip

TODAY = date(2026, 11, 23)
DUE = date(2026, 12, 10)
DPI = 200
BANK_LINE = linha_digitavel.to_linha_digitavel(
    linha_digitavel.make_barcode("461", DUE, Decimal("1189.90"), "1234567890123456789012345")
)
ARRECADACAO = linha_digitavel.to_linha_digitavel("82630000001899012345678901234567890123456789")
PIX = pix.make(
    "PROVEDOR EXEMPLO LTDA",
    "JOINVILLE",
    amount=Decimal("1189.90"),
    url="pix.example.com/qr/v2/cobv/7f0c2a34-1c2d-4e5f-8a9b-0c1d2e3f4a5b",
    single_use=True,
)
LONG_PIX = pix.make(
    "PROVEDOR EXEMPLO LTDA", "JOINVILLE", url="pix.example.com/" + "7f0c2a34" * 7, txid="A1b2C3d4E5f6G7h8I9j0K1l2M"
)
SLIP = Slip(
    gateway="asaas",
    number="15924715",
    due_date=DUE,
    amount=Decimal("1189.90"),
    nominal_amount=Decimal("1189.90"),
    beneficiary="Provedor Exemplo Telecomunicações Ltda",
    payer="João Souza",
    linha_digitavel=BANK_LINE,
    pix=PIX,
)


def picture(pdf: bytes) -> Image:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    image: Image = document[0].render(scale=DPI / 72).to_pil()
    return image


def scan(pdf: bytes) -> dict[str, str]:
    return {str(found.format): found.text for found in zxingcpp.read_barcodes(picture(pdf))}


def words(pdf: bytes) -> str:
    return PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


@pytest.mark.parametrize("line", [None, BANK_LINE, ARRECADACAO])
@pytest.mark.parametrize("code", [None, PIX, LONG_PIX])
def test_both_codes_scan_back(line: str | None, code: str | None) -> None:
    slip = replace(SLIP, linha_digitavel=line, pix=code)
    if line is None and code is None:
        with pytest.raises(MediaError):
            boleto_pdf.render(slip, TODAY)
        return
    expected = {}
    if line:
        expected[str(zxingcpp.BarcodeFormat.ITF)] = linha_digitavel.to_barcode(line)
    if code:
        expected[str(zxingcpp.BarcodeFormat.QRCode)] = code
    assert scan(boleto_pdf.render(slip, TODAY)) == expected


def test_the_barcode_has_the_banks_size() -> None:
    pdf = boleto_pdf.render(replace(SLIP, pix=None), TODAY)
    (found,) = zxingcpp.read_barcodes(picture(pdf))
    width = (found.position.top_right.x - found.position.top_left.x) / DPI * 25.4
    height = (found.position.bottom_left.y - found.position.top_left.y) / DPI * 25.4
    assert width == pytest.approx(BARCODE_WIDTH, abs=0.5)
    assert height == pytest.approx(BARCODE_HEIGHT, abs=0.5)


def test_the_page_says_what_is_to_be_paid() -> None:
    text = words(boleto_pdf.render(SLIP, TODAY))
    for expected in (
        "Provedor Exemplo Telecomunicações Ltda",
        "R$ 1.189,90",
        "10/12/2026",
        "15924715",
        "Asaas",
        "461-8",
        linha_digitavel.format(BANK_LINE),
        "J*** S***",
        "Ficha de compensação",
        "Escolha uma só forma de pagamento",
    ):
        assert expected in text
    assert "Vencido" not in text


def test_the_pix_can_be_copied_from_the_page() -> None:
    text = words(boleto_pdf.render(replace(SLIP, pix=LONG_PIX), TODAY))
    assert LONG_PIX in text.replace("\n", "")


def test_the_payer_is_not_named() -> None:
    pdf = boleto_pdf.render(SLIP, TODAY)
    assert "João" not in words(pdf)
    assert "Souza" not in str(PdfReader(io.BytesIO(pdf)).metadata)


def test_an_updated_amount_shows_how_it_came_about() -> None:
    overdue = replace(SLIP, due_date=date(2026, 11, 10), amount=Decimal("1215.40"))
    text = words(boleto_pdf.render(overdue, TODAY))
    for expected in ("R$ 1.215,40", "o original era R$ 1.189,90", "25,50", "1.189,90"):
        assert expected in text


def line_of(amount: str, due: date = DUE) -> str:
    return linha_digitavel.to_linha_digitavel(linha_digitavel.make_barcode("461", due, Decimal(amount), "1" * 25))


def test_a_line_that_asks_for_less_than_the_page_says_why() -> None:
    late = date(2026, 11, 10)
    overdue = replace(SLIP, due_date=late, amount=Decimal("1215.40"), linha_digitavel=line_of("1189.90", late))
    text = words(boleto_pdf.render(overdue, TODAY))
    assert "O código de barras mostra R$ 1.189,90: o banco soma multa e juros." in text
    early = words(boleto_pdf.render(replace(SLIP, linha_digitavel=line_of("1100")), TODAY))
    assert "O código de barras mostra R$ 1.100,00: já está com o desconto." in early
    assert "código de barras mostra" not in words(boleto_pdf.render(SLIP, TODAY))


def test_a_boleto_that_was_issued_anew_has_the_due_date_of_its_line() -> None:
    late, anew = date(2026, 11, 10), date(2026, 11, 30)
    text = words(boleto_pdf.render(replace(SLIP, due_date=late, linha_digitavel=line_of("1189.90", anew)), TODAY))
    assert "10/11/2026" in text
    assert "30/11/2026" in text


def test_an_overdue_boleto_of_unknown_amount_says_that_fine_and_interest_are_added() -> None:
    text = words(boleto_pdf.render(replace(SLIP, due_date=date(2026, 11, 10)), TODAY))
    assert "Multa e juros, se houver" in text


def test_a_boleto_due_on_saturday_is_not_overdue_on_monday() -> None:
    assert "Vencido" not in words(boleto_pdf.render(replace(SLIP, due_date=date(2026, 11, 21)), TODAY))


def test_an_arrecadacao_has_no_bank() -> None:
    text = words(boleto_pdf.render(replace(SLIP, linha_digitavel=ARRECADACAO), TODAY))
    assert linha_digitavel.format(ARRECADACAO) in text
    assert "Guia de arrecadação" in text
    assert "Ficha de compensação" not in text


def test_an_unknown_bank_is_shown_by_its_code() -> None:
    line = linha_digitavel.to_linha_digitavel(linha_digitavel.make_barcode("999", DUE, Decimal("10"), "1" * 25))
    assert "999-" in words(boleto_pdf.render(replace(SLIP, linha_digitavel=line), TODAY))


def test_the_same_slip_gives_the_same_bytes() -> None:
    assert boleto_pdf.render(SLIP, TODAY) == boleto_pdf.render(SLIP, TODAY)


@pytest.mark.parametrize(
    "text", ["A" * 400, "Companhia " * 30, "名前 \U0001f600", "linha\num\x00dois", "<b>&amp;</b>", ""]
)
def test_any_text_stays_on_its_page(text: str) -> None:
    pdf = boleto_pdf.render(replace(SLIP, beneficiary=text, payer=text, number=text), TODAY)
    page = picture(pdf).convert("L")
    border = round(8 / 25.4 * DPI)
    for edge in (
        (0, 0, page.width, border),
        (0, page.height - border + 10, page.width, page.height),
        (0, 0, border, page.height),
        (page.width - border, 0, page.width, page.height),
    ):
        assert page.crop(edge).getextrema() == (255, 255)
    assert len(scan(pdf)) == 2
