"""SGA (Hinova), API v2. Credentials: `{token}` or `{token, usuario, senha}`, and `base_url`, `ca_file`, `allow_http`,
`link_hosts`, `pdf_hosts` where needed.

From a document to all codes in three dependent round trips: the associates with that document, asked for with and
without its punctuation at once; then the open boletos of each, of all times; then the chosen one's codes, and beside
them the listing that works out its fine and interest. That listing wants a window of dates, and associations have been
blocked for asking for many of them, so only that one is ever asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Coroutine
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
from segunda_via.errors import GatewayError, GatewayProtocolError
from segunda_via.gateways.listing import listing, sort_out
from segunda_via.gateways.port import GatewayIdentity
from segunda_via.gateways.sga import reading
from segunda_via.gateways.sga.api import SgaApi, refusal, refused, rows_of
from segunda_via.gateways.sga.description import DESCRIPTION, PRODUCTION
from segunda_via.gateways.sga.reading import SgaRefusal
from segunda_via.http.api_client import PATIENCE, Retries
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.base_url import host_of, link_hosts, pdf_hosts
from segunda_via.http.credentials import Credentials
from segunda_via.http.gather import gather
from segunda_via.http.record import Record
from segunda_via.http.time_budget import time_budget
from segunda_via.urls import is_loopback

A = TypeVar("A")
B = TypeVar("B")

_NOBODY = "999999999"
"""The associate whose boletos are asked for when a document has none. Not 0: PHP takes that for no filter at all."""

_MOST = 5000  # boletos of one associate; more is a listing that never ends
_WINDOW = timedelta(days=30)
"""Around the due date, each way; SGA refuses more than 90 days."""

_FOR_THE_UPDATED_AMOUNT = 3.0
"""Seconds. A delivery is as good without it, but for a note that fine and interest are added."""


class Sga:
    """One association's SGA, as a `Gateway`."""

    name = DESCRIPTION.name

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
        self._budget = budget
        self._api = SgaApi(credentials, client, sessions or ApiSessions(), retries)
        self.link_hosts = DESCRIPTION.hosts | link_hosts(credentials)
        self.pdf_hosts = DESCRIPTION.hosts | pdf_hosts(credentials)

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
            answer = await self._api.get("/listar/situacao-boleto/todos", "situations")
            if answer.status == 406 and refusal(answer) is SgaRefusal.ROUTE:
                await self._open_boletos(_NOBODY)  # a route that it cannot do without
            elif not answer.ok:
                raise refused(answer)
        if is_loopback(self._api.host):
            return GatewayIdentity(None, "sandbox")
        return GatewayIdentity(None, "production" if self._api.host == host_of(PRODUCTION) else "self-hosted")

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
        answer = await self._api.get(f"/associado/buscar/{quote(written, safe='')}/cpf", "associate", accept)
        return rows_of(answer, "associate") if answer.ok or answer.status == 406 else []

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
        answer = await self._api.post("/listar/boleto", "boletos", wanted)
        found = rows_of(answer, "boletos")
        most = reading.total(answer.json()) if answer.ok else 0
        if len(found) < most <= _MOST:
            # From the last row that is there: whether SGA counts from 0 or from 1 depends on the listing.
            wanted |= {"inicio_paginacao": len(found), "quantidade_por_pagina": most}
            found += rows_of(await self._api.post("/listar/boleto", "boletos", wanted), "boletos")
        if len({row.any_identifier("nosso_numero") or id(row) for row in found}) < most:
            raise GatewayProtocolError(self.name, "more rows than it gives", "boletos.total_registros")
        return found

    async def _boleto(self, invoice: Invoice, document: Document) -> Record | None:
        answer = await self._api.get(f"/buscar/boleto/{invoice.gateway_id}", "boleto")
        rows = rows_of(answer, "boleto")
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
                answer = await self._api.post("/listar/boleto-associado-veiculo", "updated amount", wanted)
            rows = rows_of(answer, "updated amount")
            found = [row for row in rows if row.any_identifier("nosso_numero") == invoice.gateway_id]
            theirs = [row for row in found if reading.belongs_to(row, document) is not False]
            return reading.updated_amount(theirs[0]) if theirs else None
        except GatewayError:
            return None


async def _both(first: Coroutine[Any, Any, A], second: Coroutine[Any, Any, B]) -> tuple[A, B]:
    results: list[Any] = await gather(first, second)
    return results[0], results[1]


async def _none() -> None:
    return None
