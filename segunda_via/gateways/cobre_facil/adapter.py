"""Cobre Fácil, API v1. Credentials: `{app_id, secret}`; and `base_url`, `ca_file`, `allow_http`, `link_hosts`,
`pdf_hosts` if needed.

From a document to all codes in three dependent round trips, signed in: the customer records with that document, then
their open invoices (every record and status at once), then one invoice. A listing that may have more pages costs one
more, since all of those go out together.

Whether `/invoices` honours its `customer_id` filter is documented nowhere. It is sent, and not believed: every row is
filtered again here, and a listing that turns out to be of everybody's invoices is read to its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import httpx

from segunda_via.boletos.documents import Document
from segunda_via.boletos.invoice import Codes, Invoice, Listing, Status
from segunda_via.errors import ConfigurationError, GatewayProtocolError, TokenRejected
from segunda_via.gateways.cobre_facil import reading
from segunda_via.gateways.cobre_facil.description import DESCRIPTION, PRODUCTION, SANDBOX
from segunda_via.gateways.listing import listing, sort_out
from segunda_via.gateways.port import GatewayIdentity
from segunda_via.http.api_client import PATIENCE, ApiClient, ApiResponse, Retries
from segunda_via.http.api_sessions import ApiSession, ApiSessions, session_key
from segunda_via.http.base_url import base_url, ca_file, host_of, link_hosts, pdf_hosts
from segunda_via.http.credentials import Credentials
from segunda_via.http.gather import gather
from segunda_via.http.host_queue import HOSTED
from segunda_via.http.record import Record
from segunda_via.http.time_budget import time_budget
from segunda_via.urls import is_loopback

_NOBODY = "00000000000000000000"
"""The customer whose invoices are asked for when a document has none."""

_PAGE = 100
_SMALLEST_LIMIT = 10
_PAGES_AT_ONCE = 8
_MOST = 5000  # records of one listing; more cannot be read within a delivery
_LIFETIME = 3600  # seconds of a session, when an answer does not say


class CobreFacil:
    """One Cobre Fácil account, as a `Gateway`."""

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
        self._app_id, self._secret = (credentials.get(field, "").strip() for field in ("app_id", "secret"))
        if not self._app_id or not self._secret:
            raise ConfigurationError("app_id e secret devem ser os que o Cobre Fácil mostra em Integrações.")
        root = base_url(credentials, default=PRODUCTION)
        self._host = host_of(root)
        self._budget = budget
        self._http = ApiClient(
            client,
            gateway=self.name,
            base_url=root,
            headers={},
            ca_file=ca_file(credentials),
            retries=retries,
            at_once=HOSTED,
        )
        self._sessions = sessions or ApiSessions()
        self._keeper = self._sessions.keeper(session_key(self.name, root, self._app_id, self._secret), self._sign_in)
        self.link_hosts = DESCRIPTION.hosts | link_hosts(credentials)
        self.pdf_hosts = DESCRIPTION.hosts | pdf_hosts(credentials)

    async def open_invoices(self, document: Document, today: date) -> Listing:
        """See `Gateway`. Deleted customer records are left out, and so are their invoices."""
        async with time_budget(self._budget, gateway=self.name):
            name, value = reading.search(document)
            customers = await self._listing("/customers", "customers", {name: value})
            known, odd = await sort_out(customers, lambda row: reading.payer(row, document))
            payers = dict(known)
            # Somebody unknown is asked after just the same, so that neither the calls nor the time tell them from
            # somebody who owes nothing.
            listings = await gather(
                *(self._invoices(customer, status) for customer in payers or (_NOBODY,) for status in reading.OPEN)
            )
        rows = reading.of_somebody([row for each in listings for row in each], payers) if payers else []
        invoices, unreadable = await sort_out(
            rows,
            lambda row: reading.invoice(row, payers, document, today),
            key=lambda row: row.any_identifier("id"),
            due="due_date",
        )
        return listing(invoices, [*odd, *unreadable])

    async def with_codes(self, invoice: Invoice, document: Document, today: date) -> Invoice:
        """See `Gateway`. One whose boleto the bank is still registering has no codes yet."""
        async with time_budget(self._budget, gateway=self.name):
            answer = await self._get(f"/invoices/{invoice.gateway_id}", "invoice")
        row = reading.row(answer.json(), "invoice")
        if row is None:
            return replace(invoice, codes=Codes())
        if row.identifier("id") != invoice.gateway_id or not reading.names_nobody_else(row, document):
            raise GatewayProtocolError(self.name, "is somebody else's", "invoice.customer")
        status = reading.status(row)
        return replace(
            invoice,
            status=status,
            updated_amount=reading.updated_amount(row, today),
            codes=Codes() if status is Status.CLOSED else reading.codes(row),
            payment_url=row.url(*reading.PAGE) or invoice.payment_url,
            pdf_url=row.url(reading.PDF),
        )

    async def check(self) -> GatewayIdentity:
        """See `Gateway`. Cobre Fácil tells no name of the account."""
        async with time_budget(self._budget, gateway=self.name):
            answer = await self._get("/customers", "customers", {"limit": 1})
        reading.rows(answer.json(), "customers")
        if self._host == host_of(PRODUCTION):
            return GatewayIdentity(None, "production")
        sandbox = self._host == host_of(SANDBOX) or is_loopback(self._host)
        return GatewayIdentity(None, "sandbox" if sandbox else "self-hosted")

    async def _invoices(self, customer: str, status: str) -> list[Record]:
        return await self._listing("/invoices", "invoices", {"customer_id": customer, "status": status})

    async def _listing(self, path: str, label: str, filters: Mapping[str, str]) -> list[Record]:
        """Every record of a listing. There is no total, so pages are read until one of them is not full."""
        found = await self._page(path, label, filters, 0)
        step, known = len(found), _ids(found)
        more = _may_have_been_cut(step)
        while more:
            if len(found) > _MOST:
                raise GatewayProtocolError(self.name, "a listing without an end", f"{label}.data")
            offsets = range(len(found), len(found) + step * _PAGES_AT_ONCE, step)
            pages = await gather(*(self._page(path, label, filters, offset) for offset in offsets))
            rows = [row for page in pages for row in page]
            if _ids(rows) <= known:  # an offset that is ignored brings the same rows for ever
                if rows and step >= _PAGE:
                    raise GatewayProtocolError(self.name, "a full page that repeats", f"{label}.data")
                break
            found += rows
            known |= _ids(rows)
            more = all(len(page) == step for page in pages)
        return found

    async def _page(self, path: str, label: str, filters: Mapping[str, str], offset: int) -> list[Record]:
        answer = await self._get(path, label, {**filters, "limit": _PAGE, "offset": offset})
        return reading.rows(answer.json(), label)

    async def _get(self, path: str, label: str, params: Mapping[str, str | int] | None = None) -> ApiResponse:
        """A 404 comes back to be read: the one of a wrong base_url does not say that nothing was found."""

        async def ask(token: str) -> ApiResponse:
            headers = {"Authorization": f"Bearer {token}"}
            return await self._http.get(path, label=label, params=params, headers=headers, accept=(404,))

        return await self._keeper.call(ask)

    async def _sign_in(self) -> ApiSession:
        answer = await self._http.post(
            "/authenticate",
            label="sign-in",
            body={"app_id": self._app_id, "secret": self._secret},
            only_reads=True,  # it may be repeated: every session lives out its hour
            accept=(400, 422),
        )
        body = Record(self.name, answer.json(), "sign-in")
        if not answer.ok or not body.flag("success"):
            raise TokenRejected(self.name, f"sign-in: HTTP {answer.status} (app_id or secret is wrong)")
        session = body.record("data")
        if session is None:
            raise GatewayProtocolError(self.name, "missing", "sign-in.data")
        seconds = min(session.count("expiration") or _LIFETIME, 10 * _LIFETIME)
        return ApiSession(session.text("token"), self._sessions.now() + timedelta(seconds=seconds))


def _ids(rows: list[Record]) -> set[str | None]:
    return {row.any_identifier("id") for row in rows}


def _may_have_been_cut(rows: int) -> bool:
    """Whether a first page of so many rows may be one that a limit cut: ours, or a smaller one of the server's own.

    Limits are round numbers, so that most customers' few invoices are known to be all without asking again.

    >>> [rows for rows in range(32) if _may_have_been_cut(rows)], _may_have_been_cut(100)
    ([10, 15, 20, 25, 30], True)
    """
    return rows >= _SMALLEST_LIMIT and rows % 5 == 0
