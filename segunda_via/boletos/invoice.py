"""Invoices, and which one of them to send: the oldest overdue; if none is overdue, the nearest to fall due."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum

from segunda_via.boletos.business_days import is_overdue
from segunda_via.boletos.plain_text import plain


class Status(str, Enum):
    """What the gateway says of an invoice, reduced to what matters here."""

    OPEN = "open"
    REGISTERING = "registering"
    """Open, but its codes do not exist yet: the bank is still registering the boleto."""
    CLOSED = "closed"
    """Paid, cancelled, refunded, disputed or deleted: never sent."""


@dataclass(frozen=True)
class Codes:
    """The ways to pay, as the gateway gave them; unchecked. Kept out of every repr."""

    linha_digitavel: str | None = field(default=None, repr=False)
    codigo_barras: str | None = field(default=None, repr=False)
    pix: str | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return bool(self.linha_digitavel or self.codigo_barras or self.pix)


@dataclass(frozen=True)
class Invoice:
    """One charge of one customer.

    `gateway_id` is the gateway's key of it, `number` what its customers know it by. Money is in reais. What people read
    of it (`number`, `beneficiary`, `payer`) is plain text, whatever the gateway wrote.
    `updated_amount` is what the gateway asks for today, with fine and interest or less a discount, None when it does
    not say.
    `codes` is empty until the adapter's `with_codes` has fetched them, just before they are sent.
    """

    gateway_id: str
    number: str
    due_date: date
    amount: Decimal
    status: Status = Status.OPEN
    updated_amount: Decimal | None = None
    codes: Codes = Codes()
    payment_url: str | None = field(default=None, repr=False)
    pdf_url: str | None = field(default=None, repr=False)
    beneficiary: str | None = field(default=None, repr=False)
    payer: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        put = object.__setattr__  # the way to complete a frozen instance
        put(self, "number", plain(self.number, 60) or plain(self.gateway_id, 60))
        put(self, "beneficiary", plain(self.beneficiary or "") or None)
        put(self, "payer", plain(self.payer or "") or None)

    @property
    def amount_due(self) -> Decimal:
        """What the customer is told to pay: the updated amount when it is known."""
        return self.amount if self.updated_amount is None else self.updated_amount


@dataclass(frozen=True)
class Unreadable:
    """An entry of a gateway's answer that may stand for an open invoice, and cannot be read.

    `field` names what is wrong with it, for operators. `due_date` and `gateway_id` are None where they cannot be read
    either; `due_date` is as written, however absurd.
    """

    field: str
    due_date: date | None = None
    gateway_id: str | None = None


@dataclass(frozen=True)
class Listing:
    """What a gateway lists for a document: the invoices that can be read, and the entries that cannot."""

    invoices: tuple[Invoice, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


@dataclass(frozen=True)
class InvoiceChoice:
    """The invoice to send, whether it is overdue, and how many others stay open, those that cannot be read included."""

    invoice: Invoice
    overdue: bool
    others: int


def choose(listing: Listing, today: date, excluding: Collection[str] = ()) -> InvoiceChoice | Unreadable | None:
    """The invoice to send; the entry that might be that one, and cannot be read; or None when nothing is open.

    The oldest overdue, else the nearest to fall due: either is the one with the earliest due date. Ties go to the
    larger amount, then to the lower number. The same invoice listed twice counts once; `excluding` are the gateway's
    ids of those that count no more.

    An entry that cannot be read might be the one to send when no invoice that can be read falls due before it, or when
    its due date is unknown.
    """
    unique = {
        invoice.gateway_id: invoice
        for invoice in listing.invoices
        if invoice.status is not Status.CLOSED and invoice.gateway_id not in excluding
    }
    unreadable = [entry for entry in listing.unreadable if entry.gateway_id not in excluding]
    first = min(unique.values(), key=_rank, default=None)
    for entry in unreadable:
        if first is None or entry.due_date is None or entry.due_date <= first.due_date:
            return entry
    if first is None:
        return None
    return InvoiceChoice(first, overdue=is_overdue(first.due_date, today), others=len(unique) + len(unreadable) - 1)


def _rank(invoice: Invoice) -> tuple[date, Decimal, str]:
    return invoice.due_date, -invoice.amount, invoice.number
