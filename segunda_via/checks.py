"""What must hold before anything of an invoice is sent.

An *integrity* failure (a code that contradicts the invoice, itself, or the payee that the operator confirmed) stops the
whole invoice. An *absence* (no Pix, no linha digitável, a link that must not be shown) drops that item only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum

from stdnum.exceptions import ValidationError

from segunda_via import boleto, pix
from segunda_via.hosts import TrustedHosts
from segunda_via.invoices import Codes, Invoice, Status, is_overdue
from segunda_via.plain_text import comparable, plain


class Failure(str, Enum):
    """An integrity check that failed; its value is the reason written on the ticket."""

    LINE_CHECK_DIGITS = "line_check_digits"
    BARCODE_CHECK_DIGITS = "barcode_check_digits"
    LINE_AND_BARCODE = "line_and_barcode_disagree"
    LINE_AMOUNT = "line_amount"
    LINE_DUE_DATE = "line_due_date"
    UPDATED_AMOUNT = "updated_amount_out_of_bounds"
    PIX_MALFORMED = "pix_malformed"
    PIX_AMOUNT = "pix_amount"
    PAYEE_BANK = "payee_bank"
    PAYEE_RECEIVER = "payee_pix_receiver"
    PAYEE_HOST = "payee_pix_host"


class Item(str, Enum):
    """What of a bundle can be absent."""

    PIX = "pix"
    LINHA_DIGITAVEL = "linha_digitavel"
    LINK = "link"


@dataclass(frozen=True)
class Payee:
    """Who receives the money, as the operator confirmed it when the gateway was set up. None: not confirmed.

    `pix_receiver` is plain, whatever the code says: people read it.
    """

    bank_code: str | None = None
    pix_receiver: str | None = None
    psp_host: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "pix_receiver", plain(self.pix_receiver or "") or None)

    def __bool__(self) -> bool:
        return bool(self.bank_code or self.pix_receiver or self.psp_host)


@dataclass(frozen=True)
class Bounds:
    """How far an overdue amount may have grown: `fine` once, and `monthly_interest` for every month begun.

    Both are fractions of the nominal amount (0.30 is 30 %).
    """

    fine: Decimal = Decimal("0.30")
    monthly_interest: Decimal = Decimal("0.01")

    def highest(self, invoice: Invoice, today: date) -> Decimal:
        months = -(-max((today - invoice.due_date).days, 0) // 30)
        return invoice.amount * (1 + self.fine + self.monthly_interest * months)


@dataclass(frozen=True)
class Verdict:
    """`invoice` reduced to what may be sent; it may be sent only when `failures` is empty."""

    invoice: Invoice
    failures: tuple[Failure, ...]
    missing: frozenset[Item]
    untrusted_host: str | None = None
    """Where the payment link leads that was left out, when it leads to a host that is not trusted."""

    @property
    def payable(self) -> bool:
        """Whether a way to pay is left: a Pix, a linha digitável, or the gateway's page.

        The page of an invoice that the bank is still registering shows no more than its codes do: nothing yet.
        """
        if not {Item.PIX, Item.LINHA_DIGITAVEL} <= self.missing:
            return True
        return Item.LINK not in self.missing and self.invoice.status is not Status.REGISTERING

    @property
    def payee(self) -> Payee:
        """Who the invoice's own codes pay; nobody when it failed its checks."""
        codes = self.invoice.codes
        if self.failures:
            return Payee()
        parsed = pix.parse(codes.pix) if codes.pix else None
        return Payee(
            bank_code=boleto.bank_code(codes.linha_digitavel) if codes.linha_digitavel else None,
            pix_receiver=parsed.receiver if parsed else None,
            psp_host=parsed.psp_host if parsed else None,
        )


def examine(
    invoice: Invoice,
    today: date,
    *,
    payee: Payee = Payee(),
    bounds: Bounds = Bounds(),
    link_hosts: TrustedHosts = TrustedHosts(),
) -> Verdict:
    """Check every code of `invoice`, as fetched by the gateway adapter.

    `link_hosts` are where a payment link may lead; without any, none is shown.
    """
    failures: list[Failure] = []
    if invoice.updated_amount is not None and not _plausible(invoice.updated_amount, invoice, today, bounds):
        failures.append(Failure.UPDATED_AMOUNT)
    line = _examine_line(invoice, today, payee, bounds, failures)
    code, asked_by_pix = _examine_pix(invoice, today, payee, bounds, failures)
    link = invoice.payment_url if link_hosts.accepts(invoice.payment_url) else None
    present = {Item.PIX: code, Item.LINHA_DIGITAVEL: line, Item.LINK: link}
    return Verdict(
        invoice=replace(
            invoice,
            # What the Pix asks for today is the gateway's own word, where it says nothing else.
            updated_amount=invoice.updated_amount or asked_by_pix,
            codes=Codes(linha_digitavel=line, codigo_barras=boleto.to_barcode(line) if line else None, pix=code),
            payment_url=link,
        ),
        failures=tuple(failures),
        missing=frozenset(item for item, value in present.items() if value is None),
        untrusted_host=None if link else link_hosts.refused_host(invoice.payment_url),
    )


def _examine_line(invoice: Invoice, today: date, payee: Payee, bounds: Bounds, failures: list[Failure]) -> str | None:
    """The compact linha digitável, derived from the barcode when only that was given; None when absent or broken."""
    line, barcode = invoice.codes.linha_digitavel, invoice.codes.codigo_barras
    if barcode and not boleto.is_valid(barcode):
        failures.append(Failure.BARCODE_CHECK_DIGITS)
        return None
    if not line and not barcode:
        return None
    try:
        valid = boleto.validate(line) if line else boleto.to_linha_digitavel(boleto.validate(barcode or ""))
    except ValidationError:
        failures.append(Failure.LINE_CHECK_DIGITS)
        return None
    if len(valid) == 44:  # a gateway that calls its barcode a line
        valid = boleto.to_linha_digitavel(valid)
    if barcode and boleto.to_barcode(valid) != boleto.compact(barcode):
        failures.append(Failure.LINE_AND_BARCODE)
    amount = boleto.amount(valid)
    if amount is not None and not _plausible(amount, invoice, today, bounds):
        failures.append(Failure.LINE_AMOUNT)
    due_date = boleto.due_date(valid, today)
    if due_date is not None and due_date != invoice.due_date:
        failures.append(Failure.LINE_DUE_DATE)
    if payee.bank_code and boleto.bank_code(valid) != payee.bank_code:
        failures.append(Failure.PAYEE_BANK)
    return valid


def _examine_pix(
    invoice: Invoice, today: date, payee: Payee, bounds: Bounds, failures: list[Failure]
) -> tuple[str | None, Decimal | None]:
    """The Pix copia e cola, None when absent or broken; and what it asks for, when that has grown past the nominal."""
    if not invoice.codes.pix:
        return None, None
    code: str = pix.compact(invoice.codes.pix)
    try:
        parsed = pix.parse(code)
    except ValidationError:
        failures.append(Failure.PIX_MALFORMED)
        return None, None
    if parsed.amount is not None and not _plausible(parsed.amount, invoice, today, bounds):
        failures.append(Failure.PIX_AMOUNT)
    if payee.pix_receiver and comparable(parsed.receiver) != comparable(payee.pix_receiver):
        failures.append(Failure.PAYEE_RECEIVER)
    if payee.psp_host and parsed.psp_host != payee.psp_host.lower():
        failures.append(Failure.PAYEE_HOST)
    return code, parsed.amount if parsed.amount and parsed.amount > invoice.amount else None


def _plausible(amount: Decimal, invoice: Invoice, today: date, bounds: Bounds) -> bool:
    """Whether `amount` may stand for what this invoice costs today."""
    if amount == invoice.amount:
        return True
    return is_overdue(invoice.due_date, today) and invoice.amount <= amount <= bounds.highest(invoice, today)
