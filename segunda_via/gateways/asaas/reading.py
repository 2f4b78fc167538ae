"""What Asaas answers, read: its customers and its charges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from segunda_via.boletos.business_days import is_overdue
from segunda_via.boletos.documents import Document
from segunda_via.boletos.invoice import Invoice
from segunda_via.errors import GatewayProtocolError
from segunda_via.gateways.asaas.description import DESCRIPTION
from segunda_via.gateways.discount import discounted
from segunda_via.http.record import Record

GATEWAY = DESCRIPTION.name

OPEN = ("OVERDUE", "PENDING", "DUNNING_REQUESTED")
"""What is still owed. The filter takes one status a call. The last is unpaid too, in the hands of a credit bureau."""

_CLOSED = frozenset(
    {
        "RECEIVED",
        "CONFIRMED",
        "REFUNDED",
        "RECEIVED_IN_CASH",
        "REFUND_REQUESTED",
        "REFUND_IN_PROGRESS",
        "CHARGEBACK_REQUESTED",
        "CHARGEBACK_DISPUTE",
        "AWAITING_CHARGEBACK_REVERSAL",
        "DUNNING_RECEIVED",
        "AWAITING_RISK_ANALYSIS",
        "AUTHORIZED",
    }
)

_DISCOUNTS = ("PERCENTAGE", "FIXED")


def payer(customer: Record, document: Document) -> tuple[str, str | None] | None:
    """Id and name of a customer record; None for somebody else's and for a deleted one.

    Whose it is was asked for already; a filter that were ignored must never show somebody else's invoices.
    """
    if _letters_and_digits(customer.text("cpfCnpj")) != document.value or customer.flag("deleted"):
        return None
    return customer.identifier("id"), customer.name("name")


def invoice(charge: Record, payers: Mapping[str, str | None], today: date) -> Invoice | None:
    """The charge as an Invoice, its codes not yet fetched; None when it is not theirs, or not open.

    `value` stays nominal while a charge is open, and `interestValue` is the fine and interest that its boleto and Pix
    add today; so their sum is what is owed. A charge whose `originalValue` is set carries them in `value` already.
    Asaas flags a boleto as overdue on the day after its due date, a Sunday included; then nothing is added by law, so
    the sum counts only once `is_overdue` agrees. Until then its discount does, while it lasts.
    """
    customer = charge.identifier("customer")
    if customer not in payers or not _is_open(charge):
        return None
    due_date = charge.day("dueDate")
    amount, updated = charge.amount_owed("value"), None
    if is_overdue(due_date, today):
        original, interest = charge.optional_money("originalValue"), charge.optional_money("interestValue")
        if original and original < amount:
            amount, updated = original, amount
        elif interest:
            updated = amount + interest
    else:
        updated = _discounted(charge, amount, due_date, today)
    identifier = charge.identifier("id")
    return Invoice(
        gateway_id=identifier,
        number=charge.shown("invoiceNumber", "nossoNumero") or identifier.removeprefix("pay_"),
        due_date=due_date,
        amount=amount,
        updated_amount=updated,
        payment_url=charge.url("invoiceUrl"),
        pdf_url=charge.url("bankSlipUrl"),
        payer=payers[customer],
    )


def error_code(body: object) -> str | None:
    """`errors[0].code`, when it is a code and not prose (which may repeat what was asked)."""
    errors = body.get("errors") if isinstance(body, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    code = first.get("code") if isinstance(first, dict) else None
    return code if isinstance(code, str) and re.fullmatch(r"[a-zA-Z_]{1,60}", code) else None


def _is_open(charge: Record) -> bool:
    """Asked for already, too. GatewayProtocolError for a status that Asaas does not document."""
    if charge.flag("deleted"):
        return False
    return charge.one_of("status", OPEN, _CLOSED)


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


def _letters_and_digits(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())
