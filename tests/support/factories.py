"""Invoices whose codes pass every check, to be bent one at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from segunda_via.boletos import checks, linha_digitavel, pix
from segunda_via.boletos.invoice import Codes, Invoice
from segunda_via.boletos.trusted_hosts import TrustedHosts

TODAY = date(2026, 11, 23)
CPF = "52998224725"
RECEIVER = "EMPRESA TESTE"
PSP = "pix.asaas.com"
LINK_HOSTS = TrustedHosts(frozenset({"www.asaas.com"}))


def line(due: date | None, amount: str, bank: str = "461") -> str:
    return linha_digitavel.to_linha_digitavel(linha_digitavel.make_barcode(bank, due, Decimal(amount), "1" * 25))


def pix_code(amount: str | None, receiver: str = RECEIVER, host: str = PSP) -> str:
    return pix.make(
        receiver,
        "JOINVILLE",
        amount=Decimal(amount) if amount else None,
        url=f"{host}/qr/cobv/7f0c2a34",
        single_use=True,
    )


def invoice(due: date = date(2026, 12, 10), amount: str = "189.90", **changes: Any) -> Invoice:
    """An invoice with line, barcode, Pix, link and PDF that agree."""
    linha = line(due, amount)
    whole = Invoice(
        gateway_id="pay_0001",
        number="15924715",
        due_date=due,
        amount=Decimal(amount),
        codes=Codes(linha_digitavel=linha, codigo_barras=linha_digitavel.to_barcode(linha), pix=pix_code(amount)),
        payment_url="https://www.asaas.com/i/0001",
        pdf_url="https://www.asaas.com/b/pdf/0001",
        payer="Cliente Exemplo",
    )
    return replace(whole, **changes)


def examine(given: Invoice, today: date, **options: Any) -> checks.Verdict:
    """The checks, at a gateway whose links may lead where `invoice()`'s does."""
    return checks.examine(given, today, **{"link_hosts": LINK_HOSTS, **options})
