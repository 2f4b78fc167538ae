"""Asaas, API v3. Credentials: `{token}`, and `base_url`, `ca_file`, `allow_http`, `link_hosts`,
`pdf_hosts` where needed.

From a document to all codes in three dependent round trips: its customer records, then their open charges (every
record and status at once), then one charge's `billingInfo`. Longer lists cost one more each, since all their further
pages go out together, and an account that refuses `billingInfo` costs one more for the older pair of calls.

The key is static: there is no sign-in, and a 401 is final.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Literal

import httpx

from segunda_via.boletos.documents import Document
from segunda_via.boletos.invoice import Codes, Invoice, Listing, Status
from segunda_via.errors import ConfigurationError, GatewayProtocolError
from segunda_via.gateways.asaas import reading
from segunda_via.gateways.asaas.description import (
    DESCRIPTION,
    PRODUCTION,
    PRODUCTION_HOSTS,
    SANDBOX,
    SANDBOX_HOSTS,
    SANDBOX_KEY,
)
from segunda_via.gateways.listing import listing, sort_out
from segunda_via.gateways.port import GatewayIdentity
from segunda_via.http.api_client import PATIENCE, ApiClient, Retries
from segunda_via.http.base_url import base_url, ca_file, host_of, link_hosts, pdf_hosts
from segunda_via.http.credentials import Credentials
from segunda_via.http.gather import gather
from segunda_via.http.record import Record
from segunda_via.http.time_budget import time_budget
from segunda_via.urls import is_loopback

_NOBODY = "cus_000000000000"
"""The customer whose charges are asked for when a document has none."""

_AT_ONCE = 20  # of the 50 GETs at once that Asaas allows an account
_PAGE = 100  # the most that Asaas gives at once
_MOST_PAGES = 100  # of one listing; more is a listing that never ends
_NO_PIX = frozenset(range(400, 500)) - {401, 429}


class Asaas:
    """One Asaas account, as a `Gateway`."""

    name = DESCRIPTION.name

    def __init__(
        self,
        credentials: Credentials,
        client: httpx.AsyncClient,
        *,
        budget: float = 8.0,
        retries: Retries = PATIENCE,
    ) -> None:
        """ConfigurationError when a credential is missing or malformed. `budget` bounds each method, in seconds."""
        token = credentials.get("token", "").strip()
        if not token:
            raise ConfigurationError("token deve ser a chave de API que o Asaas mostra em Integrações.")
        root = base_url(credentials, default=SANDBOX if token.startswith(SANDBOX_KEY) else PRODUCTION)
        self._environment = _environment(host_of(root), token)
        self._budget = budget
        self._http = ApiClient(
            client,
            gateway=self.name,
            base_url=root,
            headers={"access_token": token},
            ca_file=ca_file(credentials),
            retries=retries,
            at_once=_AT_ONCE,
            explain=self._explain,
        )
        self.link_hosts = DESCRIPTION.hosts | link_hosts(credentials)
        self.pdf_hosts = DESCRIPTION.hosts | pdf_hosts(credentials)

    async def open_invoices(self, document: Document, today: date) -> Listing:
        """See `Gateway`. Charges of deleted customer records and deleted charges are left out."""
        async with time_budget(self._budget, gateway=self.name):
            customers = await self._listing("/customers", "customers", {"cpfCnpj": document.value})
            known, odd = await sort_out(customers, lambda customer: reading.payer(customer, document))
            payers = dict(known)
            # Somebody unknown is asked after just the same, so that neither the calls nor the time tell them from
            # somebody who owes nothing. What Asaas says to a customer id that does not exist is not documented.
            listings = await gather(
                *(
                    self._charges(customer, status, accept=() if payers else (400, 404))
                    for customer in (payers or (_NOBODY,))
                    for status in reading.OPEN
                )
            )
        charges = [charge for each in listings for charge in each] if payers else []
        invoices, unreadable = await sort_out(
            charges,
            lambda charge: reading.invoice(charge, payers, today),
            key=lambda charge: charge.any_identifier("id"),
            due="dueDate",
        )
        return listing(invoices, [*odd, *unreadable])

    async def with_codes(self, invoice: Invoice, document: Document, today: date) -> Invoice:
        """See `Gateway`. The linha digitável changes with every change of the charge, so it is never kept."""
        async with time_budget(self._budget, gateway=self.name):
            answer = await self._http.get(
                f"/payments/{invoice.gateway_id}/billingInfo", label="billingInfo", accept=(400, 403, 404)
            )
            info = Record(self.name, answer.json(), "billingInfo") if answer.ok else None
            slip, pix = await gather(self._slip(invoice, info), self._pix(invoice, info))
        codes = Codes(
            linha_digitavel=slip.optional_text("identificationField") if slip else None,
            codigo_barras=slip.optional_text("barCode") if slip else None,
            pix=pix.optional_text("payload", limit=1000) if pix else None,
        )
        # A charge that has a slip but no code yet is still being registered with the bank; cards have no slip.
        status = Status.REGISTERING if invoice.pdf_url and not codes else invoice.status
        pdf_url = (slip.url("bankSlipUrl") if slip else None) or invoice.pdf_url
        return replace(invoice, codes=codes, status=status, pdf_url=pdf_url)

    async def check(self) -> GatewayIdentity:
        """See `Gateway`. A key that may not read the account's data still proves itself by listing a customer."""
        async with time_budget(self._budget, gateway=self.name):
            answer = await self._http.get("/myAccount/commercialInfo/", label="account", accept=(400, 403, 404))
            if not answer.ok:
                await self._http.get("/customers", label="customers", params={"limit": 1})
                return GatewayIdentity(None, self._environment)
            account = Record(self.name, answer.json(), "account")
        names = (account.name(field) for field in ("tradingName", "companyName", "name"))
        return GatewayIdentity(next((name for name in names if name), None), self._environment)

    async def _charges(self, customer: str, status: str, *, accept: Collection[int]) -> list[Record]:
        return await self._listing("/payments", "payments", {"customer": customer, "status": status}, accept)

    async def _listing(
        self, path: str, label: str, filters: Mapping[str, str], accept: Collection[int] = ()
    ) -> list[Record]:
        """Every record of a listing. The second to the last page go out together, by the total that the first tells."""
        first = await self._page(path, label, filters, 0, accept)
        if first is None:
            return []
        found = list(first.records("data"))
        step, total = len(found), first.count("totalCount") or 0
        more = first.flag("hasMore") or step < total
        if step < total <= step * _MOST_PAGES:
            offsets = range(step, total, step)
            pages = await gather(*(self._page(path, label, filters, offset) for offset in offsets))
            found += (row for page in pages if page for row in page.records("data"))
            more = any(page.flag("hasMore") for page in pages[-1:] if page)
        # Without a total, or with one that grew meanwhile: one page after another.
        known = {row.any_identifier("id") for row in found}
        for _ in range(_MOST_PAGES):
            page = await self._page(path, label, filters, len(found)) if more else None
            if page is None:
                return found
            rows = page.records("data")
            more = page.flag("hasMore") or bool(rows and len(found) + len(rows) < total)
            if more and {row.any_identifier("id") for row in rows} <= known:
                break
            found += rows
            known |= {row.any_identifier("id") for row in rows}
        raise GatewayProtocolError(self.name, "a listing without an end", f"{label}.hasMore")

    async def _page(
        self, path: str, label: str, filters: Mapping[str, str], offset: int, accept: Collection[int] = ()
    ) -> Record | None:
        params: dict[str, str | int] = {**filters, "limit": _PAGE, "offset": offset}
        answer = await self._http.get(path, label=label, params=params, accept=accept)
        return Record(self.name, answer.json(), label) if answer.ok else None

    async def _slip(self, invoice: Invoice, info: Record | None) -> Record | None:
        """The linha digitável, from `billingInfo` or, where that leaves it open, by its own call."""
        if info is not None and "bankSlip" in info:
            slip = info.record("bankSlip")
            if slip is None or slip.has("identificationField"):
                return slip
        answer = await self._http.get(
            f"/payments/{invoice.gateway_id}/identificationField",
            label="identificationField",
            accept=(400, 404),  # Pix and card charges have none, and one that is being registered has none yet
        )
        return Record(self.name, answer.json(), "identificationField") if answer.ok else None

    async def _pix(self, invoice: Invoice, info: Record | None) -> Record | None:
        """The Pix, from `billingInfo` or, where that leaves it open, by its own call. Refused means there is none."""
        if info is not None and "pix" in info:
            pix = info.record("pix")
            if pix is None or pix.has("payload"):
                return pix
        answer = await self._http.get(f"/payments/{invoice.gateway_id}/pixQrCode", label="pixQrCode", accept=_NO_PIX)
        return Record(self.name, answer.json(), "pixQrCode") if answer.ok else None

    def _explain(self, status: int, body: object) -> str | None:
        """The code of the first error, and for a key of the other environment, what to do about it."""
        code = reading.error_code(body)
        if status == 401 and code == "invalid_environment":
            other = {"production": "sandbox", "sandbox": "production"}.get(self._environment, "other")
            return f"invalid_environment: the key is of Asaas's {other} environment, the base_url is not"
        return code


def _environment(host: str, token: str) -> Literal["production", "sandbox"]:
    """By the address where it is Asaas's own, else (a simulator, a proxy) by the key."""
    if host in SANDBOX_HOSTS:
        return "sandbox"
    if host in PRODUCTION_HOSTS:
        return "production"
    return "sandbox" if token.startswith(SANDBOX_KEY) or is_loopback(host) else "production"
