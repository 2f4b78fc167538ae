"""What must hold before anything of an invoice is sent.

An *integrity* failure (a code that contradicts the invoice, itself, or the payee that the operator confirmed) stops the
whole invoice. An *absence* (no Pix, no linha digitável, a link that must not be shown) drops that item only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import Enum

from stdnum.exceptions import ValidationError

from segunda_via.boletos import amounts, linha_digitavel, pix
from segunda_via.boletos.amounts import Bounds
from segunda_via.boletos.business_days import is_overdue
from segunda_via.boletos.invoice import Codes, Invoice, Status
from segunda_via.boletos.plain_text import comparable, plain
from segunda_via.boletos.trusted_hosts import TrustedHosts

__all__ = ["Bounds", "Failure", "Item", "Payee", "Verdict", "examine"]


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
    PAYEE_KEY = "payee_pix_key"
    PAYEE_ACCOUNT = "payee_pix_account"


class Item(str, Enum):
    """What of a bundle can be absent."""

    PIX = "pix"
    LINHA_DIGITAVEL = "linha_digitavel"
    LINK = "link"


@dataclass(frozen=True)
class Payee:
    """Who receives the money, as the operator confirmed it when the gateway was set up. None: not confirmed.

    A Pix is held by its key when it is static, and by the host of its PSP when it is dynamic. `psp_host` beside a key
    is where the recurrences of composite static codes are.
    `pix_receiver` is plain, whatever the code says: people read it.
    """

    bank_code: str | None = None
    pix_receiver: str | None = None
    psp_host: str | None = None
    pix_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pix_receiver", plain(self.pix_receiver or "") or None)

    def __bool__(self) -> bool:
        return bool(self.bank_code or self.pix_receiver or self.psp_host or self.pix_key)


@dataclass(frozen=True)
class Verdict:
    """`invoice` reduced to what may be sent; it may be sent only when `failures` is empty.

    Its `amount_due` is the one amount that is told. `asked` is what each of its codes asks for, None where the code
    leaves it open. `discounted` is what is asked for instead, where there is a discount, and `reissued` the due date of
    an overdue boleto's line that was issued anew. `payee` is whom the invoice's own codes pay, confirmed or not: nobody
    when any check but the payee's failed.
    """

    invoice: Invoice
    failures: tuple[Failure, ...]
    missing: frozenset[Item]
    unconfirmed: frozenset[Item] = frozenset()
    """What is missing because the operator confirmed a payee, and nothing that such a code could be compared with."""
    asked: Mapping[Item, Decimal | None] = field(default_factory=dict)
    discounted: Decimal | None = None
    reissued: date | None = None
    payee: Payee = Payee()
    untrusted_host: str | None = None
    """Where the payment link leads that was left out, when it leads to a host that is not trusted."""

    @property
    def payable(self) -> bool:
        """Whether a way to pay is left: a Pix, a linha digitável, or the gateway's page.

        The page of an invoice that the bank is still registering shows no more than its codes do: nothing yet.
        """
        if not {Item.PIX, Item.LINHA_DIGITAVEL} <= self.missing:
            return True
        return Item.LINK not in self.missing and self.invoice.status is Status.OPEN


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
    invoice = _believed(invoice, today, bounds, failures)
    line = _read_line(invoice.codes, failures)
    code = _read_pix(invoice.codes, failures)
    asked = _asked(line, code, amounts.of_codes(invoice, today, bounds), failures)
    reissued = _reissued(line, invoice, today, bounds, failures)
    seen = Payee() if failures else _payee_of(line, code)
    unconfirmed = _check_payee(line, code, payee, failures)
    asked = {item: amount for item, amount in asked.items() if item not in unconfirmed}
    if Item.LINHA_DIGITAVEL in unconfirmed:
        line, reissued = None, None
    sent = pix.compact(invoice.codes.pix or "") if Item.PIX in asked else None
    link = invoice.payment_url if link_hosts.accepts(invoice.payment_url) else None
    return Verdict(
        invoice=replace(
            invoice,
            updated_amount=_updated(invoice, today, asked),
            codes=Codes(
                linha_digitavel=line, codigo_barras=linha_digitavel.to_barcode(line) if line else None, pix=sent
            ),
            payment_url=link,
        ),
        failures=tuple(failures),
        missing=frozenset(Item) - asked.keys() - ({Item.LINK} if link else set()),
        unconfirmed=unconfirmed,
        asked=asked,
        discounted=amounts.discounted(invoice, today, _known(asked)),
        reissued=reissued,
        payee=seen,
        untrusted_host=None if link else link_hosts.refused_host(invoice.payment_url),
    )


def _believed(invoice: Invoice, today: date, bounds: Bounds, failures: list[Failure]) -> Invoice:
    """The invoice without an amount of the gateway's that cannot be its own."""
    updated = invoice.updated_amount
    if updated is None or updated in amounts.of_gateway(invoice, today, bounds):
        return invoice
    failures.append(Failure.UPDATED_AMOUNT)
    return replace(invoice, updated_amount=None)


def _read_line(codes: Codes, failures: list[Failure]) -> str | None:
    """The compact linha digitável; None when absent or broken. Gateways write line and barcode into either field."""
    line = _valid(codes.linha_digitavel, Failure.LINE_CHECK_DIGITS, failures)
    barcode = _valid(codes.codigo_barras, Failure.BARCODE_CHECK_DIGITS, failures)
    if line and barcode and line != barcode:
        failures.append(Failure.LINE_AND_BARCODE)
    broken = {Failure.LINE_CHECK_DIGITS, Failure.BARCODE_CHECK_DIGITS} & set(failures)
    return None if broken else line or barcode


def _valid(written: str | None, failure: Failure, failures: list[Failure]) -> str | None:
    """The line of a code in either form."""
    if not written:
        return None
    try:
        return linha_digitavel.to_linha_digitavel(written)
    except ValidationError:
        failures.append(failure)
        return None


def _read_pix(codes: Codes, failures: list[Failure]) -> pix.BRCode | None:
    """What the Pix says; None when absent or broken, or when it has nothing to pay."""
    if not codes.pix:
        return None
    try:
        return pix.parse(codes.pix)
    except pix.OnlyRecurrence:
        return None
    except ValidationError:
        failures.append(Failure.PIX_MALFORMED)
        return None


def _asked(
    line: str | None, code: pix.BRCode | None, possible: amounts.Range, failures: list[Failure]
) -> dict[Item, Decimal | None]:
    asked: dict[Item, Decimal | None] = {}
    if line:
        asked[Item.LINHA_DIGITAVEL] = linha_digitavel.amount(line)
    if code:
        asked[Item.PIX] = code.amount
    wrong = {Item.LINHA_DIGITAVEL: Failure.LINE_AMOUNT, Item.PIX: Failure.PIX_AMOUNT}
    failures += [wrong[item] for item, amount in asked.items() if amount is not None and amount not in possible]
    return asked


def _reissued(line: str | None, invoice: Invoice, today: date, bounds: Bounds, failures: list[Failure]) -> date | None:
    """The due date in the line, where it is later than the invoice's: an overdue boleto may be issued anew."""
    due_date = linha_digitavel.due_date(line, today) if line else None
    if line is None or due_date is None or due_date == invoice.due_date:
        return None
    amount = linha_digitavel.amount(line)
    plausible = amount is not None and amount in amounts.grown(invoice, today, bounds)
    if plausible and due_date > invoice.due_date and is_overdue(invoice.due_date, today):
        return due_date
    failures.append(Failure.LINE_DUE_DATE)
    return None


def _updated(invoice: Invoice, today: date, asked: Mapping[Item, Decimal | None]) -> Decimal | None:
    """What stands for the updated amount of an overdue invoice: the gateway's, or what a code asks for beyond that."""
    told = amounts.told(invoice, today, _known(asked))
    overdue = is_overdue(invoice.due_date, today)
    return told if overdue and (invoice.updated_amount is not None or told > invoice.amount) else None


def _known(asked: Mapping[Item, Decimal | None]) -> list[Decimal]:
    return [amount for amount in asked.values() if amount is not None]


def _payee_of(line: str | None, code: pix.BRCode | None) -> Payee:
    hosts = [account.host for account in code.accounts if account.host] if code else []
    return Payee(
        bank_code=linha_digitavel.bank_code(line) if line else None,
        pix_receiver=code.receiver if code else None,
        psp_host=hosts[0] if hosts else None,
        pix_key=code.key if code else None,
    )


def _check_payee(line: str | None, code: pix.BRCode | None, payee: Payee, failures: list[Failure]) -> frozenset[Item]:
    """What is not sent because `payee` was confirmed from an invoice without such a code: nobody knows whose it is."""
    unconfirmed: set[Item] = set()
    bank = linha_digitavel.bank_code(line) if line else None
    if line and payee.bank_code and bank != payee.bank_code:
        failures.append(Failure.PAYEE_BANK)
    if payee and bank and not payee.bank_code:
        unconfirmed.add(Item.LINHA_DIGITAVEL)
    if code and payee.pix_receiver and comparable(code.receiver) != comparable(payee.pix_receiver):
        failures.append(Failure.PAYEE_RECEIVER)
    if code and (payee.pix_key or payee.psp_host):
        failures += _strange_accounts(code, payee)
    elif code and payee:
        unconfirmed.add(Item.PIX)
    return frozenset(unconfirmed)


def _strange_accounts(code: pix.BRCode, payee: Payee) -> Iterator[Failure]:
    """Of all accounts that the code names, recurrences included, those that are not the payee's.

    A static code where a dynamic one was confirmed, or the other way round, is another payee's.
    """
    keys = {_key(account.key) for account in code.accounts if account.key}
    strange_hosts = {account.host for account in code.accounts if account.host} - {(payee.psp_host or "").lower()}
    if payee.pix_key and (code.dynamic or keys != {_key(payee.pix_key)}):
        yield Failure.PAYEE_KEY
    elif strange_hosts or (keys and not payee.pix_key):
        yield Failure.PAYEE_HOST
    if any(account.key is None and account.host is None for account in code.accounts):
        yield Failure.PAYEE_ACCOUNT


def _key(written: str) -> str:
    """A key as it is compared: e-mail addresses and random keys are written in either case."""
    return written.strip().casefold()
