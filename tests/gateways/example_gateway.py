"""How to add a gateway, carried out: a small one that does not exist, its adapter and its simulator.

The contract suite is run with it as with the others; `docs/adding-a-gateway.md` goes through this file. An adapter
belongs into `segunda_via/gateways/`, a simulator into `sandbox/`; only an example is both, and lives with the tests.

Its API, made up: `Authorization: Bearer <token>`;
GET /v1/account                      {"name": "…", "test": true}
GET /v1/charges?document=<digits>    {"charges": [{id, number, document, payer, due_date, amount, fees, state, page}]}
GET /v1/charges/<id>/codes           {"kind": "boleto|pix|card", "line": …, "pix": …, "pdf": …}, null what it has not
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.faults import ordered
from sandbox.ledger import Charge, Issuer, Persona, Registration, State
from sandbox.pages import page_answer, pdf_answer, root_of
from sandbox.personas import personas
from segunda_via.boletos.business_days import is_overdue
from segunda_via.boletos.documents import Document
from segunda_via.boletos.invoice import Codes, Invoice, Listing, Status
from segunda_via.errors import ConfigurationError
from segunda_via.gateways.listing import listing, sort_out
from segunda_via.gateways.port import Capabilities, GatewayIdentity
from segunda_via.http.api_client import PATIENCE, ApiClient, Retries
from segunda_via.http.base_url import base_url, ca_file, link_hosts, pdf_hosts
from segunda_via.http.credentials import Credentials
from segunda_via.http.record import Record
from segunda_via.http.time_budget import time_budget

TOKEN = "example_000segundavia"
ISSUER = Issuer("077", "EMPRESA TESTE", "BELO HORIZONTE", "spi-qrcode.bancointer.com.br/spi/pj/v2")


class ExampleGateway:
    """One account, as a `Gateway`: two dependent round trips, since the document is the filter of the charges."""

    name = "example"
    capabilities = Capabilities(
        pix=True,
        qr_image=False,
        pdf=True,
        updated_amount=True,
        overdue_flag=False,
        webhook=False,
        customer_contacts=False,
    )

    def __init__(
        self, credentials: Credentials, client: httpx.AsyncClient, *, budget: float = 8.0, retries: Retries = PATIENCE
    ) -> None:
        token = credentials.get("token", "").strip()
        if not token:
            raise ConfigurationError("token deve ser o que o painel do exemplo mostra.")
        root = base_url(credentials, default="https://api.example.com")
        self.link_hosts = frozenset({"api.example.com"}) | link_hosts(credentials)
        self.pdf_hosts = frozenset({"api.example.com"}) | pdf_hosts(credentials)
        self._budget = budget
        self._http = ApiClient(
            client,
            gateway=self.name,
            base_url=root,
            headers={"Authorization": f"Bearer {token}"},
            ca_file=ca_file(credentials),
            retries=retries,
        )

    async def open_invoices(self, document: Document, today: date) -> Listing:
        async with time_budget(self._budget, gateway=self.name):
            # The label stands for the call in logs and exceptions: the URL carries the document.
            answer = await self._http.get("/v1/charges", label="charges", params={"document": document.value})
        # One that cannot be read is noted, and keeps no other from being listed.
        invoices, unreadable = await sort_out(
            Record(self.name, answer.json(), "charges").records("charges"),
            lambda charge: self._invoice(charge, document, today),
            key=lambda charge: charge.any_identifier("id"),
            due="due_date",
        )
        return listing(invoices, unreadable)

    async def with_codes(self, invoice: Invoice, document: Document, today: date) -> Invoice:
        async with time_budget(self._budget, gateway=self.name):
            answer = await self._http.get(f"/v1/charges/{invoice.gateway_id}/codes", label="codes")
        record = Record(self.name, answer.json(), "codes")
        # As they are: judging codes is `checks`'s work.
        codes = Codes(linha_digitavel=record.optional_text("line"), pix=record.optional_text("pix", limit=1000))
        registering = record.text("kind") == "boleto" and not codes
        return replace(
            invoice,
            codes=codes,
            status=Status.REGISTERING if registering else Status.OPEN,
            pdf_url=record.url("pdf"),
        )

    async def check(self) -> GatewayIdentity:
        async with time_budget(self._budget, gateway=self.name):
            answer = await self._http.get("/v1/account", label="account")
        account = Record(self.name, answer.json(), "account")
        return GatewayIdentity(account.name("name"), "sandbox" if account.flag("test") else "production")

    @staticmethod
    def _invoice(charge: Record, document: Document, today: date) -> Invoice | None:
        # Whose it is, and whether it is open, is asked again here: a filter may be ignored.
        if charge.text("document") != document.value or not charge.one_of("state", {"open"}, {"paid", "removed"}):
            return None
        amount, due_date = charge.amount_owed("amount"), charge.day("due_date")
        fees = charge.optional_money("fees")
        return Invoice(
            gateway_id=charge.identifier("id"),
            number=charge.shown("number") or charge.identifier("id"),
            due_date=due_date,
            amount=amount,
            updated_amount=amount + fees if fees and is_overdue(due_date, today) else None,
            payment_url=charge.url("page"),
            payer=charge.name("payer"),
        )


class ExampleSimulator:
    """The account of the adapter above on `today()`; a `sandbox.faults.Simulator`."""

    name = "example"
    api = "/v1"
    issuer = ISSUER

    def __init__(self, today: Callable[[], date]) -> None:
        self._today = today
        self.app = Starlette(
            routes=[
                Route("/v1/account", self._account),
                Route("/v1/charges", self._charges),
                Route("/v1/charges/{key}/codes", self._codes),
                Route("/pdf/{key}", self._pdf),
                Route("/page/{key}", self._page),
            ]
        )

    def credentials(self, root: str) -> dict[str, str]:
        return {"token": TOKEN, "base_url": root}

    def document_of(self, path: str, query: dict[str, str], body: bytes) -> str | None:
        named = (owner.document for owner, _, charge in self._entries() if f"/{charge.number}/" in path)
        return query.get("document") or next(named, None)

    def fault_of(self, document: str) -> str | None:
        return next((p.fault for p in personas(self._today(), ISSUER) if p.document == document), None)

    def refusal(self, status: int) -> Response:
        return JSONResponse({"error": status}, status)

    def _entries(self) -> Iterable[tuple[Persona, Registration, Charge]]:
        return [
            (persona, record, charge)
            for persona in personas(self._today(), ISSUER)
            for record in persona.registrations
            for charge in record.charges
            if not record.deleted
        ]

    def _entry(self, request: Request) -> tuple[Persona, Registration, Charge] | None:
        key = request.path_params["key"]
        return next((entry for entry in self._entries() if entry[2].number == key), None)

    async def _account(self, request: Request) -> Response:
        return self._refused(request) or JSONResponse({"name": "Empresa Teste", "test": True})

    async def _charges(self, request: Request) -> Response:
        wanted = request.query_params.get("document")
        entries = list(self._entries())
        if not ordered(request.scope, "unfiltered"):
            strangers = [entry for entry in entries if entry[0].document != wanted]
            entries = [entry for entry in entries if entry[0].document == wanted]
            entries += strangers[:1] if ordered(request.scope, "foreign_invoice") else []
        listed = [_charge(persona, record, charge, root_of(request)) for persona, record, charge in entries]
        return self._refused(request) or JSONResponse({"charges": listed})

    async def _codes(self, request: Request) -> Response:
        entry = self._entry(request)
        if entry is None:
            return self.refusal(404)
        charge = entry[2]
        codes = {
            "kind": "boleto" if charge.has_slip else charge.method.value,
            "line": charge.linha_digitavel,
            "pix": charge.pix,
            "pdf": f"{root_of(request)}/pdf/{charge.number}" if charge.has_slip else None,
        }
        return self._refused(request) or JSONResponse(codes)

    async def _pdf(self, request: Request) -> Response:
        entry = self._entry(request)
        return pdf_answer(entry[2], entry[1].name) if entry else pdf_answer(None, "")

    async def _page(self, request: Request) -> Response:
        entry = self._entry(request)
        return page_answer(entry[2] if entry else None)

    def _refused(self, request: Request) -> Response | None:
        return None if request.headers.get("authorization") == f"Bearer {TOKEN}" else self.refusal(401)


def _charge(persona: Persona, record: Registration, charge: Charge, root: str) -> dict[str, object]:
    return {
        "id": charge.number,
        "number": charge.number,
        "document": persona.document,
        "payer": record.name,
        "due_date": charge.due_date.isoformat(),
        "amount": float(charge.amount),
        "fees": float(charge.interest) if charge.interest else None,
        "state": "open" if charge.state in {State.OPEN, State.DUNNING} else charge.state.value,
        "page": f"{root}/page/{charge.number}",
    }
