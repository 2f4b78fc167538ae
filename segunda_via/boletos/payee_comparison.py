"""Who receives the money: what was confirmed beside what was read from an invoice, compared, joined and told. Pure.

One invoice shows only some of it: one without a Pix shows the bank alone. What it does not show stays as confirmed.

>>> confirmed = Payee("461", "EMPRESA TESTE", "pix.asaas.com")
>>> differs(confirmed, Payee("461")), differs(confirmed, Payee("001"))
(False, True)
>>> joined(confirmed, Payee("001")) == Payee("001", "EMPRESA TESTE", "pix.asaas.com")
True
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, Final, NamedTuple

from segunda_via.boletos import linha_digitavel
from segunda_via.boletos.checks import Payee
from segunda_via.boletos.plain_text import comparable

LABELS: Final[Mapping[str, str]] = {
    "bank_code": "Banco do boleto",
    "pix_receiver": "Quem recebe o Pix",
    "psp_host": "Endereço do Pix",
    "pix_key": "Chave Pix",
}
_NAMES: Final = tuple(field.name for field in fields(Payee))
_PIX: Final = frozenset(_NAMES) - {"bank_code"}
_PINS: Final = _PIX - {"pix_receiver"}
"""What holds a Pix beside its receiver's name. One code has one of them."""


class Compared(NamedTuple):
    """One line of two payees side by side."""

    label: str
    confirmed: str
    seen: str
    differs: bool


def read(value: Mapping[str, Any]) -> Payee:
    """The payee in a saved setting, whatever else stands beside it."""
    return Payee(**{name: value.get(name) for name in _NAMES})


def differs(confirmed: Payee, seen: Payee) -> bool:
    """Whether what was read contradicts what was confirmed."""
    return bool(_contradicted(confirmed, seen))


def joined(confirmed: Payee, seen: Payee) -> Payee:
    """What is confirmed once `seen` is. Of a Pix that pays somebody else, nothing of the one before is left."""
    old, new, wrong = _told(confirmed), _told(seen), _contradicted(confirmed, seen)
    kept = {name: value for name, value in old.items() if not (name in _PIX and wrong & _PIX)}
    changed = {name: value for name, value in new.items() if name in wrong or name not in kept}
    return read({**kept, **changed})


def beside(confirmed: Payee, seen: Payee) -> list[Compared]:
    """What is known of either, line by line."""
    old, new, wrong = _told(confirmed), _told(seen), _contradicted(confirmed, seen)
    return [
        Compared(LABELS[name], _shown(name, old.get(name)), _shown(name, new.get(name)), name in wrong)
        for name in _NAMES
        if name in old or name in new
    ]


def facts(payee: Payee) -> list[tuple[str, str]]:
    """
    >>> facts(Payee("461", "EMPRESA TESTE"))
    [('Banco do boleto', '461 (Asaas)'), ('Quem recebe o Pix', 'EMPRESA TESTE')]
    """
    return [(LABELS[name], _shown(name, value)) for name, value in _told(payee).items()]


def summary(payee: Payee) -> str:
    """On one line, for reports and notices: of a key, which may be somebody's CPF or phone, only the end.

    >>> summary(Payee("461", "EMPRESA TESTE", "pix.asaas.com"))
    'EMPRESA TESTE · banco 461 (Asaas) · pix.asaas.com'
    >>> summary(Payee("461", "EMPRESA TESTE", pix_key="financeiro@empresa.example"))
    'EMPRESA TESTE · banco 461 (Asaas) · chave Pix …mple'
    """
    bank = f"banco {_shown('bank_code', payee.bank_code)}" if payee.bank_code else None
    key = f"chave Pix …{payee.pix_key[-4:]}" if payee.pix_key else None
    return " · ".join(part for part in (payee.pix_receiver, bank, key, payee.psp_host) if part)


def unconfirmed(payee: Payee) -> str | None:
    """What is never sent because the confirmed payee says nothing of it; None when it says enough, or is nobody.

    >>> unconfirmed(Payee("461", "EMPRESA TESTE")), unconfirmed(Payee("461", "EMPRESA TESTE", "pix.asaas.com"))
    ('Pix', None)
    """
    if not payee:
        return None
    if not (payee.pix_key or payee.psp_host):
        return "Pix"
    return None if payee.bank_code else "código de barras"


def name_of(payee: Payee) -> str:
    """What an operator types to confirm another payee: who receives the Pix; without a Pix, the bank's code."""
    return payee.pix_receiver or payee.bank_code or ""


def is_named(payee: Payee, typed: str) -> bool:
    """
    >>> is_named(Payee("461", "EMPRESA TESTÉ"), " empresa  teste"), is_named(Payee("461"), ""), is_named(Payee(), "")
    (True, False, False)
    """
    return bool(name_of(payee)) and comparable(typed) == comparable(name_of(payee))


def _contradicted(confirmed: Payee, seen: Payee) -> frozenset[str]:
    """The names of what cannot be true of one payee."""
    old, new = _told(confirmed), _told(seen)
    wrong = {name for name in old.keys() & new.keys() if not _alike(name, old[name], new[name])}
    held, shown = old.keys() & _PINS, new.keys() & _PINS
    if held and shown and not held & shown:  # a key where an address was, or the other way round
        wrong |= held | shown
    return frozenset(wrong)


def _alike(name: str, one: str, other: str) -> bool:
    if name == "pix_receiver":
        return comparable(one) == comparable(other)
    return one.casefold() == other.casefold()


def _told(payee: Payee) -> dict[str, str]:
    return {name: value for name, value in asdict(payee).items() if value}


def _shown(name: str, value: str | None) -> str:
    bank = linha_digitavel.bank_name(value) if name == "bank_code" else None
    return f"{value} ({bank})" if bank else value or ""
