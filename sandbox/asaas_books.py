"""What the simulated Asaas account holds on one day, found by the keys that Asaas gives it."""

from __future__ import annotations

import base64
import hashlib

from sandbox.ledger import Charge, Persona, Registration, digits


class Entry:
    """A charge and the customer record that owes it."""

    def __init__(self, record: Registration, charge: Charge) -> None:
        self.record = record
        self.charge = charge


class Books:
    """Everything of one day, newest created first, as Asaas lists."""

    def __init__(self, cast: tuple[Persona, ...]) -> None:
        self.faults = {persona.document: persona.fault for persona in cast if persona.fault}
        self.customers = [(persona, record) for persona in cast for record in persona.registrations][::-1]
        self.entries = [Entry(record, charge) for _, record in self.customers for charge in record.charges]
        self.entries.sort(key=lambda entry: entry.charge.created, reverse=True)
        self.by_slug = {slug_of(entry.charge): entry for entry in self.entries}
        self.document_by_customer = {customer_id(record): persona.document for persona, record in self.customers}
        self.document_by_slug = {
            slug_of(charge): persona.document for persona, record in self.customers for charge in record.charges
        }


def customer_id(record: Registration) -> str:
    return f"cus_{digits(f'customer {record.key}', 12)}"


def slug_of(charge: Charge) -> str:
    """Sixteen lower-case letters and digits: the id without `pay_`."""
    return base64.b32encode(hashlib.sha256(charge.key.encode()).digest()).decode().lower()[:16]
