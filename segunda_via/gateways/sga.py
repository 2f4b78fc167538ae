"""SGA (Hinova), API v2. Credentials: `{token}` or `{token, usuario, senha}`, and `base_url`, `ca_file`, `allow_http`,
`link_hosts`, `pdf_hosts` where needed.

With `usuario` and `senha`, `token` is the API token, and what is used is the `token_usuario` that signing in gives.
Each sign-in ends the session before it, so the `token_usuario` is shared by all processes (see `session`). Alone,
`token` is used as it is: a `token_usuario` that somebody keeps, or an API token that is let in without a user.

From a document to all codes in three dependent round trips: the associates with that document, asked for with and
without its punctuation at once; then the open boletos of each, of all times; then the chosen one's codes, and beside
them the listing that works out its fine and interest. That listing wants a window of dates, and associations have been
blocked for asking for many of them, so only that one is ever asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from segunda_via.boletos import documents
from segunda_via.boletos.business_days import is_overdue
from segunda_via.boletos.documents import Document
from segunda_via.boletos.invoice import Codes, Invoice, Listing, Status, Unreadable
from segunda_via.errors import ConfigurationError, GatewayError, GatewayProtocolError, TokenRejected
from segunda_via.gateways import sga_reading as reading
from segunda_via.gateways.listing import listing, sort_out
from segunda_via.gateways.port import Capabilities, GatewayIdentity
from segunda_via.gateways.sga_reading import SgaRefusal
from segunda_via.http.api_client import PATIENCE, ApiClient, ApiResponse, Retries
from segunda_via.http.api_sessions import ApiSession, ApiSessions, SessionKeeper, session_key
from segunda_via.http.base_url import base_url, ca_file, host_of, link_hosts, pdf_hosts
from segunda_via.http.credentials import Credentials
from segunda_via.http.gather import gather
from segunda_via.http.record import Record
from segunda_via.http.time_budget import time_budget
from segunda_via.urls import is_loopback

A = TypeVar("A")
B = TypeVar("B")

PRODUCTION = "https://api.hinova.com.br/api/sga/v2"

_HOSTS = frozenset({"*.hinova.com.br"})
"""Each association's SGA has its own host there. Links to a bank or a shortener are for the operator to name."""

_NOBODY = "999999999"
"""The associate whose boletos are asked for when a document has none. Not 0: PHP takes that for no filter at all."""

_MOST = 5000  # boletos of one associate; more is a listing that never ends
_WINDOW = timedelta(days=30)
"""Around the due date, each way; SGA refuses more than 90 days."""

_FOR_THE_UPDATED_AMOUNT = 3.0
"""Seconds. A delivery is as good without it, but for a note that fine and interest are added."""


class Sga:
    """One association's SGA, as a `Gateway`."""

    name = reading.GATEWAY
    capabilities = Capabilities(
        pix=True,
        qr_image=True,
        pdf=True,
        updated_amount=True,
        overdue_flag=False,
        webhook=False,
        customer_contacts=True,
    )

    def __init__(
        self,
        credentials: Credentials,
        client: httpx.AsyncClient,
        *,
        sessions: ApiSessions | None = None,
        budget: float = 8.0,
        retries: Retries = PATIENCE,
    ) -> None:
        """ConfigurationError when a credential is missing or malformed. `budget` bounds each method, in seconds."""
        self._token, self._user, self._password = (
            credentials.get(field, "").strip() for field in ("token", "usuario", "senha")
        )
        if not self._token:
            raise ConfigurationError("token deve ser o que o SGA mostra em Área do Cliente, APIs.")
        if bool(self._user) is not bool(self._password):
            raise ConfigurationError("usuario e senha devem ser preenchidos juntos, ou nenhum dos dois.")
        root = base_url(credentials, default=PRODUCTION)
        self._host = host_of(root)
        self._budget = budget
        self._http = ApiClient(
            client,
            gateway=self.name,
            base_url=root,
            headers={"Content-Type": "application/json"},  # wanted on every call, a GET too
            ca_file=ca_file(credentials),
            retries=retries,
            explain=self._explain,
        )
        key = session_key(self.name, root, self._token, self._user, self._password)
        self._keeper: SessionKeeper | None = (
            (sessions or ApiSessions()).keeper(key, self._sign_in) if self._user else None
        )
        self.link_hosts = _HOSTS | link_hosts(credentials)
        self.pdf_hosts = _HOSTS | pdf_hosts(credentials)

    async def open_invoices(self, document: Document, today: date) -> Listing:
        """See `Gateway`. Everything that is open, old or issued ahead: a listing by dates would miss either."""
        async with time_budget(self._budget, gateway=self.name):
            payers, odd = await self._payers(document)
            # Somebody unknown is asked after just the same: neither calls nor time tell them from who owes nothing.
            listings = await gather(*(self._open_boletos(code) for code in payers or (_NOBODY,)))
        invoices: list[Invoice] = []
        for code, rows in zip(payers, listings, strict=False):  # nobody's listing has no payer
            found, unreadable = await sort_out(
                rows,
                partial(reading.invoice, associate=code, payer=payers[code], document=document),
                key=lambda row: row.any_identifier("nosso_numero"),
                due="data_vencimento",
            )
            invoices += found
            odd += unreadable
        return listing(invoices, odd)

    async def with_codes(self, invoice: Invoice, document: Document, today: date) -> Invoice:
        """See `Gateway`. The updated amount is asked for only when there is one."""
        overdue = is_overdue(invoice.due_date, today)
        async with time_budget(self._budget, gateway=self.name):
            boleto, updated = await _both(
                self._boleto(invoice, document), self._updated_amount(invoice, document) if overdue else _none()
            )
        if boleto is None:
            return replace(invoice, codes=Codes(), updated_amount=updated)
        codes = reading.codes(boleto)
        status = reading.status(boleto, codes)
        if status is Status.CLOSED:  # paid since it was listed
            return replace(invoice, codes=Codes(), status=status)
        return replace(
            invoice,
            codes=codes,
            status=status,
            updated_amount=updated,
            payment_url=boleto.url("short_link", "link_boleto"),
            pdf_url=boleto.url("link_boleto"),
        )

    async def check(self) -> GatewayIdentity:
        """See `Gateway`. SGA tells no name of the association."""
        async with time_budget(self._budget, gateway=self.name):
            answer = await self._get("/listar/situacao-boleto/todos", "situations")
            if answer.status == 406 and _refusal(answer) is SgaRefusal.ROUTE:
                await self._open_boletos(_NOBODY)  # a route that it cannot do without
            elif not answer.ok:
                raise self._refused(answer)
        if is_loopback(self._host):
            return GatewayIdentity(None, "sandbox")
        return GatewayIdentity(None, "production" if self._host == host_of(PRODUCTION) else "self-hosted")

    async def _payers(self, document: Document) -> tuple[dict[str, str | None], list[Unreadable]]:
        """Associate code -> name, of every associate with that document; and a note of each that cannot be read.

        Some associations keep documents with their punctuation and find them only by it. Asking again after nothing was
        found would cost one more round trip, and tell the unknown from the known.
        """
        plain, written = await _both(
            self._associates(document.value, accept=(404, 406)), self._associates_as_written(document)
        )
        if not plain and isinstance(written, GatewayError):
            raise written
        rows = [*plain, *(written if isinstance(written, list) else ())]
        known, odd = await sort_out(rows, lambda row: reading.payer(row, document))
        return dict(known), odd

    async def _associates(self, written: str, accept: Collection[int]) -> list[Record]:
        answer = await self._get(f"/associado/buscar/{quote(written, safe='')}/cpf", "associate", accept)
        return self._rows(answer, "associate") if answer.ok or answer.status == 406 else []

    async def _associates_as_written(self, document: Document) -> list[Record] | GatewayError:
        """By 529.982.247-25. What goes wrong here matters only when the plain digits find nobody."""
        try:
            # The slash of a CNPJ, though encoded, is more than some servers let through.
            return await self._associates(documents.format(document), accept=(400, 403, 404, 406))
        except GatewayError as error:
            return error

    async def _open_boletos(self, associate: str) -> list[Record]:
        """Every row of an associate's open boletos; the rest of a long listing is asked for in one more call."""
        wanted: dict[str, object] = {"codigo_situacao": reading.OPEN, "codigo_associado": associate}
        answer = await self._post("/listar/boleto", "boletos", wanted)
        found = self._rows(answer, "boletos")
        most = reading.total(answer.json()) if answer.ok else 0
        if len(found) < most <= _MOST:
            # From the last row that is there: whether SGA counts from 0 or from 1 depends on the listing.
            wanted |= {"inicio_paginacao": len(found), "quantidade_por_pagina": most}
            found += self._rows(await self._post("/listar/boleto", "boletos", wanted), "boletos")
        if len({row.any_identifier("nosso_numero") or id(row) for row in found}) < most:
            raise GatewayProtocolError(self.name, "more rows than it gives", "boletos.total_registros")
        return found

    async def _boleto(self, invoice: Invoice, document: Document) -> Record | None:
        answer = await self._get(f"/buscar/boleto/{invoice.gateway_id}", "boleto")
        rows = self._rows(answer, "boleto")
        found = [row for row in rows if row.any_identifier("nosso_numero") == invoice.gateway_id]
        if not found and any(row.any_identifier("nosso_numero") is None for row in rows):
            raise GatewayProtocolError(self.name, "cannot be read", "boleto.nosso_numero")
        theirs = [row for row in found if reading.belongs_to(row, document) is not False]
        if found and not theirs:
            raise GatewayProtocolError(self.name, "is somebody else's", "boleto.cpf_associado")
        return theirs[0] if theirs else None

    async def _updated_amount(self, invoice: Invoice, document: Document) -> Decimal | None:
        """What the one listing that works it out says; None when that does not come in time, or is not permitted."""
        wanted = {
            "cpf_associado": document.value,
            "codigo_situacao_boleto": reading.OPEN,
            "data_vencimento_inicial": reading.brazilian(invoice.due_date - _WINDOW),
            "data_vencimento_final": reading.brazilian(invoice.due_date + _WINDOW),
        }
        try:
            async with time_budget(_FOR_THE_UPDATED_AMOUNT, gateway=self.name):
                answer = await self._post("/listar/boleto-associado-veiculo", "updated amount", wanted)
            rows = self._rows(answer, "updated amount")
            found = [row for row in rows if row.any_identifier("nosso_numero") == invoice.gateway_id]
            theirs = [row for row in found if reading.belongs_to(row, document) is not False]
            return reading.updated_amount(theirs[0]) if theirs else None
        except GatewayError:
            return None

    def _rows(self, answer: ApiResponse, where: str) -> list[Record]:
        if answer.ok:
            return reading.rows(answer.json(), where)
        if _refusal(answer) is SgaRefusal.NOTHING:
            return []
        raise self._refused(answer)

    def _refused(self, answer: ApiResponse) -> GatewayError:
        refusal = _refusal(answer)
        message = f"{answer.label}: HTTP {answer.status} ({refusal.value})"
        if refusal is SgaRefusal.ROUTE:
            return TokenRejected(self.name, message)
        return GatewayProtocolError(self.name, message)

    async def _get(self, path: str, label: str, accept: Collection[int] = (404, 406)) -> ApiResponse:
        return await self._signed_in(lambda headers: self._http.get(path, label=label, headers=headers, accept=accept))

    async def _post(self, path: str, label: str, body: object) -> ApiResponse:
        return await self._signed_in(
            lambda headers: self._http.post(
                path, label=label, body=body, only_reads=True, headers=headers, accept=(404, 406)
            )
        )

    async def _signed_in(self, ask: Callable[[Mapping[str, str]], Awaitable[ApiResponse]]) -> ApiResponse:
        async def with_token(token: str) -> ApiResponse:
            answer = await ask({"Authorization": f"Bearer {token}"})
            if answer.status == 406 and _refusal(answer) in {SgaRefusal.SESSION, SgaRefusal.HOURS}:
                raise TokenRejected(self.name, f"{answer.label}: HTTP 406 ({_refusal(answer).value})")
            return answer

        return await (with_token(self._token) if self._keeper is None else self._keeper.call(with_token))

    async def _sign_in(self) -> ApiSession:
        answer = await self._http.post(
            "/usuario/autenticar",
            label="sign-in",
            body={"usuario": self._user, "senha": self._password},
            only_reads=True,  # it may be repeated: the session of the last one counts
            headers={"Authorization": f"Bearer {self._token}"},
            accept=(400, 404, 406),
        )
        if answer.status in {400, 406}:
            raise TokenRejected(self.name, f"sign-in: HTTP {answer.status} (usuario, senha or token is wrong)")
        if not answer.ok:
            raise GatewayProtocolError(self.name, "sign-in: HTTP 404; is the base_url right?")
        return ApiSession(Record(self.name, answer.json(), "sign-in").text("token_usuario"))

    def _explain(self, status: int, body: object) -> str | None:
        refusal = reading.meaning(body)
        if refusal in {SgaRefusal.HOURS, SgaRefusal.ROUTE}:
            return str(refusal.value)
        if status == 401 and self._keeper is None:
            return "an API token needs usuario and senha beside it"
        return None


def _refusal(answer: ApiResponse) -> SgaRefusal:
    try:
        return reading.meaning(answer.json())
    except GatewayProtocolError:
        return SgaRefusal.OTHER


async def _both(first: Coroutine[Any, Any, A], second: Coroutine[Any, Any, B]) -> tuple[A, B]:
    results: list[Any] = await gather(first, second)
    return results[0], results[1]


async def _none() -> None:
    return None
