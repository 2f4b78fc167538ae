"""Asaas, API v3. Credentials: `{token}`, and `base_url`, `ca_file`, `allow_http`, `link_hosts`,
`pdf_hosts` where needed.

From a document to all codes in three dependent round trips: its customer records, then their open charges (every
record and status at once), then one charge's `billingInfo`. Longer lists cost one more each, since all their further
pages go out together, and an account that refuses `billingInfo` costs one more for the older pair of calls.

The key is static: there is no sign-in, and a 401 is final.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Literal

import httpx

from segunda_via.documents import Document
from segunda_via.errors import ConfigurationError, GatewayProtocolError
from segunda_via.gateways.base_url import base_url, ca_file, host_of, link_hosts, pdf_hosts
from segunda_via.gateways.budget import time_budget
from segunda_via.gateways.discount import discounted
from segunda_via.gateways.http import PATIENCE, GatewayHttp, Retries
from segunda_via.gateways.port import Capabilities, Credentials, GatewayIdentity
from segunda_via.gateways.reading import Record
from segunda_via.gateways.together import together
from segunda_via.hosts import is_loopback
from segunda_via.invoices import Codes, Invoice, Status, is_overdue

PRODUCTION = "https://api.asaas.com/v3"
SANDBOX = "https://api-sandbox.asaas.com/v3"

_SANDBOX_KEY = "$aact_hmlg_"
_PRODUCTION_HOSTS = frozenset({"api.asaas.com", "www.asaas.com", "asaas.com"})
_SANDBOX_HOSTS = frozenset({"api-sandbox.asaas.com", "sandbox.asaas.com"})

_OPEN = ("OVERDUE", "PENDING", "DUNNING_REQUESTED")
"""What is still owed. The filter takes one status a call. The last is unpaid too, in the hands of a credit bureau."""

_NOBODY = "cus_000000000000"
"""The customer whose charges are asked for when a document has none."""

_PAGE = 100  # the most that Asaas gives at once
_MOST = 5000  # records of one listing; more is a listing that never ends
_DISCOUNTS = ("PERCENTAGE", "FIXED")
_NO_PIX = frozenset(range(400, 500)) - {401, 429}


class Asaas:
    """One Asaas account, as a `Gateway`."""

    name = "asaas"
    capabilities = Capabilities(
        pix=True,
        qr_image=True,
        pdf=True,
        updated_amount=True,
        overdue_flag=True,
        webhook=True,
        customer_contacts=True,
    )

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
            raise ConfigurationError("token should hold the API key that Asaas shows under Integrações.")
        root = base_url(credentials, default=SANDBOX if token.startswith(_SANDBOX_KEY) else PRODUCTION)
        self._environment = _environment(host_of(root), token)
        self._budget = budget
        self._http = GatewayHttp(
            client,
            gateway=self.name,
            base_url=root,
            headers={"access_token": token},
            ca_file=ca_file(credentials),
            retries=retries,
            explain=self._explain,
        )
        self.link_hosts = _PRODUCTION_HOSTS | _SANDBOX_HOSTS | link_hosts(credentials)
        self.pdf_hosts = _PRODUCTION_HOSTS | _SANDBOX_HOSTS | pdf_hosts(credentials)

    async def open_invoices(self, document: Document, today: date) -> Sequence[Invoice]:
        """See `Gateway`. Charges of deleted customer records and deleted charges are left out."""
        async with time_budget(self._budget, gateway=self.name):
            payers = await self._payers(document)
            # Somebody unknown is asked after just the same, so that neither the calls nor the time tell them from
            # somebody who owes nothing. What Asaas says to a customer id that does not exist is not documented.
            known = bool(payers)
            listings = await together(
                *(
                    self._charges(customer, status, accept=() if known else (400, 404))
                    for customer in (payers or (_NOBODY,))
                    for status in _OPEN
                )
            )
        # By id: a charge that falls due while it is listed may appear under two statuses.
        charges = {charge.identifier("id"): charge for listing in listings for charge in listing}
        return [
            _invoice(charge, payers[charge.identifier("customer")], today)
            for charge in charges.values()
            if _is_theirs(charge, payers)
        ]

    async def with_codes(self, invoice: Invoice, document: Document, today: date) -> Invoice:
        """See `Gateway`. The linha digitável changes with every change of the charge, so it is never kept."""
        async with time_budget(self._budget, gateway=self.name):
            answer = await self._http.get(
                f"/payments/{invoice.gateway_id}/billingInfo", label="billingInfo", accept=(400, 403, 404)
            )
            info = Record(self.name, answer.json(), "billingInfo") if answer.ok else None
            slip, pix = await together(self._slip(invoice, info), self._pix(invoice, info))
        codes = Codes(
            linha_digitavel=slip.optional_text("identificationField") if slip else None,
            codigo_barras=slip.optional_text("barCode") if slip else None,
            pix=pix.optional_text("payload", limit=1000) if pix else None,
        )
        # A charge that has a slip but no code yet is still being registered with the bank; cards have no slip.
        status = Status.REGISTERING if invoice.pdf_url and not codes else invoice.status
        pdf_url = (slip.optional_text("bankSlipUrl", limit=2000) if slip else None) or invoice.pdf_url
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

    async def _payers(self, document: Document) -> dict[str, str | None]:
        """Customer id -> name, of every record with that document."""
        customers = await self._listing("/customers", "customers", {"cpfCnpj": document.value})
        return {
            customer.identifier("id"): customer.name("name")
            for customer in customers
            # Asked again here: a filter that were ignored would hand out somebody else's invoices.
            if _letters_and_digits(customer.text("cpfCnpj")) == document.value and not customer.flag("deleted")
        }

    async def _charges(self, customer: str, status: str, *, accept: Collection[int]) -> list[Record]:
        return await self._listing("/payments", "payments", {"customer": customer, "status": status}, accept)

    async def _listing(
        self, path: str, label: str, filters: Mapping[str, str], accept: Collection[int] = ()
    ) -> list[Record]:
        """Every record of a listing. The second to the last page go out together, by the total that the first tells."""
        page = await self._page(path, label, filters, 0, accept)
        if page is None:
            return []
        found, step = list(page.records("data")), len(page.records("data"))
        total = page.count("totalCount") or 0
        if page.flag("hasMore") and step < total <= _MOST:
            pages = await together(*(self._page(path, label, filters, offset) for offset in range(step, total, step)))
            for page in filter(None, pages):
                found += page.records("data")
        # Without a total, or with one that grew meanwhile: one page after another.
        while page is not None and page.flag("hasMore"):
            if not page.records("data") or len(found) > _MOST:
                raise GatewayProtocolError(self.name, "a listing without an end", f"{label}.hasMore")
            page = await self._page(path, label, filters, len(found))
            found += page.records("data") if page else []
        return found

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
        code = _error_code(body)
        if status == 401 and code == "invalid_environment":
            other = {"production": "sandbox", "sandbox": "production"}.get(self._environment, "other")
            return f"invalid_environment: the key is of Asaas's {other} environment, the base_url is not"
        return code


def _is_theirs(charge: Record, payers: Mapping[str, str | None]) -> bool:
    # All three were asked for already; a filter that were ignored must never show somebody else's invoice.
    return charge.identifier("customer") in payers and charge.text("status") in _OPEN and not charge.flag("deleted")


def _invoice(charge: Record, payer: str | None, today: date) -> Invoice:
    """The charge as an Invoice, its codes not yet fetched.

    `value` stays nominal while a charge is open, and `interestValue` is the fine and interest that its boleto and Pix
    add today; so their sum is what is owed. A charge whose `originalValue` is set carries them in `value` already.
    Asaas flags a boleto as overdue on the day after its due date, a Sunday included; then nothing is added by law, so
    the sum counts only once `is_overdue` agrees. Until then its discount does, while it lasts.
    """
    due_date = charge.day("dueDate")
    amount, updated = charge.money("value"), None
    if is_overdue(due_date, today):
        original, interest = charge.optional_money("originalValue"), charge.optional_money("interestValue")
        if original is not None and original < amount:
            amount, updated = original, amount
        elif interest:
            updated = amount + interest
    else:
        updated = _discounted(charge, amount, due_date, today)
    return Invoice(
        gateway_id=charge.identifier("id"),
        number=charge.text("invoiceNumber", limit=60),
        due_date=due_date,
        amount=amount,
        updated_amount=updated,
        payment_url=charge.optional_text("invoiceUrl", limit=2000),
        pdf_url=charge.optional_text("bankSlipUrl", limit=2000),
        payer=payer,
    )


def _discounted(charge: Record, amount: Decimal, due_date: date, today: date) -> Decimal | None:
    """What is asked for today by the charge's discount. One that cannot be read is none: it keeps no invoice back."""
    try:
        discount = charge.record("discount")
        if discount is None or discount.optional_text("type") not in _DISCOUNTS:
            return None
        if discount.has("limitDate"):
            lasts = today <= discount.day("limitDate")
        else:
            lasts = (due_date - today).days >= (discount.count("dueDateLimitDays") or 0)
        value, percentage = discount.optional_money("value"), discount.text("type") == "PERCENTAGE"
    except GatewayProtocolError:
        return None
    return discounted(amount, value, percentage=percentage) if value and lasts else None


def _environment(host: str, token: str) -> Literal["production", "sandbox"]:
    """By the address where it is Asaas's own, else (a simulator, a proxy) by the key."""
    if host in _SANDBOX_HOSTS:
        return "sandbox"
    if host in _PRODUCTION_HOSTS:
        return "production"
    return "sandbox" if token.startswith(_SANDBOX_KEY) or is_loopback(host) else "production"


def _error_code(body: object) -> str | None:
    """`errors[0].code`, when it is a code and not prose (which may repeat what was asked)."""
    errors = body.get("errors") if isinstance(body, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    code = first.get("code") if isinstance(first, dict) else None
    return code if isinstance(code, str) and re.fullmatch(r"[a-zA-Z_]{1,60}", code) else None


def _letters_and_digits(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())
