"""The JSON objects of Asaas: every field of a customer and of a payment, in Asaas's names and types."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sandbox.ledger import Charge, Method, Registration, State

BILLING_TYPES = {Method.BOLETO: "BOLETO", Method.PIX: "PIX", Method.CARD: "CREDIT_CARD", Method.ANY: "UNDEFINED"}

_SLIP_FEE = Decimal("1.99")


def status_of(charge: Charge, today: date) -> str:
    """Overdue from the day after the due date on, weekend or not."""
    if charge.state is State.PAID:
        return "RECEIVED"
    if charge.state is State.DUNNING:
        return "DUNNING_REQUESTED"
    return "OVERDUE" if charge.due_date < today else "PENDING"


def money(amount: Decimal) -> int | float:
    """A JSON number, without a fraction when it has none."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def customer_object(document: str, customer_id: str, record: Registration, today: date) -> dict[str, object]:
    return {
        "object": "customer",
        "id": customer_id,
        "dateCreated": min((charge.created for charge in record.charges), default=today).isoformat(),
        "name": record.name,
        "email": "cliente@example.com",
        "company": None,
        "phone": None,
        "mobilePhone": "47900000000",
        "address": None,
        "addressNumber": None,
        "complement": None,
        "province": None,
        "postalCode": None,
        "cpfCnpj": document,
        "personType": "FISICA" if len(document) == 11 else "JURIDICA",
        "deleted": record.deleted,
        "additionalEmails": None,
        "externalReference": None,
        "notificationDisabled": False,
        "observations": None,
        "municipalInscription": None,
        "stateInscription": None,
        "canDelete": True,
        "cannotBeDeletedReason": None,
        "canEdit": True,
        "cannotEditReason": None,
        "city": None,
        "cityName": None,
        "state": None,
        "country": "Brasil",
    }


def payment_object(charge: Charge, slug: str, customer_id: str, root: str, today: date) -> dict[str, object]:
    paid = charge.due_date.isoformat() if charge.state is State.PAID else None
    payment: dict[str, object] = {
        "object": "payment",
        "id": f"pay_{slug}",
        "dateCreated": charge.created.isoformat(),
        "customer": customer_id,
        "checkoutSession": None,
        "paymentLink": None,
        "value": money(charge.amount),
        "netValue": money(charge.amount - _SLIP_FEE),
        "originalValue": None,
        "interestValue": money(charge.interest) if charge.interest and paid is None else None,
        "description": charge.description,
        "billingType": BILLING_TYPES[charge.method],
        "canBePaidAfterDueDate": True,
        "pixTransaction": None,
        "status": status_of(charge, today),
        "dueDate": charge.due_date.isoformat(),
        "originalDueDate": charge.due_date.isoformat(),
        "paymentDate": paid,
        "clientPaymentDate": paid,
        "installmentNumber": None,
        "invoiceUrl": f"{root}/i/{slug}",
        "invoiceNumber": charge.number,
        "externalReference": None,
        "deleted": charge.state is State.REMOVED,
        "anticipated": False,
        "anticipable": False,
        "creditDate": None,
        "estimatedCreditDate": None,
        "transactionReceiptUrl": None,
        "nossoNumero": charge.nosso_numero if charge.has_slip else None,
        "bankSlipUrl": f"{root}/b/pdf/{slug}" if charge.has_slip else None,
        "lastInvoiceViewedDate": None,
        "lastBankSlipViewedDate": None,
        "discount": {"value": 0, "limitDate": None, "dueDateLimitDays": 0, "type": "PERCENTAGE"},
        "fine": {"value": 2, "type": "PERCENTAGE"},
        "interest": {"value": 1, "type": "PERCENTAGE"},
        "postalService": False,
        "escrow": None,
        "refunds": None,
    }
    if not charge.has_slip:
        del payment["canBePaidAfterDueDate"]
    return payment
