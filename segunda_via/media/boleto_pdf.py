"""A boleto on one A4 page, for gateways that have no PDF, or whose PDF cannot be fetched.

From the top: who is paid and how much, the Pix, and below a cut line the ficha de compensação with its barcode, or for
an arrecadação (a linha digitável of 48 digits) the same without a bank. Either way to pay may be missing, not both.

It shows what the gateway registered and nothing that would have to be guessed. The payer's name is shortened to
initials. The same slip and day give the same bytes.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from segunda_via.boletos import linha_digitavel
from segunda_via.boletos.business_days import is_overdue
from segunda_via.boletos.formatting import reais, short_date
from segunda_via.errors import MediaError
from segunda_via.media.drawing import BOLD, GREY, INK, MONO, PIX, TINT, WARNING, Page
from segunda_via.media.slip import Slip, mask_name

_LEFT, _WIDTH = 15.0, 180.0
_RIGHT = _LEFT + _WIDTH
_SIDE = 48.0
"""The right column of the ficha, where the values stand."""

_PRINTED_FOR_TEN = {"085": "1", "748": "X"}  # where modulo 11 leaves ten, each bank chose its own; most print 0


def render(slip: Slip, today: date) -> bytes:
    """The PDF; MediaError when there is nothing to pay with."""
    if not slip.linha_digitavel and not slip.pix:
        raise MediaError("there is nothing to pay with on this boleto")
    page = Page(title=f"Boleto {slip.number}")
    y = _heading(page, slip)
    y = _summary(page, y, slip, today)
    if slip.pix:
        y = _pix(page, y + 11, slip.pix, alone=not slip.linha_digitavel)
    if slip.linha_digitavel:
        y = _line(page, y + 11, slip.linha_digitavel)
        y = _cut(page, y + 13)
        _ficha(page, y + 7, slip, slip.linha_digitavel, today)
    _footer(page, today)
    return page.finish()


def _heading(page: Page, slip: Slip) -> float:
    title = slip.beneficiary or "Segunda via do boleto"
    size = 17 if len(title) <= 45 else 13
    y = page.wrapped(_LEFT, 21, title[:150], width=_WIDTH, size=size, leading=5.5, font=BOLD) + 0.5
    subtitle = "Recibo do pagador" if slip.beneficiary is None else "Segunda via do boleto · Recibo do pagador"
    page.text(_LEFT, y, subtitle, size=9.5, color=GREY)
    return y + 4


def _summary(page: Page, y: float, slip: Slip, today: date) -> float:
    page.box(_LEFT, y, _WIDTH, 19, fill=TINT, line=None, radius=2)
    columns = (
        (_LEFT + 5, 56.0, "Valor a pagar", reais(slip.amount)),
        (_LEFT + 66, 42.0, "Vencimento", short_date(slip.due_date)),
        (_LEFT + 113, 62.0, "Número do documento", slip.number),
    )
    for x, width, label, value in columns:
        page.text(x, y + 6.2, label, size=7.8, color=GREY)
        page.text(x, y + 14, value, size=16, font=BOLD, width=width)
    y += 19
    if slip.payer:
        page.text(_LEFT, y + 6, f"Pagador: {mask_name(slip.payer)}", size=9, width=_WIDTH)
        y += 6
    remark = _remark(slip, today)
    if remark:
        y = page.wrapped(_LEFT, y + 6, remark, width=_WIDTH, size=9, leading=4.2, color=WARNING, font=BOLD) - 4.2
    return y


def _remark(slip: Slip, today: date) -> str | None:
    if not is_overdue(slip.due_date, today):
        return None
    if slip.amount > slip.nominal_amount:
        return f"Vencido. O valor já inclui os acréscimos; o original era {reais(slip.nominal_amount)}."
    return "Vencido. Multa e juros, se houver, são somados pelo banco no momento do pagamento."


def _pix(page: Page, y: float, pix: str, *, alone: bool) -> float:
    # A longer Pix makes a finer code, which needs more room to stay easy to scan.
    side = 64.0 if alone else 44.0 if len(pix) <= 250 else 52.0
    page.text(_LEFT, y + 1, "Pague com Pix", size=13, font=BOLD, color=PIX)
    page.rule(_LEFT, y + 3.5, _WIDTH, color=PIX)
    top = y + 5.5
    page.qr(_LEFT - 2, top, side, pix)
    x, width = _LEFT + side + 3, _WIDTH - side - 3
    page.text(x, top + 6, "1.  Abra o aplicativo do seu banco e escolha Pix.", size=9.5, width=width)
    page.text(x, top + 11.2, "2.  Leia o QR code ao lado ou cole o código abaixo.", size=9.5, width=width)
    page.text(x, top + 16.4, "3.  Confira o nome de quem recebe e confirme.", size=9.5, width=width)
    page.text(x, top + 23, "Pix copia e cola", size=7.2, color=GREY)
    end = page.wrapped(x, top + 27, pix, width=width, size=7.4, leading=3.3, font=MONO)
    return max(top + side, end)


def _line(page: Page, y: float, line: str) -> float:
    page.text(_LEFT, y + 1, "Pague com o código de barras", size=13, font=BOLD)
    page.rule(_LEFT, y + 3.5, _WIDTH, color=INK)
    page.text(_LEFT, y + 9, "Linha digitável", size=7.2, color=GREY)
    page.text(_LEFT, y + 15, linha_digitavel.format(line), size=14, font=BOLD, width=_WIDTH)
    return y + 15


def _cut(page: Page, y: float) -> float:
    page.text(_RIGHT, y - 1.2, "Corte aqui", size=6.2, color=GREY, align="right")
    page.rule(_LEFT, y, _WIDTH, color=GREY, dashed=True)
    return y


def _ficha(page: Page, y: float, slip: Slip, line: str, today: date) -> None:
    y = _ficha_head(page, y, line)
    main, side = _WIDTH - _SIDE, _LEFT + _WIDTH - _SIDE
    rows = 9.5
    page.field(_LEFT, y, main, "Local de pagamento", _where_to_pay(line))
    due_date = short_date(_due_date(slip, line, today))
    page.field(side, y, _SIDE, "Vencimento", due_date, align="right", bold=True, fill=TINT)
    y += rows
    page.field(_LEFT, y, main, "Beneficiário", slip.beneficiary or "Confira na tela do seu banco")
    page.field(side, y, _SIDE, "Número do documento", slip.number, align="right")
    y += rows
    page.field(_LEFT, y, 44, "Data desta via", short_date(today))
    page.field(_LEFT + 44, y, 24, "Moeda", "R$")
    page.field(_LEFT + 68, y, main - 68, "Pagador", mask_name(slip.payer) if slip.payer else "")
    page.field(side, y, _SIDE, "(=) Valor do documento", _digits(slip.nominal_amount), align="right", bold=True)
    y += rows
    page.box(_LEFT, y, main, 2 * rows)
    page.text(_LEFT + 1.5, y + 3, "Instruções", size=6.2, color=GREY)
    at = y + 7.2
    for instruction in _instructions(slip, line, today):
        at = page.wrapped(_LEFT + 1.5, at, instruction, width=main - 3, size=8, leading=3.7)
    added = slip.amount - slip.nominal_amount
    page.field(side, y, _SIDE, "(+) Acréscimos", _digits(added) if added else "", align="right")
    page.field(side, y + rows, _SIDE, "(=) Valor a pagar", _digits(slip.amount), align="right", bold=True, fill=TINT)
    y += 2 * rows + 5
    page.barcode(_LEFT + 5, y, linha_digitavel.to_barcode(line))
    kind = "Guia de arrecadação" if linha_digitavel.is_arrecadacao(line) else "Ficha de compensação"
    page.text(_RIGHT, y + 3, kind, size=8, font=BOLD, align="right")
    page.text(_RIGHT, y + 6.5, "Autenticação mecânica", size=6.2, color=GREY, align="right")


def _ficha_head(page: Page, y: float, line: str) -> float:
    """The bank, its code, and the linha digitável, as every ficha de compensação begins."""
    code = linha_digitavel.bank_code(line)
    if code is None:
        page.text(_LEFT, y + 6, "Arrecadação", size=13, font=BOLD, width=52)
        start = _LEFT + 56
    else:
        page.text(_LEFT, y + 6, linha_digitavel.bank_name(code) or "Banco", size=13, font=BOLD, width=42)
        page.upright(_LEFT + 44, y, 8)
        page.text(_LEFT + 54, y + 6, f"{code}-{bank_check_digit(code)}", size=15, font=BOLD, align="center")
        page.upright(_LEFT + 64, y, 8)
        start = _LEFT + 67
    page.text(_RIGHT, y + 6, linha_digitavel.format(line), size=11, font=BOLD, width=_RIGHT - start, align="right")
    page.rule(_LEFT, y + 8, _WIDTH, color=INK)
    return y + 8


def _where_to_pay(line: str) -> str:
    if linha_digitavel.is_arrecadacao(line):
        return "Bancos, aplicativos e casas lotéricas conveniados"
    return "Qualquer banco, aplicativo ou casa lotérica"


def _due_date(slip: Slip, line: str, today: date) -> date:
    """The line's own, which is later where an overdue boleto was issued anew."""
    return max(slip.due_date, linha_digitavel.due_date(line, today) or slip.due_date)


def _instructions(slip: Slip, line: str, today: date) -> list[str]:
    texts = ["Antes de confirmar, confira na tela do banco o beneficiário, o valor e o vencimento."]
    shown = linha_digitavel.amount(line)
    if shown is not None and shown < slip.amount:
        why = "o banco soma multa e juros" if is_overdue(slip.due_date, today) else "já está com o desconto"
        texts.append(f"O código de barras mostra {reais(shown)}: {why}.")
    if slip.pix:
        texts.append("Escolha uma só forma de pagamento: Pix ou código de barras.")
    return texts


def _footer(page: Page, today: date) -> None:
    page.rule(_LEFT, 284, _WIDTH)
    note = f"Via gerada em {short_date(today)} com os dados registrados por quem emitiu a cobrança."
    page.text(
        _LEFT, 288, f"{note} O nome do pagador é abreviado para proteger seus dados.", size=7, color=GREY, width=_WIDTH
    )


def _digits(amount: Decimal) -> str:
    return reais(amount).removeprefix("R$ ")


def bank_check_digit(code: str) -> str:
    """The digit printed after a bank's code.

    >>> [bank_check_digit(code) for code in ("001", "033", "104", "237", "341", "748", "756")]
    ['9', '7', '0', '2', '7', 'X', '0']
    """
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(code, (4, 3, 2), strict=True)) % 11
    if rest < 10:
        return str(rest)
    return _PRINTED_FOR_TEN.get(code, "0")
