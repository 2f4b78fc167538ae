"""The strokes that `boleto_pdf` is drawn with: text that fits, labelled boxes, the barcode and the QR code.

Lengths are millimetres and are measured from the page's top left corner; sizes of letters are points. The letters are
Helvetica and Courier, which every PDF reader has: nothing is embedded, and a page stays small. What their character set
(Windows-1252) lacks becomes a question mark.
"""

from __future__ import annotations

import io
from typing import Final

from reportlab.graphics.barcode.common import I2of5
from reportlab.lib.colors import Color, HexColor, black, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from segunda_via.media import qr

INK: Final = HexColor("#16202e")
GREY: Final = HexColor("#5d6875")
LINE: Final = HexColor("#9aa5b1")
TINT: Final = HexColor("#f1f4f7")
PIX: Final = HexColor("#0f8a7e")
WARNING: Final = HexColor("#9a4b00")

PLAIN, BOLD, MONO = "Helvetica", "Helvetica-Bold", "Courier"

BARCODE_WIDTH, BARCODE_HEIGHT = 103.0, 13.0
"""FEBRABAN's size of the Interleaved 2 of 5 barcode."""

_WIDE_TO_NARROW = 3
_PAGE_WIDTH, _PAGE_HEIGHT = A4


class Page:
    """One A4 page; `finish` gives its PDF. The same strokes give the same bytes."""

    def __init__(self, title: str) -> None:
        self._file = io.BytesIO()
        self._canvas = Canvas(self._file, pagesize=A4, invariant=1, lang="pt-BR")
        self._canvas.setTitle(_printable(title))
        self._canvas.setCreator("Segunda Via")

    def finish(self) -> bytes:
        self._canvas.showPage()
        self._canvas.save()
        return self._file.getvalue()

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 9,
        font: str = PLAIN,
        color: Color = INK,
        width: float | None = None,
        align: str = "left",
    ) -> None:
        """`text` with its baseline at `y`, made smaller, and then shorter, until it fits `width`.

        `x` is its left end, its middle or its right end, by `align`.
        """
        shown = _printable(text)
        if width is not None:
            shown, size = _fit(shown, font, size, width * mm)
        self._canvas.setFont(font, size)
        self._canvas.setFillColor(color)
        draw = {
            "left": self._canvas.drawString,
            "center": self._canvas.drawCentredString,
            "right": self._canvas.drawRightString,
        }[align]
        draw(x * mm, _PAGE_HEIGHT - y * mm, shown)

    def wrapped(
        self,
        x: float,
        y: float,
        text: str,
        *,
        width: float,
        size: float = 8,
        leading: float = 3.6,
        font: str = PLAIN,
        color: Color = INK,
    ) -> float:
        """`text` in lines of at most `width`; the baseline after the last. Codes break anywhere, words between them."""
        shown = _printable(text)
        lines = _break_code(shown, size, width * mm) if font == MONO else _break_words(shown, font, size, width * mm)
        for line in lines:
            self.text(x, y, line, size=size, font=font, color=color, width=width)  # a word may be wider
            y += leading
        return y

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Color | None = None,
        line: Color | None = LINE,
        radius: float = 0,
    ) -> None:
        """A rectangle whose top left corner is (x, y)."""
        self._canvas.setLineWidth(0.6)
        self._canvas.setStrokeColor(line or white)
        self._canvas.setFillColor(fill or white)
        bottom = _PAGE_HEIGHT - (y + height) * mm
        has = {"stroke": int(line is not None), "fill": int(fill is not None)}
        self._canvas.roundRect(x * mm, bottom, width * mm, height * mm, radius * mm, **has)

    def field(
        self,
        x: float,
        y: float,
        width: float,
        label: str,
        value: str,
        *,
        height: float = 9.5,
        align: str = "left",
        bold: bool = False,
        fill: Color | None = None,
    ) -> None:
        """A box of a form: a small label above its value."""
        self.box(x, y, width, height, fill=fill)
        self.text(x + 1.5, y + 3, label, size=6.2, color=GREY, width=width - 3)
        at = x + 1.5 if align == "left" else x + width - 1.5
        font, size = (BOLD, 10.5) if bold else (PLAIN, 9.2)
        self.text(at, y + height - 2.1, value, size=size, font=font, width=width - 3, align=align)

    def rule(self, x: float, y: float, width: float, *, color: Color = LINE, dashed: bool = False) -> None:
        """A horizontal line."""
        self._canvas.setStrokeColor(color)
        self._canvas.setLineWidth(0.6)
        self._canvas.setDash([2, 2] if dashed else [])
        self._canvas.line(x * mm, _PAGE_HEIGHT - y * mm, (x + width) * mm, _PAGE_HEIGHT - y * mm)
        self._canvas.setDash([])

    def upright(self, x: float, y: float, height: float, *, color: Color = INK, thickness: float = 1.2) -> None:
        """A vertical line, its thickness in points."""
        self._canvas.setStrokeColor(color)
        self._canvas.setLineWidth(thickness)
        self._canvas.line(x * mm, _PAGE_HEIGHT - y * mm, x * mm, _PAGE_HEIGHT - (y + height) * mm)

    def barcode(self, x: float, y: float, digits: str) -> None:
        """The Interleaved 2 of 5 of `digits`, an even number of them, in FEBRABAN's size."""
        per_digit = 3 + 2 * _WIDE_TO_NARROW
        modules = len(digits) * per_digit + 4 + _WIDE_TO_NARROW + 2  # start is four narrow bars, stop a wide and two
        code = I2of5(
            digits,
            barWidth=BARCODE_WIDTH * mm / modules,
            ratio=_WIDE_TO_NARROW,
            barHeight=BARCODE_HEIGHT * mm,
            checksum=0,
            bearers=0,
            quiet=0,
        )
        code.drawOn(self._canvas, x * mm, _PAGE_HEIGHT - (y + BARCODE_HEIGHT) * mm)

    def qr(self, x: float, y: float, side: float, pix: str) -> None:
        """The QR code of `pix`, its quiet zone included in `side`."""
        rows = qr.matrix(pix)
        module = side * mm / len(rows)
        left, top = x * mm, _PAGE_HEIGHT - y * mm
        path = self._canvas.beginPath()
        for i, row in enumerate(rows):
            start = None
            for j, dark in enumerate([*row, False]):
                if dark and start is None:
                    start = j
                elif not dark and start is not None:
                    # A run is one rectangle: neighbours drawn apart show hairlines between them.
                    path.rect(left + start * module, top - (i + 1) * module, (j - start) * module, module)
                    start = None
        self._canvas.setFillColor(black)
        self._canvas.drawPath(path, stroke=0, fill=1)


def _printable(text: str) -> str:
    known = text.replace("\xa0", " ").encode("cp1252", "replace").decode("cp1252")
    return "".join(character if character >= " " else " " for character in known)


def _fit(text: str, font: str, size: float, width: float) -> tuple[str, float]:
    smallest = size * 0.75
    while size > smallest and stringWidth(text, font, size) > width:
        size -= 0.25
    if stringWidth(text, font, size) <= width:
        return text, size
    while text and stringWidth(text + "…", font, size) > width:
        text = text[:-1]
    return text.rstrip() + "…", size


def _break_code(text: str, size: float, width: float) -> list[str]:
    per_line = max(1, int(width / stringWidth("0", MONO, size)))
    return [text[start : start + per_line] for start in range(0, len(text), per_line)]


def _break_words(text: str, font: str, size: float, width: float) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if stringWidth(longer, font, size) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
