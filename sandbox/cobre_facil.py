"""Cobre Fácil, API v1, as its adapter meets it: sessions of an hour, and three ways to say that there is nothing.

Mounted at `/cobre_facil`, so that an adapter's `base_url` is `http://<host>:<port>/cobre_facil/v1`. Public pages beside
the API: `/boleto/<id>` (the boleto's PDF) and `/minha-fatura/<id>` (the invoice page).
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sandbox import cobre_facil_objects as objects
from sandbox.faults import ordered
from sandbox.ledger import Charge, Issuer, Persona, Registration, State, digits
from sandbox.pages import page_answer, pdf_answer, root_of
from sandbox.personas import personas

APP_ID, SECRET = "app-id-de-teste", digits("cobre facil secret", 40)
ISSUER = Issuer("341", "CLIENTE COBRE FACIL", "CURITIBA", "pix.cobrefacil.example/qr/v2/cobv")

LIFETIME = 3600
_LARGEST_PAGE = 100

Entry = tuple[Persona, Registration, Charge]
Handler = Callable[[Request], Awaitable[Response]]


class CobreFacilSimulator:
    """One Cobre Fácil account on `today()`; a `faults.Simulator`.

    `honours_customer` is False where `/invoices` ignores its `customer_id` filter. `largest_page`: the server's own
    limit, whatever `limit` asks for. `seconds` is a clock, for the hour that a session lives.
    """

    name = "cobre_facil"
    api = "/v1"
    issuer = ISSUER

    def __init__(
        self,
        today: Callable[[], date],
        *,
        honours_customer: bool = True,
        largest_page: int = _LARGEST_PAGE,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._today = today
        self._honours_customer = honours_customer
        self._largest_page = largest_page
        self._seconds = seconds
        self._cast: tuple[date, tuple[Persona, ...]] | None = None
        self._sessions: dict[str, float] = {}
        self.sign_ins = 0
        self.app: ASGIApp = Starlette(
            routes=[
                Route("/v1/authenticate", self._sign_in, methods=["POST"]),
                Route("/v1/customers", self._admit(self._customers)),
                Route("/v1/invoices", self._admit(self._invoices)),
                Route("/v1/invoices/{id}", self._admit(self._invoice)),
                Route("/boleto/{id}", self._pdf),
                Route("/minha-fatura/{id}", self._page),
            ]
        )

    def credentials(self, root: str) -> dict[str, str]:
        return {"app_id": APP_ID, "secret": SECRET, "base_url": f"{root}{self.api}"}

    def sign_out(self) -> None:
        """End every session."""
        self._sessions.clear()

    def document_of(self, path: str, query: dict[str, str], body: bytes) -> str | None:
        for name in ("taxpayer_id", "ein"):
            if name in query:
                return query[name]
        if "customer_id" in query:
            owner = query["customer_id"]
            return next((p.document for p, record in self._records() if objects.customer_id(record) == owner), None)
        entry = self._entry(path.rsplit("/", 1)[-1])
        return entry[0].document if entry else None

    def fault_of(self, document: str) -> str | None:
        return next((persona.fault for persona in self._people() if persona.document == document), None)

    def refusal(self, status: int) -> Response:
        if status >= 500:
            return HTMLResponse("<html><body>upstream error</body></html>", status)
        message = {401: "Token inválido ou expirado.", 403: "Acesso negado.", 404: "Rota inexistente."}
        return _refuse(status, message.get(status, "Parâmetros inválidos."))

    def _people(self) -> tuple[Persona, ...]:
        today = self._today()
        if self._cast is None or self._cast[0] != today:
            self._cast = (today, personas(today, ISSUER))
        return self._cast[1]

    def _records(self) -> list[tuple[Persona, Registration]]:
        return [(persona, record) for persona in self._people() for record in persona.registrations]

    def _entries(self) -> list[Entry]:
        return [(persona, record, charge) for persona, record in self._records() for charge in record.charges]

    def _entry(self, key: str) -> Entry | None:
        return next((entry for entry in self._entries() if objects.invoice_id(entry[2]) == key), None)

    def _admit(self, handler: Handler) -> Handler:
        async def admitted(request: Request) -> Response:
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            if self._sessions.get(token, 0.0) <= self._seconds():
                return self.refusal(401)
            return await handler(request)

        return admitted

    async def _sign_in(self, request: Request) -> Response:
        try:
            wanted = json.loads(await request.body())
        except ValueError:
            return _refuse(400, "Parâmetros inválidos.")
        if not isinstance(wanted, dict) or (wanted.get("app_id"), wanted.get("secret")) != (APP_ID, SECRET):
            return _refuse(401, "Credenciais inválidas.")
        self.sign_ins += 1
        token = f"{digits(f'cobre facil session {self.sign_ins}', 32)}/{digits(f'rest {self.sign_ins}', 40)}"
        self._sessions[token] = self._seconds() + LIFETIME
        return JSONResponse({"success": True, "data": {"token": token, "expiration": LIFETIME}})

    async def _customers(self, request: Request) -> Response:
        query = request.query_params
        document = query.get("taxpayer_id") or query.get("ein")
        length = 11 if "taxpayer_id" in query else 14
        found = [
            (persona, record)
            for persona, record in self._records()
            if document is None
            or ordered(request.scope, "unfiltered")
            or (persona.document == document and len(document) == length)
        ]
        return self._listing(request, found, objects.customer_object, "Cliente não encontrado.")

    async def _invoices(self, request: Request) -> Response:
        query, entries = request.query_params, self._entries()
        if not ordered(request.scope, "unfiltered"):
            customer, status = query.get("customer_id"), query.get("status")
            found = [
                entry
                for entry in entries
                if status in {None, objects.status_of(entry[2])}
                and entry[2].state is not State.REMOVED
                and (customer in {None, objects.customer_id(entry[1])} or not self._honours_customer)
            ]
            if ordered(request.scope, "foreign_invoice"):
                found = [next(e for e in entries if objects.customer_id(e[1]) != customer), *found]
            entries = found
        root = root_of(request)
        return self._listing(
            request,
            entries,
            lambda *entry: objects.invoice_object(*entry, root),
            "Nenhum resultado encontrado.",
        )

    async def _invoice(self, request: Request) -> Response:
        entry = self._entry(request.path_params["id"])
        if entry is None:
            return _refuse(404, "Cobrança não encontrada.")
        return JSONResponse({"success": True, "data": objects.invoice_object(*entry, root_of(request))})

    def _listing(
        self, request: Request, items: Sequence[tuple[Any, ...]], render: Callable[..., objects.Json], nothing: str
    ) -> Response:
        try:
            limit, offset = (
                int(request.query_params.get(name, given)) for name, given in (("limit", 20), ("offset", 0))
            )
        except ValueError:
            return _refuse(400, "Parâmetros inválidos.")
        page = items[offset : offset + min(limit, self._largest_page)]
        if not page:
            way = objects.turn(str(request.query_params), 3)
            if way:
                return _refuse(404 if way == 1 else 200, nothing)
        return JSONResponse({"success": True, "data": [render(*item) for item in page]})

    async def _pdf(self, request: Request) -> Response:
        entry = self._entry(request.path_params["id"])
        return pdf_answer(entry[2] if entry else None, entry[1].name if entry else "")

    async def _page(self, request: Request) -> Response:
        entry = self._entry(request.path_params["id"])
        return page_answer(entry[2] if entry else None)


def _refuse(status: int, message: str) -> Response:
    return JSONResponse({"success": False, "message": message}, status)
