"""Asaas, API v3, as its adapter meets it: routes, envelopes, paging, refusals and quirks.

Mounted at `/asaas`, so that an adapter's `base_url` is `http://<host>:<port>/asaas/v3`. Public pages beside the API:
`/b/pdf/<slug>` (the boleto's PDF) and `/i/<slug>` (the invoice page).
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Iterable
from datetime import date

import qrcode
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sandbox.asaas_books import Books, Entry, customer_id, slug_of
from sandbox.asaas_objects import customer_object, payment_object, status_of
from sandbox.faults import ordered
from sandbox.ledger import Charge, Issuer, State
from sandbox.pages import pdf_answer
from sandbox.personas import personas

TOKEN = "$aact_hmlg_000segundavia"
ISSUER = Issuer("461", "EMPRESA TESTE", "JOINVILLE", "pix-h.asaas.com/qr/cobv")

_STATUSES = frozenset(
    {
        "PENDING",
        "RECEIVED",
        "CONFIRMED",
        "OVERDUE",
        "REFUNDED",
        "RECEIVED_IN_CASH",
        "REFUND_REQUESTED",
        "REFUND_IN_PROGRESS",
        "CHARGEBACK_REQUESTED",
        "CHARGEBACK_DISPUTE",
        "AWAITING_CHARGEBACK_REVERSAL",
        "DUNNING_REQUESTED",
        "DUNNING_RECEIVED",
        "AWAITING_RISK_ANALYSIS",
        "AUTHORIZED",
    }
)


class AsaasSimulator:
    """One Asaas account on `today()`; a `faults.Simulator`."""

    name = "asaas"
    issuer = ISSUER
    api = "/v3"

    def __init__(self, today: Callable[[], date]) -> None:
        self._today = today
        self._books: tuple[date, Books] | None = None
        self.app: ASGIApp = Starlette(
            routes=[
                Route("/v3/customers", self._customers),
                Route("/v3/payments", self._payments),
                Route("/v3/payments/{id}", self._payment),
                Route("/v3/payments/{id}/billingInfo", self._billing_info),
                Route("/v3/payments/{id}/identificationField", self._identification_field),
                Route("/v3/payments/{id}/pixQrCode", self._pix_qr_code),
                Route("/v3/myAccount/commercialInfo/", self._commercial_info),
                Route("/b/pdf/{slug}", self._pdf),
                Route("/i/{slug}", self._page),
            ],
            middleware=[Middleware(BaseHTTPMiddleware, dispatch=self._admit)],
        )

    def credentials(self, root: str) -> dict[str, str]:
        return {"token": TOKEN, "base_url": f"{root}{self.api}"}

    def document_of(self, path: str, query: dict[str, str], body: bytes) -> str | None:
        books = self._open_books()
        if "cpfCnpj" in query:
            return query["cpfCnpj"]
        if "customer" in query:
            return books.document_by_customer.get(query["customer"])
        parts = path.split("/")
        return next(
            (books.document_by_slug[part] for part in map(_slug, parts) if part in books.document_by_slug), None
        )

    def fault_of(self, document: str) -> str | None:
        return self._open_books().faults.get(document)

    def refusal(self, status: int) -> Response:
        if status == 401:
            return _error(401, "invalid_access_token", "A chave de API fornecida é inválida")
        if status == 403:
            return HTMLResponse("<html><body><h1>403 ERROR</h1>Request blocked.</body></html>", 403)
        if status == 404:
            return Response(status_code=404)
        if status == 429:
            return _error(429, "too_many_requests", "Você excedeu o limite de requisições")
        if status >= 500:
            return HTMLResponse("<html><body>upstream error</body></html>", status)
        return _error(status, "invalid_object", "Requisição inválida")

    def _open_books(self) -> Books:
        today = self._today()
        if self._books is None or self._books[0] != today:
            self._books = (today, Books(personas(today, ISSUER)))
        return self._books[1]

    async def _admit(self, request: Request, proceed: RequestResponseEndpoint) -> Response:
        if not request.url.path.removeprefix(request.scope.get("root_path", "")).startswith(self.api):
            return await proceed(request)
        token = request.headers.get("access_token")
        if not token:
            return _error(401, "access_token_not_found", "O cabeçalho de autenticação 'access_token' é obrigatório")
        if token.startswith("$aact_prod_"):
            return _error(401, "invalid_environment", "A chave de API informada não pertence a este ambiente")
        if token != TOKEN:
            return self.refusal(401)
        if request.method == "GET" and await request.body():
            return self.refusal(403)
        response = await proceed(request)
        response.headers.update({"RateLimit-Limit": "1000", "RateLimit-Remaining": "999", "RateLimit-Reset": "60"})
        return response

    async def _customers(self, request: Request) -> Response:
        wanted = request.query_params.get("cpfCnpj")
        records = self._open_books().customers
        if wanted is not None and not ordered(request.scope, "unfiltered"):
            records = [(persona, record) for persona, record in records if persona.document == wanted]
        today = self._today()
        return _listing(
            request,
            [customer_object(persona.document, customer_id(record), record, today) for persona, record in records],
        )

    async def _payments(self, request: Request) -> Response:
        books, query, today = self._open_books(), request.query_params, self._today()
        status = query.get("status")
        if status is not None and status not in _STATUSES:
            return _error(400, "invalid_status", "O status informado é inválido")
        entries: Iterable[Entry] = books.entries
        if not ordered(request.scope, "unfiltered"):
            entries = [
                entry
                for entry in books.entries
                if entry.charge.state is not State.REMOVED
                and query.get("customer") in {None, customer_id(entry.record)}
                and status in {None, status_of(entry.charge, today)}
            ]
            if ordered(request.scope, "foreign_invoice"):
                stranger = next(e for e in books.entries if customer_id(e.record) != query.get("customer"))
                entries = [stranger, *entries]
        return _listing(request, [self._payment_object(request, entry) for entry in entries])

    def _payment_object(self, request: Request, entry: Entry) -> dict[str, object]:
        charge, owner = entry.charge, customer_id(entry.record)
        return payment_object(charge, slug_of(charge), owner, _root(request), self._today())

    async def _payment(self, request: Request) -> Response:
        entry = self._entry(request)
        return JSONResponse(self._payment_object(request, entry)) if entry else self.refusal(404)

    async def _billing_info(self, request: Request) -> Response:
        entry = self._entry(request)
        if entry is None:
            return self.refusal(404)
        slip = _slip(entry.charge)
        if slip is not None:
            slip |= {"bankSlipUrl": pdf_url(request, entry.charge), "daysAfterDueDateToRegistrationCancellation": None}
        return JSONResponse({"pix": _pix(entry.charge), "creditCard": None, "bankSlip": slip})

    async def _identification_field(self, request: Request) -> Response:
        entry = self._entry(request)
        if entry is None:
            return self.refusal(404)
        if not entry.charge.has_slip:
            return _error(400, "invalid_action", "Somente é possível obter linha digitável quando a forma for boleto")
        slip = _slip(entry.charge)
        return JSONResponse(slip) if slip else _error(400, "invalid_action", "O boleto ainda está sendo registrado")

    async def _pix_qr_code(self, request: Request) -> Response:
        entry = self._entry(request)
        pix = _pix(entry.charge) if entry else None
        return JSONResponse({"success": True, **pix}) if pix else self.refusal(404)

    async def _commercial_info(self, request: Request) -> Response:
        company = {"companyName": "EMPRESA TESTE LTDA", "tradingName": "Empresa Teste", "name": "EMPRESA TESTE LTDA"}
        return JSONResponse({"object": "commercialInfo", "status": "APPROVED", "personType": "JURIDICA", **company})

    async def _pdf(self, request: Request) -> Response:
        entry = self._entry(request)
        return pdf_answer(entry.charge, entry.record.name) if entry else pdf_answer(None, "")

    async def _page(self, request: Request) -> Response:
        entry = self._entry(request)
        if entry is None:
            return HTMLResponse("<html><body>Fatura não encontrada</body></html>", 404)
        charge = entry.charge
        amount = f"{charge.amount:.2f}".replace(".", ",")
        return HTMLResponse(
            "<!DOCTYPE html><html lang='pt-BR'><head><meta charset='utf-8'><title>Fatura</title></head><body>"
            f"<h1>Fatura {charge.number}</h1><p>{html.escape(charge.issuer.receiver)}</p>"
            f"<p>Vencimento: {charge.due_date:%d/%m/%Y}<br>Valor: R$ {amount}</p>"
            "<p>Página de demonstração: nada aqui pode ser pago.</p></body></html>"
        )

    def _entry(self, request: Request) -> Entry | None:
        params = request.path_params
        return self._open_books().by_slug.get(_slug(params.get("id") or params.get("slug") or ""))


def pdf_url(request: Request, charge: Charge) -> str:
    return f"{_root(request)}/b/pdf/{slug_of(charge)}"


def _slug(part: str) -> str:
    return part.removeprefix("pay_")


def _root(request: Request) -> str:
    # Starlette's own `base_url` leaves out where a mounted application is mounted.
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def _slip(charge: Charge) -> dict[str, object] | None:
    if charge.linha_digitavel is None:
        return None
    return {
        "identificationField": charge.linha_digitavel,
        "nossoNumero": charge.nosso_numero,
        "barCode": charge.barcode,
    }


def _pix(charge: Charge) -> dict[str, object] | None:
    if charge.pix is None:
        return None
    image = io.BytesIO()
    qrcode.make(charge.pix, box_size=4).save(image)
    return {
        "encodedImage": base64.b64encode(image.getvalue()).decode(),
        "payload": charge.pix,
        "expirationDate": f"{charge.due_date.replace(day=1, year=charge.due_date.year + 1)} 23:59:59",
        "description": "Descricao nao informada",
    }


def _listing(request: Request, items: list[dict[str, object]]) -> Response:
    try:
        limit, offset = (
            int(request.query_params.get(name, default)) for name, default in (("limit", 10), ("offset", 0))
        )
    except ValueError:
        return _error(400, "invalid_limit", "Os parâmetros de paginação devem ser números")
    if not 1 <= limit <= 100:
        return _error(400, "invalid_limit", "O limite deve estar entre 1 e 100")
    if offset < 0:
        return _error(400, "invalid_offset", "O deslocamento não pode ser negativo")
    page = items[offset : offset + limit]
    envelope = {"object": "list", "hasMore": offset + limit < len(items), "totalCount": len(items)}
    return JSONResponse({**envelope, "limit": limit, "offset": offset, "data": page})


def _error(status: int, code: str, description: str) -> Response:
    return JSONResponse({"errors": [{"code": code, "description": description}]}, status)
