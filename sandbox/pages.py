"""What stands at the public addresses beside a simulated API: a charge's PDF and its page."""

from __future__ import annotations

import html

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandbox.ledger import Charge, Pdf
from sandbox.pdf import boleto_pdf


def root_of(request: Request) -> str:
    """Where the simulator is mounted: Starlette's own `base_url` leaves that out."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def pdf_answer(charge: Charge | None, payer: str) -> Response:
    if charge is None or not charge.has_slip or charge.pdf is Pdf.MISSING:
        return HTMLResponse("<html><body>Boleto não encontrado</body></html>", 404)
    if charge.pdf is Pdf.HTML:
        return HTMLResponse("<html><body>Visualize seu boleto no aplicativo</body></html>")
    return Response(boleto_pdf(charge, payer), media_type="application/pdf")


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
