"""MK Solutions on a provider's own server, as its adapter meets it: the WS*.rule API, refusals and quirks.

Mounted at `/mk_solutions`: the API is `/mk_solutions/mk/WS….rule`, the slips are PDFs in `/mk_solutions/mk/boletos`.

Answers are ISO-8859-1, with some texts in UTF-8 among them. Pending invoices have their due date in either writing, and
the first is listed twice. A listing without its filter gives the whole base, each row with its owner's code.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from sandbox.faults import ordered
from sandbox.ledger import Charge, Issuer, Persona, Registration, State, digits
from sandbox.pages import pdf_answer, root_of
from sandbox.personas import personas
from segunda_via.clock import SAO_PAULO

TOKEN = "0f1e2d3c4b5a0000segundavia"
PASSWORD = "contrasenha000segundavia"
SERVICES = "9999"
ISSUER = Issuer("756", "PROVEDOR MK TESTE", "SAO JOSE", "pix.sicoob.com.br/qr/payload/v2/cobv")

SESSION_LASTS = 48 * 3600
"""Seconds."""


class MkSolutionsSimulator:
    """One MK Solutions server on `today()`; a `faults.Simulator`."""

    name = "mk_solutions"
    issuer = ISSUER
    api = "/mk/WS"

    def __init__(self, today: Callable[[], date]) -> None:
        self.session_lasts = SESSION_LASTS
        self.uses = 0
        """How many calls a session is good for; 0 for any number."""
        self._today = today
        self._sessions: dict[str, float] = {}
        self._books: tuple[date, Books] | None = None
        self._rules: dict[str, Callable[[Request, Books], Response]] = {
            "WSMKConsultaDoc": self._by_document,
            "WSMKFaturasPendentes": self._pending,
            "WSMKSegundaViaCobranca": self._slip,
            "WSMKLDViaSMS": self._line,
            "WSMKRetornarCopieColaPix": self._pix,
        }
        self.app: ASGIApp = Starlette(
            routes=[
                Route("/mk/WSAutenticacao.rule", self._sign_in, methods=["GET", "POST"]),
                Route("/mk/boletos/{slug}.pdf", self._pdf),
                Route("/mk/{rule}.rule", self._rule, methods=["GET", "POST"]),
            ]
        )

    def credentials(self, root: str) -> dict[str, str]:
        return {
            "profile": self.name,
            "token": TOKEN,
            "password": PASSWORD,
            "cd_servico": SERVICES,
            "base_url": f"{root}/mk",
        }

    def end_sessions(self) -> None:
        """What happens at night."""
        self._sessions.clear()

    def document_of(self, path: str, query: dict[str, str], body: bytes) -> str | None:
        books = self._open_books()
        if "doc" in query:
            return query["doc"]
        if "cd_cliente" in query:
            return books.document_by_code.get(query["cd_cliente"])
        entry = books.by_number.get(query.get("cd_fatura") or query.get("CodigoFatura") or "")
        return entry.persona.document if entry else None

    def fault_of(self, document: str) -> str | None:
        return self._open_books().faults.get(document)

    def refusal(self, status: int) -> Response:
        return HTMLResponse(f"<html><head><title>Apache Tomcat</title></head><body>HTTP {status}</body></html>", status)

    def _open_books(self) -> Books:
        today = self._today()
        if self._books is None or self._books[0] != today:
            self._books = (today, Books(personas(today, ISSUER)))
        return self._books[1]

    async def _sign_in(self, request: Request) -> Response:
        query = request.query_params
        if query.get("token") != TOKEN or query.get("password") != PASSWORD:
            return _error(request, "001", "Token inválido.")
        if query.get("cd_servico") != SERVICES:
            return _error(request, "001", "Serviço não autorizado para o token.")
        token = secrets.token_hex(16)
        self._sessions[token] = time.time() + self.session_lasts
        expire = datetime.now(SAO_PAULO) + timedelta(seconds=self.session_lasts)
        return _answer(
            request,
            {
                "Expire": f"{expire:%d/%m/%Y %H:%M:%S}",
                "LimiteUso": self.uses,
                "ServicosAutorizados": [int(SERVICES)],
                "Token": token,
                "status": "OK",
            },
        )

    async def _rule(self, request: Request) -> Response:
        rule = self._rules.get(request.path_params["rule"])
        if rule is None or request.query_params.get("sys") != "MK0":
            return self.refusal(404)
        if self._sessions.get(request.query_params.get("token", ""), 0.0) <= time.time():
            return _error(request, "999", "Token expirado ou não localizado.")
        return rule(request, self._open_books())

    def _by_document(self, request: Request, books: Books) -> Response:
        wanted = request.query_params.get("doc", "")
        found = [record for persona, record in books.customers if persona.document == wanted]
        if not found:
            return _error(request, "003", "Nenhum cadastro encontrado para o documento informado.")
        first, *others = (_registration(record) for record in found)
        return _answer(request, {**first, "Outros": others, "status": "OK"})

    def _pending(self, request: Request, books: Books) -> Response:
        code = request.query_params.get("cd_cliente", "")
        known = code in books.document_by_code
        entries = [e for e in books.entries if code_of(e.record) == code and e.charge.state in _PENDING]
        owners: list[Entry] = []
        if ordered(request.scope, "unfiltered") or not code:
            entries, owners = [], [entry for entry in books.entries if entry.charge.state in _PENDING]
        elif ordered(request.scope, "foreign_invoice"):
            owners = [next(entry for entry in books.entries if code_of(entry.record) != code)]
        elif not known:
            return _error(request, "003", "Cliente não localizado.")
        rows = [_invoice(entry.charge) for entry in entries]
        rows += [{**_invoice(entry.charge), "codpessoa": int(code_of(entry.record))} for entry in owners]
        return _answer(request, {"FaturasPendentes": rows[:1] + rows, "status": "OK"})

    def _slip(self, request: Request, books: Books) -> Response:
        entry = self._invoice(request, books, "cd_fatura")
        if not isinstance(entry, Entry):
            return entry
        charge = entry.charge
        if not charge.has_slip:
            return _error(request, "003", "Fatura sem boleto.")
        owed = charge.amount + (charge.interest or 0)
        return _answer(
            request,
            {
                "CodigoPessoa": int(code_of(entry.record)),
                "Fatura": charge.number,
                "PathDownload": f"{root_of(request)}/mk/boletos/{slug_of(charge)}.pdf",
                "Valor": f"R$ {_brazilian(owed)}",
                "Vcto": f"{charge.due_date:%d/%m/%Y}",
                "status": "OK",
            },
        )

    def _line(self, request: Request, books: Books) -> Response:
        entry = self._invoice(request, books, "cd_fatura")
        if not isinstance(entry, Entry):
            return entry
        charge = entry.charge
        if charge.linha_digitavel is None:
            return _answer(request, {"DadosFatura": [], "status": "OK"})
        row = {
            "celular": "62900000000",
            "codfatura": int(charge.number),
            "codigopessoa": int(code_of(entry.record)),
            "data_vencimento": f"{charge.due_date:%d/%m/%Y}",
            "descricao": charge.description,
            "ld": charge.linha_digitavel,
            "nome": entry.record.name,
            "situacao": "Aberta",
            "valor_nominal": float(charge.amount),
        }
        return _answer(request, {"DadosFatura": [row], "status": "OK"})

    def _pix(self, request: Request, books: Books) -> Response:
        entry = self._invoice(request, books, "CodigoFatura")
        if not isinstance(entry, Entry):
            return entry
        if entry.charge.pix is None:
            body = {"codigo_erro": "004", "mensagem": "Fatura não possui QR Code Pix.", "status": "ERRO"}
            return _answer(request, body)
        return _answer(
            request,
            {
                "codpessoa": int(code_of(entry.record)),
                "nome_razaosocial": entry.record.name,
                "status_contrato": "Ativo",
                "texto_qrcode": entry.charge.pix,
            },
        )

    def _invoice(self, request: Request, books: Books, parameter: str) -> Entry | Response:
        number = request.query_params.get(parameter, "")
        if "," in number:  # one invoice a call
            return self.refusal(500)
        return books.by_number.get(number) or _error(request, "003", "Fatura não localizada.")

    async def _pdf(self, request: Request) -> Response:
        entry = self._open_books().by_slug.get(request.path_params["slug"])
        return pdf_answer(entry.charge, entry.record.name) if entry else pdf_answer(None, "")


_PENDING = {State.OPEN, State.DUNNING}


@dataclass(frozen=True)
class Entry:
    """A charge, and whose it is."""

    persona: Persona
    record: Registration
    charge: Charge


class Books:
    """Everything of one day. A deleted registration cannot be found by its document."""

    def __init__(self, cast: tuple[Persona, ...]) -> None:
        self.faults = {persona.document: persona.fault for persona in cast if persona.fault}
        self.customers = [(p, record) for p in cast for record in p.registrations if not record.deleted]
        self.entries = [Entry(p, record, charge) for p, record in self.customers for charge in record.charges]
        self.by_number = {entry.charge.number: entry for entry in self.entries}
        self.by_slug = {slug_of(entry.charge): entry for entry in self.entries}
        self.document_by_code = {code_of(record): persona.document for persona, record in self.customers}


def code_of(record: Registration) -> str:
    return digits(f"pessoa {record.key}", 6)


def slug_of(charge: Charge) -> str:
    return digits(f"boleto {charge.key}", 16)


def _registration(record: Registration) -> dict[str, object]:
    return {
        "CodigoPessoa": int(code_of(record)),
        "Nome": record.name,
        "Email": "cliente@example.com",
        "Fone": "62900000000",
        "Endereco": "RUA SÃO JOÃO, 1",
        "Bairro": _stray_utf_8("JARDIM GOIÁS"),
        "CEP": "74000000",
        "Latitude": "",
        "Longitude": "",
        "Situacao": "Ativo",
    }


def _invoice(charge: Charge) -> dict[str, object]:
    brazilian = int(charge.number) % 2
    return {
        "codfatura": int(charge.number),
        "data_vencimento": f"{charge.due_date:%d/%m/%Y}" if brazilian else charge.due_date.isoformat(),
        "descricao": charge.description,
        "valor": float(charge.amount),
    }


def _error(request: Request, code: str, sentence: str) -> Response:
    return _answer(request, {"Mensagem": sentence, "Num. ERRO": code, "status": "ERRO"})


def _answer(request: Request, body: dict[str, object]) -> Response:
    content = json.dumps(body, ensure_ascii=_is_spoiled(request.scope)).encode("latin-1")
    return Response(content, media_type="application/json; charset=ISO-8859-1")


def _is_spoiled(scope: Scope) -> bool:
    # What spoils an answer reads it first, as the JSON that the standard knows.
    return bool(scope.get("sandbox.faults"))


def _stray_utf_8(text: str) -> str:
    """A text that comes out in UTF-8 once all is written in ISO-8859-1."""
    return text.encode("utf-8").decode("latin-1")


def _brazilian(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
