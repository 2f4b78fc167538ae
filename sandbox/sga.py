"""SGA (Hinova), API v2, as its adapter meets it: two tokens, one session at a time, 406 for whatever it does not do.

Mounted at `/sga`, so that an adapter's `base_url` is `http://<host>:<port>/sga/api/sga/v2`. Public pages beside the
API: `/boleto/<number>.pdf` and `/s/<number>` (the short link).
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime
from urllib.parse import unquote

import qrcode
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sandbox import sga_objects as objects
from sandbox.faults import ordered
from sandbox.ledger import Charge, Issuer, Persona, Registration, digits
from sandbox.pages import page_answer, pdf_answer, root_of
from sandbox.personas import personas
from segunda_via.boletos import documents

API_TOKEN = digits("sga api token", 40)
USER, PASSWORD = "segundavia", "senha-de-teste"
USER_TOKEN = digits("sga kept token_usuario", 40)
"""A `token_usuario` that somebody keeps and pastes alone; signing in does not end it."""
ISSUER = Issuer("756", "ASSOCIACAO TESTE", "GOIANIA", "pix.sicoob.com.br/qr/payload/v2/cobv")

Entry = tuple[Persona, Registration, Charge]
Handler = Callable[[Request], Awaitable[Response]]


class SgaSimulator:
    """One association's SGA on `today()`; a `faults.Simulator`.

    `only_as_written`: it finds documents only by their punctuation. `forbidden`: the routes that its token may not use.
    `page`: the most rows of a listing; beyond it, an envelope tells the total. `repeats_owner`: whether listed boletos
    say whose they are.
    """

    name = "sga"
    api = "/api/sga/v2"
    issuer = ISSUER

    def __init__(
        self,
        today: Callable[[], date],
        *,
        only_as_written: bool = False,
        forbidden: Iterable[str] = (),
        page: int = 3000,
        repeats_owner: bool = True,
    ) -> None:
        self._today = today
        self._only_as_written = only_as_written
        self._forbidden = frozenset(forbidden)
        self._page = page
        self._repeats_owner = repeats_owner
        self._cast: tuple[date, tuple[Persona, ...]] | None = None
        self._session: str | None = None
        self.sign_ins = 0
        routes: dict[str, tuple[str, Handler]] = {
            "/associado/buscar/{written:path}/cpf": ("GET", self._associate),
            "/listar/boleto": ("POST", self._boletos),
            "/listar/boleto-associado-veiculo": ("POST", self._updated),
            "/listar/situacao-boleto/todos": ("GET", self._situations),
            "/buscar/boleto/{number}": ("GET", self._boleto),
        }
        self.app: ASGIApp = Starlette(
            routes=[
                Route(f"{self.api}/usuario/autenticar", self._sign_in, methods=["POST"]),
                *(
                    Route(self.api + path, self._admit(path, handler), methods=[method])
                    for path, (method, handler) in routes.items()
                ),
                Route("/boleto/{number}.pdf", self._pdf),
                Route("/s/{number}", self._short_link),
            ]
        )

    def credentials(self, root: str) -> dict[str, str]:
        return {"token": API_TOKEN, "usuario": USER, "senha": PASSWORD, "base_url": f"{root}{self.api}"}

    def sign_out(self) -> None:
        """End the session, as another sign-in elsewhere does."""
        self._session = None

    def document_of(self, path: str, query: dict[str, str], body: bytes) -> str | None:
        if "/associado/buscar/" in path:
            return documents.compact(unquote(path.split("/associado/buscar/")[1].removesuffix("/cpf")))
        if "/buscar/boleto/" in path:
            entry = self._entry(path.rsplit("/", 1)[1])
            return entry[0].document if entry else None
        wanted = _object(body)
        if "cpf_associado" in wanted:
            return documents.compact(str(wanted["cpf_associado"]))
        owner = str(wanted.get("codigo_associado"))
        return next((p.document for p, record in self._records() if objects.associate_code(record) == owner), None)

    def fault_of(self, document: str) -> str | None:
        return next((persona.fault for persona in self._people() if persona.document == document), None)

    def refusal(self, status: int) -> Response:
        if status >= 500:
            return HTMLResponse("<html><body>upstream error</body></html>", status)
        if status == 404:
            return _refuse("Rota não encontrada", 404, "Não encontrado")
        if status in {401, 403}:
            return _refuse("Token de acesso inválido ou expirado", status, "Não autorizado")
        return _refuse("Limite de requisições excedido", status, "Não aceitável")

    def _people(self) -> tuple[Persona, ...]:
        today = self._today()
        if self._cast is None or self._cast[0] != today:
            self._cast = (today, personas(today, ISSUER))
        return self._cast[1]

    def _records(self) -> list[tuple[Persona, Registration]]:
        return [(p, record) for p in self._people() for record in p.registrations if not record.deleted]

    def _entries(self) -> list[Entry]:
        return [(p, record, charge) for p, record in self._records() for charge in record.charges]

    def _entry(self, number: str) -> Entry | None:
        return next((entry for entry in self._entries() if entry[2].number == number), None)

    def _admit(self, path: str, handler: Handler) -> Handler:
        async def admitted(request: Request) -> Response:
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            if not token or token not in {self._session, USER_TOKEN}:
                return self.refusal(401)
            if any(path.startswith(route) for route in self._forbidden):
                return _refuse("Rota não permitida para este token")
            return await handler(request)

        return admitted

    async def _sign_in(self, request: Request) -> Response:
        wanted = _object(await request.body())
        if request.headers.get("authorization") != f"Bearer {API_TOKEN}":
            return self.refusal(401)
        if (wanted.get("usuario"), wanted.get("senha")) != (USER, PASSWORD):
            return _refuse("Login ou senha inválido", 401, "Não autorizado")
        self.sign_ins += 1
        self._session = digits(f"sga session {self.sign_ins}", 40)  # the one before it ends here
        return _json({"mensagem": "OK", "token_usuario": self._session})

    async def _associate(self, request: Request) -> Response:
        written = request.path_params["written"]
        found = [
            objects.associate_object(persona, record)
            for persona, record in self._records()
            if ordered(request.scope, "unfiltered")
            or written == documents.format(persona.document)
            or (written == persona.document and not self._only_as_written)
        ]
        if not found:
            return _refuse("Associado não encontrado")
        return _json(objects.wrapped(found, documents.compact(written)))

    async def _boletos(self, request: Request) -> Response:
        wanted = _object(await request.body())
        if "codigo_situacao" not in wanted:
            return _refuse("O parâmetro codigo_situacao é obrigatório")
        owner = str(wanted.get("codigo_associado"))
        entries = self._entries()
        if not ordered(request.scope, "unfiltered"):
            theirs = [e for e in entries if objects.associate_code(e[1]) == owner and objects.is_open(e[2])]
            if ordered(request.scope, "foreign_invoice"):
                theirs = [next(e for e in entries if objects.associate_code(e[1]) != owner), *theirs]
            entries = theirs
        if not entries:
            return _refuse("Não foram encontrados boletos para os parâmetros enviados")
        start = int(str(wanted.get("inicio_paginacao", 0)))
        rows = [objects.listed_object(*entry) for entry in entries]
        if not self._repeats_owner:
            rows = [{k: v for k, v in row.items() if not k.endswith("_associado")} for row in rows]
        page = rows[start : start + int(str(wanted.get("quantidade_por_pagina", self._page)))]
        if len(page) < len(rows):
            return _json({"total_registros": str(len(rows)), "pagina_corrente": 1, "boletos": page})
        return _json(objects.wrapped(page, owner))

    async def _boleto(self, request: Request) -> Response:
        entry = self._entry(request.path_params["number"])
        if entry is None:
            return _refuse("Boleto não encontrado ou indisponível para consulta")
        found = objects.boleto_object(*entry, root_of(request), _image(entry[2].pix))
        return _json([found] if objects.turn(entry[2].key, 2) else found)

    async def _updated(self, request: Request) -> Response:
        wanted = _object(await request.body())
        try:
            first, last = (
                datetime.strptime(str(wanted[f"data_vencimento_{end}"]), "%d/%m/%Y").date()  # noqa: DTZ007  days have no zone
                for end in ("inicial", "final")
            )
        except (KeyError, ValueError):
            return _refuse("É necessario enviar ao menos uma data inicial e uma final")
        if (last - first).days > 90:
            return _refuse("O intervalo entre as datas deve ser de no máximo 90 dias")
        owner = documents.compact(str(wanted.get("cpf_associado")))
        entries = [
            (persona, record, charge)
            for persona, record, charge in self._entries()
            if (persona.document == owner and first <= charge.due_date <= last) or ordered(request.scope, "unfiltered")
        ]
        if not entries:
            return _refuse("Não foram encontrados boletos para os parâmetros enviados")
        today = self._today()
        return _json(objects.wrapped([objects.updated_object(*entry, today) for entry in entries], owner))

    async def _situations(self, request: Request) -> Response:
        situations: Sequence[tuple[str, str, str]] = (
            ("1", "BAIXADO", "SIM"),
            ("2", "ABERTO", "NÃO"),
            ("3", "CANCELADO", "NÃO"),
            ("999", "EXCLUÍDO", "NÃO"),
        )
        return _json(
            [{"codigo_situacaoboleto": code, "descricao": said, "pago": paid} for code, said, paid in situations]
        )

    async def _pdf(self, request: Request) -> Response:
        entry = self._entry(request.path_params["number"])
        return pdf_answer(entry[2] if entry else None, entry[1].name if entry else "")

    async def _short_link(self, request: Request) -> Response:
        entry = self._entry(request.path_params["number"])
        return page_answer(entry[2] if entry else None)


def _object(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _json(body: object, status: int = 200) -> Response:
    """As PHP writes it: every accent an escape."""
    return Response(json.dumps(body), status, media_type="application/json")


def _refuse(sentence: str, status: int = 406, heading: str = "Não aceitável") -> Response:
    return _json({"mensagem": heading, "error": [sentence]}, status)


def _image(pix: str | None) -> str | None:
    if pix is None:
        return None
    image = io.BytesIO()
    qrcode.make(pix, box_size=4).save(image)
    return base64.b64encode(image.getvalue()).decode()
