"""What a simulated company is owed, in no gateway's words: each simulator renders these in its own shape.

Amounts are Decimal reais. Codes are valid unless a persona asks for tampered ones. The same key always makes the same
codes and numbers, so that what was printed stays true.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum

from segunda_via.boletos import linha_digitavel as boleto
from segunda_via.boletos import pix
from segunda_via.boletos.business_days import is_overdue


class Method(str, Enum):
    """How a charge may be paid."""

    BOLETO = "boleto"
    PIX = "pix"
    CARD = "card"
    ANY = "any"
    """The payer chooses: boleto or Pix."""


class State(str, Enum):
    """What became of a charge. Whether an open one is overdue is for each gateway to say."""

    OPEN = "open"
    DUNNING = "dunning"
    """Unpaid, and handed to a credit bureau."""
    PAID = "paid"
    REMOVED = "removed"


class Pdf(str, Enum):
    """What stands at a boleto's PDF address."""

    REAL = "real"
    HTML = "html"
    MISSING = "missing"
    STUB = "stub"
    """Begins as a PDF does, and is none."""
    OTHER = "other"
    """The boleto of another invoice, of the same company."""


@dataclass(frozen=True)
class Issuer:
    """Who receives the money: the bank of the boletos, and the receiver and host of the Pix."""

    bank_code: str
    receiver: str
    city: str
    psp_path: str
    """Host and path of the dynamic Pix, without scheme."""


@dataclass(frozen=True)
class Charge:
    """One charge. `barcode`, `linha_digitavel` and `pix` are None where it has none (yet)."""

    key: str
    due_date: date
    created: date
    amount: Decimal
    interest: Decimal | None
    """Fine and interest up to today, None while it is not overdue."""
    method: Method
    state: State
    description: str
    issuer: Issuer
    barcode: str | None
    linha_digitavel: str | None
    pix: str | None
    pdf: Pdf = Pdf.REAL

    @property
    def number(self) -> str:
        """What the customer knows it by: eight digits."""
        return digits(f"number {self.key}", 8)

    @property
    def nosso_numero(self) -> str:
        return digits(f"nosso numero {self.key}", 8)

    @property
    def has_slip(self) -> bool:
        """Whether it is a boleto, registered already or not."""
        return self.method in {Method.BOLETO, Method.ANY}


@dataclass(frozen=True)
class Registration:
    """One customer record. Nothing keeps a company from having several with one document."""

    key: str
    name: str
    charges: tuple[Charge, ...]
    deleted: bool = False


@dataclass(frozen=True)
class Persona:
    """Somebody to try things out with. `situation` says in Portuguese what their document shows."""

    key: str
    document: str
    situation: str
    registrations: tuple[Registration, ...] = ()
    fault: str | None = None
    """What the gateway does whenever it is asked about them; see `faults`."""

    @property
    def charges(self) -> tuple[Charge, ...]:
        return tuple(charge for registration in self.registrations for charge in registration.charges)


def make_charge(
    key: str,
    issuer: Issuer,
    due_date: date,
    amount: Decimal,
    today: date,
    *,
    method: Method = Method.BOLETO,
    state: State = State.OPEN,
    description: str = "Mensalidade",
    registered: bool = True,
    with_pix: bool = True,
    pdf: Pdf = Pdf.REAL,
) -> Charge:
    """A charge with valid codes. An overdue one's Pix asks for fine and interest too, as dynamic ones do."""
    late = is_overdue(due_date, today)
    interest = fine_and_interest(amount, (today - due_date).days) if late else None
    barcode = line = code = None
    if registered and method in {Method.BOLETO, Method.ANY}:
        barcode = boleto.make_barcode(issuer.bank_code, due_date, amount, digits(f"free field {key}", 25))
        line = boleto.to_linha_digitavel(barcode)
    if registered and with_pix and method is not Method.CARD:
        url = f"{issuer.psp_path}/{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        code = pix.make(issuer.receiver, issuer.city, amount=amount + (interest or 0), url=url)
    return Charge(
        key=key,
        due_date=due_date,
        created=min(due_date, today) - timedelta(days=20),
        amount=amount,
        interest=interest,
        method=method,
        state=state,
        description=description,
        issuer=issuer,
        barcode=barcode,
        linha_digitavel=line,
        pix=code,
        pdf=pdf,
    )


def fine_and_interest(amount: Decimal, days_late: int) -> Decimal | None:
    """2 % once, and 1 % a month by the day; None when it is not late.

    >>> fine_and_interest(Decimal("350.00"), 12)
    Decimal('8.40')
    """
    if days_late <= 0:
        return None
    rate = Decimal("0.02") + Decimal("0.01") * days_late / 30
    return (amount * rate).quantize(Decimal("0.01"), ROUND_HALF_UP)


def digits(seed: str, length: int) -> str:
    """`length` digits that look random and are always the same for one seed; the first is never 0."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big")
    return str(number % (9 * 10 ** (length - 1)) + 10 ** (length - 1))
