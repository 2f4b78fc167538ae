"""A boleto as data: what its PDF shows, and where the gateway's own PDF is.

Money is Decimal reais. Codes and names are kept out of every repr. A slip travels inside an encrypted link
(`links.py`), so it holds nothing that can be derived from the rest.

>>> mask_name("João da Silva Souza")
'J*** da S*** S***'
>>> mask_name(mask_name("ACME Telecom"))
'A*** T***'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from segunda_via.boletos.trusted_hosts import TrustedHosts

_PARTICLES = frozenset({"da", "das", "de", "do", "dos", "e"})


@dataclass(frozen=True)
class Slip:
    """One invoice that passed its checks.

    `amount` is what the customer is told to pay, never less than `nominal_amount`, which was invoiced.
    `linha_digitavel` and `pix` are valid and compact, None when the invoice has none. `pdf_hosts` are those that may
    serve `pdf_url`.
    """

    gateway: str
    number: str
    due_date: date
    amount: Decimal
    nominal_amount: Decimal
    beneficiary: str | None = field(default=None, repr=False)
    payer: str | None = field(default=None, repr=False)
    linha_digitavel: str | None = field(default=None, repr=False)
    pix: str | None = field(default=None, repr=False)
    pdf_url: str | None = field(default=None, repr=False)
    pdf_hosts: TrustedHosts = TrustedHosts()


def mask_name(name: str) -> str:
    """The initials of a name: enough for its owner to recognise it. Masking twice changes nothing."""
    return " ".join(_mask_word(word) for word in name.split())


def _mask_word(word: str) -> str:
    if word.lower() in _PARTICLES:
        return word
    # A sole trader's name may end in the CPF: of what is not a letter, nothing is shown.
    return f"{word[0]}***" if word[0].isalpha() else "***"
