"""What Cobre Fácil answers, read: its envelope, its customers, and invoices in both of their shapes.

An invoice holds its `customer`, or only a `customer_id` where a subscription made it; the page is `url` or
`url_invoice`, the number `document_number` or `sequencial_number`, and both may be null. `barcode` holds the linha
digitável. Of `pix_emv` and `pix_br_code` one is the copia e cola and the other an image, and which is which is
documented nowhere, so they are told apart by their content.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal

from segunda_via.boletos import linha_digitavel
from segunda_via.boletos.documents import Document, DocumentKind
from segunda_via.boletos.invoice import Codes, Invoice, Status
from segunda_via.errors import GatewayProtocolError
from segunda_via.gateways.cobre_facil.description import DESCRIPTION
from segunda_via.gateways.discount import discounted
from segunda_via.http.record import Record
from segunda_via.http.written_values import is_the_document

GATEWAY = DESCRIPTION.name

_STATUSES = {"pending": Status.OPEN, "processing": Status.REGISTERING}
OPEN = tuple(_STATUSES)
"""What is still owed, in its words. There is none for overdue."""

_CLOSED = frozenset(
    {
        "pre_authorized",
        "paid",
        "declined",
        "refunded",
        "canceled",
        "reversed",
        "dispute",
        "charged_back",
        "manual_payment",
    }
)

PAGE, PDF = ("url", "url_invoice"), "url_bankslip"
_NUMBERS = ("document_number", "sequencial_number", "reference", "id")
_DOCUMENTS = ("document", "ein", "taxpayer_id")
_DISCOUNTS = ("percentage", "fixed")
_NOTHING = re.compile(r"não encontrad|nenhum")


def rows(body: object, where: str) -> list[Record]:
    """The rows of a listing; none when it says by `success: false` that there are none."""
    envelope = Record(GATEWAY, body, where)
    if not _succeeded(envelope, where):
        return []
    return list(envelope.records("data"))


def row(body: object, where: str) -> Record | None:
    """The one object of an answer; None when it says by `success: false` that there is none."""
    envelope = Record(GATEWAY, body, where)
    if not _succeeded(envelope, where):
        return None
    found = envelope.record("data")
    if found is None:
        raise GatewayProtocolError(GATEWAY, "missing", f"{where}.data")
    return found


def payer(customer: Record, document: Document) -> tuple[str, str | None] | None:
    """Id and name of a customer record; None for somebody else's and for a deleted one.

    Whose it is was asked for already; a filter that were ignored must never hand out somebody else's invoices.
    """
    if not is_theirs(customer, document) or customer.has("deleted_at"):
        return None
    return customer.identifier("id"), _customer_name(customer)


def is_theirs(customer: Record, document: Document) -> bool:
    """Whether that customer record has the document; GatewayProtocolError when it names none."""
    # `document` goes before the other two: a company's record may hold the CPF of a person as well.
    written = next((text for name in _DOCUMENTS if (text := customer.optional_text(name))), None)
    if written is None:
        raise GatewayProtocolError(GATEWAY, "missing", "customers.document")
    return is_the_document(written, document)


def search(document: Document) -> tuple[str, str]:
    """The filter that finds a document: people and companies are kept under different ones."""
    return ("taxpayer_id" if document.kind is DocumentKind.CPF else "ein"), document.value


def names_nobody_else(invoice: Record, document: Document) -> bool:
    """An invoice that holds its customer is looked at twice: by the customer's id, and by their document."""
    customer = invoice.record("customer")
    return customer is None or is_theirs(customer, document)


def _customer_name(customer: Record) -> str | None:
    names = (customer.name(field) for field in ("full_name", "personal_name", "company_name"))
    return next((name for name in names if name), None)


def owner(invoice: Record) -> str:
    """The id of the customer who owes an invoice, in either shape; GatewayProtocolError when it names none."""
    customer = invoice.record("customer")
    return invoice.identifier("customer_id") if customer is None else customer.identifier("id")


def of_somebody(invoices: list[Record], payers: Collection[str]) -> list[Record]:
    """Without the invoices that name no customer, where the listing is of everybody's: they are anybody's then.

    In a listing of these customers alone, such an invoice may be theirs, and stays.
    """
    owners = [_any_owner(invoice) for invoice in invoices]
    if {*owners} <= {None, *payers}:
        return invoices
    return [invoice for invoice, owner in zip(invoices, owners, strict=True) if owner is not None]


def _any_owner(invoice: Record) -> str | None:
    with suppress(GatewayProtocolError):
        return owner(invoice)
    return None


def status(invoice: Record) -> Status:
    """GatewayProtocolError for a status that Cobre Fácil does not document."""
    if invoice.has("deleted_at") or not invoice.one_of("status", OPEN, _CLOSED):
        return Status.CLOSED
    return _STATUSES[invoice.text("status")]


def invoice(row: Record, payers: Mapping[str, str | None], document: Document, today: date) -> Invoice | None:
    """A row of `/invoices` as an Invoice, its codes not yet fetched; None when it is not theirs, or not open."""
    payer = owner(row)
    if payer not in payers or not names_nobody_else(row, document):
        return None
    standing = status(row)
    if standing is Status.CLOSED:
        return None
    identifier = row.identifier("id")
    return Invoice(
        gateway_id=identifier,
        number=row.shown(*_NUMBERS) or identifier,
        due_date=row.day("due_date"),
        amount=row.amount_owed("price"),
        updated_amount=updated_amount(row, today),
        status=standing,
        payment_url=row.url(*PAGE),
        pdf_url=row.url(PDF),
        payer=payers[payer],
    )


def codes(row: Record) -> Codes:
    written = row.optional_text("barcode")
    compact = linha_digitavel.compact(written) if written else ""
    return Codes(
        # Named after the bars, it holds the linha digitável; the bars' own 44 digits, should they come, are told.
        linha_digitavel=compact if compact and len(compact) != 44 else None,
        codigo_barras=compact if len(compact) == 44 else None,
        pix=_pix(row),
    )


def updated_amount(row: Record, today: date) -> Decimal | None:
    """What is asked for today by the discount in its settings. One that cannot be read is none.

    `limit_date` is a number in every sample: of days before the due date, as nothing says otherwise.
    """
    price, due_date = row.amount_owed("price"), row.day("due_date")
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


def _pix(row: Record) -> str | None:
    for name in ("pix_emv", "pix_br_code"):
        value = row.raw(name)
        if isinstance(value, str) and not value.lstrip().startswith("000201"):
            continue  # an image: its address, or itself
        text = row.optional_text(name, limit=1000)
        if text:
            return text
    return None


def _succeeded(envelope: Record, where: str) -> bool:
    """False when it says that there is no such customer or invoice."""
    if envelope.flag("success"):
        return True
    if _NOTHING.search((envelope.optional_text("message") or "").casefold()):
        return False
    raise GatewayProtocolError(GATEWAY, "is not true, and no known reason is given", f"{where}.success")
