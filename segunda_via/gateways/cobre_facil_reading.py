"""What Cobre Fácil answers, read: its envelope, its customers, and invoices in both of their shapes.

An invoice holds its `customer`, or only a `customer_id` where a subscription made it; the page is `url` or
`url_invoice`, the number `document_number` or `sequencial_number`, and both may be null. `barcode` holds the linha
digitável. Of `pix_emv` and `pix_br_code` one is the copia e cola and the other an image, and which is which is
documented nowhere, so they are told apart by their content.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from segunda_via import boleto
from segunda_via.documents import Document, Kind
from segunda_via.errors import GatewayProtocolError
from segunda_via.gateways.discount import discounted
from segunda_via.gateways.loose import LooseRecord, is_the_document
from segunda_via.invoices import Codes, Invoice, Status

GATEWAY = "cobre_facil"

_STATUSES = {"pending": Status.OPEN, "processing": Status.REGISTERING}
OPEN = tuple(_STATUSES)
"""What is still owed, in its words. There is none for overdue."""

_NUMBERS = ("document_number", "sequencial_number", "reference", "id")
_DOCUMENTS = ("document", "ein", "taxpayer_id")
_DISCOUNTS = ("percentage", "fixed")
_NOTHING = re.compile(r"não encontrad|nenhum")
_URL = re.compile(r"https?://[^\s\"<>]+", re.IGNORECASE)


def rows(body: object, where: str) -> list[LooseRecord]:
    """The rows of a listing; none when it says by `success: false` that there are none."""
    envelope = LooseRecord(GATEWAY, body, where)
    if not _succeeded(envelope, where):
        return []
    return list(envelope.records("data"))


def row(body: object, where: str) -> LooseRecord | None:
    """The one object of an answer; None when it says by `success: false` that there is none."""
    envelope = LooseRecord(GATEWAY, body, where)
    if not _succeeded(envelope, where):
        return None
    found = envelope.record("data")
    if found is None:
        raise GatewayProtocolError(GATEWAY, "missing", f"{where}.data")
    return found


def is_theirs(customer: LooseRecord, document: Document) -> bool:
    """Whether that customer record has the document; GatewayProtocolError when it names none."""
    # `document` goes before the other two: a company's record may hold the CPF of a person as well.
    written = next((text for name in _DOCUMENTS if (text := customer.optional_text(name))), None)
    if written is None:
        raise GatewayProtocolError(GATEWAY, "missing", "customers.document")
    return is_the_document(written, document)


def search(document: Document) -> tuple[str, str]:
    """The filter that finds a document: people and companies are kept under different ones."""
    return ("taxpayer_id" if document.kind is Kind.CPF else "ein"), document.value


def customer_name(customer: LooseRecord) -> str | None:
    names = (customer.name(field) for field in ("full_name", "personal_name", "company_name"))
    return next((name for name in names if name), None)


def owner(invoice: LooseRecord) -> str:
    """The id of the customer who owes an invoice, in either shape; GatewayProtocolError when it names none."""
    customer = invoice.record("customer")
    return invoice.identifier("customer_id") if customer is None else customer.identifier("id")


def status(invoice: LooseRecord) -> Status:
    """Every status that is not known is as good as closed: it is not sent."""
    if invoice.has("deleted_at"):
        return Status.CLOSED
    return _STATUSES.get(invoice.text("status", limit=60), Status.CLOSED)


def invoice(row: LooseRecord, payer: str | None, today: date) -> Invoice:
    """A row of `/invoices` as an Invoice, its codes not yet fetched."""
    due_date, price = row.day("due_date"), row.money("price")
    numbers = (row.optional_text(name, limit=60) for name in _NUMBERS)
    return Invoice(
        gateway_id=row.identifier("id"),
        number=next((number for number in numbers if number), row.identifier("id")),
        due_date=due_date,
        amount=price,
        updated_amount=_discounted(row, price, due_date, today),
        status=status(row),
        payment_url=url(row, "url", "url_invoice"),
        pdf_url=url(row, "url_bankslip"),
        payer=payer,
    )


def codes(row: LooseRecord) -> Codes:
    written = row.optional_text("barcode")
    compact = boleto.compact(written) if written else ""
    return Codes(
        # Named after the bars, it holds the linha digitável; the bars' own 44 digits, should they come, are told.
        linha_digitavel=compact if compact and len(compact) != 44 else None,
        codigo_barras=compact if len(compact) == 44 else None,
        pix=_pix(row),
    )


def _discounted(row: LooseRecord, price: Decimal, due_date: date, today: date) -> Decimal | None:
    """What is asked for today by the discount in its settings. One that cannot be read is none.

    `limit_date` is a number in every sample: of days before the due date, as nothing says otherwise.
    """
    try:
        settings = row.record("settings")
        discount = settings.record("discount") if settings else None
        if discount is None or discount.optional_text("mode") not in _DISCOUNTS:
            return None
        lasts = (due_date - today).days >= int(discount.optional_text("limit_date") or 0)
        value, percentage = discount.optional_money("amount"), discount.text("mode") == "percentage"
    except (GatewayProtocolError, ValueError):
        return None
    return discounted(price, value, percentage=percentage) if value and lasts and due_date >= today else None


def url(row: LooseRecord, *names: str) -> str | None:
    """The first of those fields that holds a URL."""
    texts = (row.optional_text(name, limit=2000) for name in names)
    return next((text for text in texts if text and _URL.fullmatch(text)), None)


def _pix(row: LooseRecord) -> str | None:
    for name in ("pix_emv", "pix_br_code"):
        value = row.raw(name)
        if isinstance(value, str) and not value.lstrip().startswith("000201"):
            continue  # an image: its address, or itself
        text = row.optional_text(name, limit=1000)
        if text:
            return text
    return None


def _succeeded(envelope: LooseRecord, where: str) -> bool:
    """False when it says that there is no such customer or invoice."""
    if envelope.flag("success"):
        return True
    if _NOTHING.search((envelope.optional_text("message") or "").casefold()):
        return False
    raise GatewayProtocolError(GATEWAY, "is not true, and no known reason is given", f"{where}.success")
