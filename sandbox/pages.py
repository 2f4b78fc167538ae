"""What stands at the public addresses beside a simulated API: a charge's PDF and its page."""

from __future__ import annotations

import html
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandbox.ledger import Charge, Pdf, make_charge
from sandbox.pdf import boleto_pdf


def root_of(request: Request) -> str:
    """Where the simulator is mounted: Starlette's own `base_url` leaves that out."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def pdf_answer(charge: Charge | None, payer: str) -> Response:
    if charge is None or not charge.has_slip or charge.pdf is Pdf.MISSING:
        return HTMLResponse("<html><body>Boleto não encontrado</body></html>", 404)
    if charge.pdf is Pdf.HTML:
        return HTMLResponse("<html><body>Visualize seu boleto no aplicativo</body></html>")
    if charge.pdf is Pdf.STUB:
        return Response(b"%PDF-1.4 ok", media_type="application/pdf")
    shown = _another(charge) if charge.pdf is Pdf.OTHER else charge
    return Response(boleto_pdf(shown, payer), media_type="application/pdf")


def _another(charge: Charge) -> Charge:
    """Another invoice of that company, as large and due as that one."""
    other = make_charge(f"{charge.key} other", charge.issuer, charge.due_date, charge.amount, charge.created)
    return replace(other, pix=charge.pix)


def page_answer(charge: Charge | None) -> Response:
    if charge is None:
        return HTMLResponse("<html><body>Fatura não encontrada</body></html>", 404)
    amount = f"{charge.amount:.2f}".replace(".", ",")
    return HTMLResponse(
        "<!DOCTYPE html><html lang='pt-BR'><head><meta charset='utf-8'><title>Fatura</title></head><body>"
        f"<h1>Fatura {charge.number}</h1><p>{html.escape(charge.issuer.receiver)}</p>"
        f"<p>Vencimento: {charge.due_date:%d/%m/%Y}<br>Valor: R$ {amount}</p>"
        "<p>Página de demonstração: nada aqui pode ser pago.</p></body></html>"
    )
