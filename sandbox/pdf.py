"""A boleto as a real PDF, with a bar code and a QR code that scan. For trying things out, never to be paid."""

from __future__ import annotations

import io

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.common import I2of5
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from sandbox.ledger import Charge
from segunda_via.boletos import linha_digitavel

_LEFT, _RIGHT = 18 * mm, A4[0] - 18 * mm


def boleto_pdf(charge: Charge, payer: str) -> bytes:
    """The page that a customer would print."""
    buffer = io.BytesIO()
    # Invariant: the same charge is the same file, byte by byte.
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.setTitle(f"Boleto {charge.number}")
    top = A4[1] - 25 * mm
    line = linha_digitavel.format(charge.linha_digitavel) if charge.linha_digitavel else ""
    canvas.setFont("Helvetica-Bold", 13)
    canvas.drawString(
        _LEFT, top, f"{linha_digitavel.bank_name(charge.issuer.bank_code) or 'Banco'} | {charge.issuer.bank_code}"
    )
    canvas.setFont("Helvetica-Bold", 10.5)
    canvas.drawRightString(_RIGHT, top, line)
    fields = [
        ("Beneficiário", charge.issuer.receiver),
        ("Pagador", payer),
        ("Número da fatura", charge.number),
        ("Nosso número", charge.nosso_numero),
        ("Vencimento", f"{charge.due_date:%d/%m/%Y}"),
        ("Valor do documento", f"R$ {charge.amount:.2f}".replace(".", ",")),
        ("Instruções", "Após o vencimento, multa de 2% e juros de 1% ao mês."),
        ("", "DOCUMENTO DE DEMONSTRAÇÃO. NÃO PAGUE."),
    ]
    y = top - 6 * mm
    for label, value in fields:
        canvas.line(_LEFT, y, _RIGHT, y)
        canvas.setFont("Helvetica", 7)
        canvas.drawString(_LEFT, y - 3.5 * mm, label)
        canvas.setFont("Helvetica", 10)
        canvas.drawString(_LEFT, y - 8.5 * mm, value)
        y -= 11 * mm
    if charge.barcode:
        # FEBRABAN's measures: 103 mm wide and 13 mm high. At this ratio the 44 digits are 360.5 narrow bars wide.
        narrow = 103 * mm / 360.5
        bars = I2of5(charge.barcode, barWidth=narrow, ratio=2.5, barHeight=13 * mm, checksum=0, bearers=0, quiet=0)
        bars.drawOn(canvas, _LEFT, y - 18 * mm)
    if charge.pix:
        side = 45 * mm
        qr = QrCodeWidget(charge.pix, barLevel="M", barWidth=side, barHeight=side)
        drawing = Drawing(side, side)
        drawing.add(qr)
        renderPDF.draw(drawing, canvas, _RIGHT - side, y - side - 4 * mm)
        canvas.setFont("Helvetica", 8)
        canvas.drawRightString(_RIGHT, y - side - 8 * mm, "Pague com Pix")
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()
