"""MK-AUTH on a provider's own server, as its adapter meets it: routes, shapes, sentences and quirks.

Mounted at `/mk_auth`: the API is `/mk_auth/api`, the public payment page `/mk_auth/boleto/21boleto.php?titulo=…`.

Versions differ, and nobody says how; `Version` turns what is known of it on and off.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sandbox.faults import ordered
from sandbox.ledger import Charge, Issuer, Persona, Registration, State, digits
from sandbox.pages import page_answer
from sandbox.personas import personas
from segunda_via.boletos import linha_digitavel

CLIENT_ID = "Client_Id_segunda_via"
CLIENT_SECRET = "Client_Secret_000segundavia"
ISSUER = Issuer("748", "PROVEDOR TESTE", "FORTALEZA", "pix.sicredi.com.br/qr/v2/cobv")

JWT_LASTS = 600
"""Seconds."""


@dataclass(frozen=True)
class Version:
    """`one_login`: a document answers for its first login alone. `older`: no title routes, `cliente/show` instead, and
    of every customer one title only. `refuses_in_words`: a session that is over is told by a sentence with status 200.
    `clients`: whether the API user may list customers.
    """

    one_login: bool = False
    older: bool = False
    refuses_in_words: bool = False
    clients: bool = True


class MkAuthSimulator:
    """One MK-AUTH server on `today()`; a `faults.Simulator`."""

    name = "mk_auth"
    issuer = ISSUER
    api = "/api"

    def __init__(self, today: Callable[[], date], version: Version = Version()) -> None:
        self.version = version
        self.jwt_lasts = JWT_LASTS
        self._today = today
        self._generation = 0
        self._books: tuple[date, Books] | None = None
        self.app: ASGIApp = Starlette(
            routes=[
                Route("/api/", self._sign_in),
                Route("/api/titulo/{listing}/{key}", self._titles),
                Route("/api/cliente/listar/{filters}", self._clients),
                Route("/api/cliente/show/{key}", self._client),
                Route("/boleto/21boleto.php", self._page),
            ]
        )

    def credentials(self, root: str) -> dict[str, str]:
        return {
            "profile": self.name,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "base_url": f"{root}{self.api}",
        }

    def end_sessions(self) -> None:
        """What a restart of the server does to every JWT."""
        self._generation += 1

    def document_of(self, path: str, query: dict[str, str], body: bytes) -> str | None:
        key = path.rsplit("/", 1)[-1].rpartition("=")[2]
        return self._open_books().document_by_key.get(key, key or None)

    def fault_of(self, document: str) -> str | None:
        return self._open_books().faults.get(document)

    def refusal(self, status: int) -> Response:
        if status == 401:
            return PlainTextResponse("JWT invalido", 401)
        return HTMLResponse(f"<html><body><h1>{status}</h1>Apache/2.4 (Debian)</body></html>", status)

    def _open_books(self) -> Books:
        today = self._today()
        if self._books is None or self._books[0] != today:
            self._books = (today, Books(personas(today, ISSUER)))
        return self._books[1]

    async def _sign_in(self, request: Request) -> Response:
        given = request.headers.get("authorization", "")
        expected = "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if not hmac.compare_digest(given, expected):
            return self.refusal(401)
        now = int(time.time())
        return HTMLResponse(self._jwt({"iat": now, "exp": now + self.jwt_lasts}))

    def _jwt(self, claims: dict[str, int]) -> str:
        head = ".".join(_segment(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "HS256"}, claims))
        secret = f"segunda via {self._generation}".encode()
        return f"{head}.{_segment(hmac.digest(secret, head.encode(), 'sha256'))}"

    def _refused(self, request: Request) -> Response | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
            valid = token == self._jwt(claims) and claims["exp"] > time.time()
        except (ValueError, LookupError, TypeError):
            valid = False
        if valid:
            return None
        return PlainTextResponse("JWT invalido") if self.version.refuses_in_words else self.refusal(401)

    async def _titles(self, request: Request) -> Response:
        listing, key = request.path_params["listing"], request.path_params["key"]
        if self.version.older or listing not in {"vencido", "aberto", "titulos"}:
            return self.refusal(404)
        refused = self._refused(request)
        if refused:
            return refused
        today, books = self._today(), self._open_books()
        entries = books.under(key, one_login=self.version.one_login)
        entries = [entry for entry in entries if listing in {"titulos", status_of(entry.charge, today)}]
        if ordered(request.scope, "unfiltered"):
            entries = books.entries
        elif ordered(request.scope, "foreign_invoice"):
            entries = [next(entry for entry in books.entries if entry.persona.document != key), *entries]
        if not entries:
            return _nothing_found()
        return JSONResponse({"total": str(len(entries)), "titulos": [_title(entry, today) for entry in entries]})

    async def _clients(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused:
            return refused
        if not self.version.clients:
            return self.refusal(403)
        wanted = parse_qs(request.path_params["filters"]).get("cpf_cnpj", [""])[0]
        owners = [
            (persona, record)
            for persona, record in self._open_books().customers
            if persona.document == wanted or ordered(request.scope, "unfiltered")
        ]
        if not owners:
            return _nothing_found()
        clients = [
            {
                "uuid_cliente": uuid(f"client {record.key}"),
                "login": login(record),
                "nome": record.name,
                "cpf_cnpj": persona.document,
                "bloqueado": "nao",
                "cli_ativado": "s",
            }
            for persona, record in owners
        ]
        return JSONResponse({"total_registros": len(clients), "clientes": clients})

    async def _client(self, request: Request) -> Response:
        """The older shape: one title, as an object, in an object of one customer."""
        refused = self._refused(request)
        if refused:
            return refused
        key, today = request.path_params["key"], self._today()
        books = self._open_books()
        if key not in books.document_by_key:
            return PlainTextResponse("NULL")
        entries = [e for e in books.under(key, one_login=True) if status_of(e.charge, today) in {"vencido", "aberto"}]
        oldest = min(entries, key=lambda entry: entry.charge.due_date, default=None)
        return JSONResponse({"dados_cliente": {"titulos": _older_title(oldest, today) if oldest else None}})

    async def _page(self, request: Request) -> Response:
        entry = self._open_books().by_number.get(request.query_params.get("titulo", ""))
        return page_answer(entry.charge if entry else None)


@dataclass(frozen=True)
class Entry:
    """A charge, and whose it is."""

    persona: Persona
    record: Registration
    charge: Charge


class Books:
    """Everything of one day. Deleted customer records are gone from MK-AUTH's database."""

    def __init__(self, cast: Iterable[Persona]) -> None:
        cast = list(cast)
        self.faults = {persona.document: persona.fault for persona in cast if persona.fault}
        self.customers = [(p, record) for p in cast for record in p.registrations if not record.deleted]
        self.entries = [Entry(p, record, charge) for p, record in self.customers for charge in record.charges]
        self.by_number = {entry.charge.number: entry for entry in self.entries}
        self.document_by_key = {key: p.document for p, record in self.customers for key in (p.document, login(record))}

    def under(self, key: str, *, one_login: bool) -> list[Entry]:
        """The charges under a document or a login; for a document, perhaps those of its first login alone."""
        logins = [login(record) for persona, record in self.customers if key in {persona.document, login(record)}]
        return [entry for entry in self.entries if login(entry.record) in (logins[:1] if one_login else logins)]


def login(record: Registration) -> str:
    return f"cliente.{digits(f'login {record.key}', 6)}@fibra"


def uuid(seed: str) -> str:
    digest = hashlib.sha256(seed.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def status_of(charge: Charge, today: date) -> str:
    """Overdue from the day after the due date on, weekend or not."""
    if charge.state in {State.PAID, State.REMOVED}:
        return "pago" if charge.state is State.PAID else "cancelado"
    return "vencido" if charge.due_date < today else "aberto"


def _title(entry: Entry, today: date) -> dict[str, object]:
    charge = entry.charge
    return {
        "titulo": charge.number,
        "uuid": uuid(charge.key),
        "uuid_lanc": uuid(f"lanc {charge.key}"),
        "login": login(entry.record),
        "nome": entry.record.name,
        "cpf_cnpj": entry.persona.document,
        "valor": _money(charge),
        "datavenc": f"{charge.due_date.isoformat()} 00:00:00",
        "status": status_of(charge, today),
        "tipo": charge.description.lower(),
        "referencia": f"{charge.due_date:%m/%Y}",
        "nossonum": charge.nosso_numero if charge.has_slip else "",
        "linhadig": _line(charge),
        "pix": charge.pix,
        "pix_link": None,
        "pix_qr": None,
        "url": None,
    }


def _older_title(entry: Entry, today: date) -> dict[str, object]:
    charge = entry.charge
    return {
        "nome": entry.record.name,
        "cpf_cnpj": entry.persona.document,
        "valor": _money(charge),
        "bloqueado": "nao",
        "uuid_cliente": uuid(f"client {entry.record.key}"),
        "qrcode": charge.pix,
        "linhadig": _line(charge),
        "referencia": f"{charge.due_date:%m/%Y}",
        "status": status_of(charge, today),
        "datavenc": f"{charge.due_date.isoformat()} 00:00:00",
        "descricao": charge.description,
        "titulo": charge.number,
    }


def _line(charge: Charge) -> str:
    """Printed by some banks' modules with dots and spaces, by others without; by the own carnê's not at all."""
    if charge.linha_digitavel is None:
        return ""
    return linha_digitavel.format(charge.linha_digitavel) if int(charge.number) % 2 else charge.linha_digitavel


def _money(charge: Charge) -> str:
    return f"{charge.amount:.2f}"


def _nothing_found() -> Response:
    return JSONResponse({"mensagem": "Registro não encontrado"})


def _segment(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")
