"""The cast of the sandbox: a generated document for every situation worth trying, dated relative to a given today.

The documents are made from the personas' keys, so they are the same on every machine and every day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from stdnum.br import cnpj

from sandbox.ledger import Charge, Issuer, Method, Pdf, Persona, Registration, State, digits, make_charge
from segunda_via.boletos.business_days import last_day_to_pay

MANY = 500
"""Open invoices of the persona that has many."""


@lru_cache(maxsize=16)
def personas(today: date, issuer: Issuer) -> tuple[Persona, ...]:
    """Everybody, in the order in which they are shown; the first is a CPF with a complete overdue delivery."""
    return tuple(build(Company(today, issuer)) for build in _CAST)


def persona(key: str, today: date, issuer: Issuer) -> Persona:
    """The persona with that key."""
    return next(one for one in personas(today, issuer) if one.key == key)


class Company:
    """Makes the charges of one company on one day."""

    def __init__(self, today: date, issuer: Issuer) -> None:
        self.today = today
        self.issuer = issuer

    def charge(self, key: str, due_in: int, amount: str, **options: object) -> Charge:
        """A charge that falls due in so many days, in the past when negative; for `options` see `make_charge`."""
        due_date = self.today + timedelta(days=due_in)
        return make_charge(key, self.issuer, due_date, Decimal(amount), self.today, **options)  # type: ignore[arg-type]

    def paid(self, key: str) -> Charge:
        """Last month's, paid: every real customer has a past."""
        return self.charge(f"{key} paid", -45, "99.90", state=State.PAID)


def cpf(key: str) -> str:
    """A valid CPF made from a key."""
    base = digits(f"cpf {key}", 9)
    for weight in (10, 11):
        total = sum(int(digit) * (weight - place) for place, digit in enumerate(base))
        base += str((11 - total % 11) % 11 % 10)
    return base


def numeric_cnpj(key: str) -> str:
    """A valid CNPJ made from a key, digits only."""
    base = digits(f"cnpj {key}", 8) + "0001"
    return base + str(cnpj.calc_check_digits(base))


def alphanumeric_cnpj(key: str) -> str:
    """A valid CNPJ made from a key, with letters as given out since July 2026."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    places = digits(f"alphanumeric cnpj {key}", 24)
    base = "".join(alphabet[int(places[i : i + 2]) % 36] for i in range(0, 24, 2))
    return base + str(cnpj.calc_check_digits(base))


def _one_record(key: str, document: str, situation: str, *charges: Charge, fault: str | None = None) -> Persona:
    name = f"{'Empresa' if len(document) == 14 else 'Cliente'} Exemplo {digits(key, 3)}"
    return Persona(key, document, situation, (Registration(key, name, charges),), fault)


def _overdue(company: Company) -> Persona:
    key = "overdue"
    return _one_record(
        key, cpf(key), "vencido há 12 dias: entrega completa, valor atualizado e mais dois em aberto",
        company.paid(key),
        company.charge(f"{key} oldest", -12, "350.00"),
        company.charge(f"{key} next", 18, "350.00"),
        company.charge(f"{key} later", 48, "350.00"),
    )  # fmt: skip


def _next_due(company: Company) -> Persona:
    key = "next_due"
    return _one_record(
        key, cpf(key), "nada vencido: o próximo vence em 5 dias",
        company.paid(key), company.charge(f"{key} later", 35, "129.90"), company.charge(key, 5, "129.90"),
    )  # fmt: skip


def _up_to_date(company: Company) -> Persona:
    key = "up_to_date"
    removed = company.charge(f"{key} removed", -3, "80.00", state=State.REMOVED)
    return _one_record(key, cpf(key), "em dia: nada em aberto", company.paid(key), removed)


def _unknown(company: Company) -> Persona:
    return Persona("unknown", cpf("unknown"), "documento que não está cadastrado")


def _no_pix(company: Company) -> Persona:
    key = "no_pix"
    return _one_record(key, cpf(key), "boleto sem Pix", company.charge(key, 7, "189.90", with_pix=False))


def _pix_only(company: Company) -> Persona:
    key = "pix_only"
    return _one_record(key, cpf(key), "só Pix, sem boleto", company.charge(key, 3, "59.90", method=Method.PIX))


def _undefined(company: Company) -> Persona:
    key = "undefined"
    return _one_record(
        key, cpf(key), "o pagador escolhe: boleto ou Pix", company.charge(key, 9, "75.50", method=Method.ANY)
    )


def _registering(company: Company) -> Persona:
    key = "registering"
    charge = company.charge(key, 10, "210.00", registered=False, pdf=Pdf.MISSING)
    return _one_record(key, cpf(key), "boleto ainda em registro no banco: não há como pagar", charge)


def _card(company: Company) -> Persona:
    key = "card"
    charge = company.charge(key, 4, "49.90", method=Method.CARD)
    return _one_record(key, cpf(key), "só cartão de crédito: nem Pix nem boleto", charge)


def _several_records(company: Company) -> Persona:
    key = "several_records"
    return Persona(
        key,
        cpf(key),
        "três cadastros com o mesmo CPF, um deles excluído; o vencido é o mais antigo",
        (
            Registration(f"{key} 1", "Cliente Exemplo Casa", (company.charge(f"{key} 1", 6, "99.90"),)),
            Registration(f"{key} 2", "Cliente Exemplo Loja", (company.charge(f"{key} 2", -25, "149.90"),)),
            Registration(
                f"{key} 3", "Cliente Exemplo Antigo", (company.charge(f"{key} 3", -90, "10.00"),), deleted=True
            ),
        ),
    )


def _dunning(company: Company) -> Persona:
    key = "dunning"
    charge = company.charge(key, -60, "420.00", state=State.DUNNING)
    return _one_record(key, cpf(key), "vencido há 60 dias, em negativação", charge)


def _company_cnpj(company: Company) -> Persona:
    key = "cnpj"
    return _one_record(
        key, numeric_cnpj(key), "empresa com boleto vencido", company.charge(key, -8, "1234.56"),
    )  # fmt: skip


def _company_alphanumeric_cnpj(company: Company) -> Persona:
    key = "alphanumeric_cnpj"
    return _one_record(
        key, alphanumeric_cnpj(key), "empresa com CNPJ alfanumérico, a vencer", company.charge(key, 11, "890.10"),
    )  # fmt: skip


def _weekend(company: Company) -> Persona:
    key = "weekend"
    # The Saturday that is past but not overdue yet, when there is one; else the coming one.
    saturday = company.today - timedelta(days=(company.today.weekday() - 5) % 7)
    if company.today > last_day_to_pay(saturday):
        saturday += timedelta(days=7)
    charge = make_charge(key, company.issuer, saturday, Decimal("64.00"), company.today)
    return _one_record(key, cpf(key), "vence num sábado: ainda não está vencido no dia útil seguinte", charge)


def _tampered_line(company: Company) -> Persona:
    key = "tampered_line"
    charge = company.charge(key, -5, "310.00")
    line = charge.linha_digitavel or ""
    changed = str((int(line[12]) + 1) % 10)
    return _one_record(
        key, cpf(key), "linha digitável adulterada: nada é enviado",
        replace(charge, linha_digitavel=line[:12] + changed + line[13:]),
    )  # fmt: skip


def _tampered_pix(company: Company) -> Persona:
    key = "tampered_pix"
    charge = company.charge(key, 5, "310.00")
    code = charge.pix or ""
    return _one_record(
        key, cpf(key), "Pix adulterado: nada é enviado",
        replace(charge, pix=code.replace(company.issuer.receiver, company.issuer.receiver[::-1])),
    )  # fmt: skip


def _tampered_amount(company: Company) -> Persona:
    key = "tampered_amount"
    charge, other = company.charge(key, 6, "310.00"), company.charge(f"{key} other", 6, "3100.00")
    return _one_record(
        key, cpf(key), "valor da linha digitável não é o da fatura: nada é enviado",
        replace(charge, barcode=other.barcode, linha_digitavel=other.linha_digitavel),
    )  # fmt: skip


def _wrong_payee(company: Company) -> Persona:
    key = "wrong_payee"
    stranger = Company(company.today, Issuer("001", "OUTRA PESSOA", "SAO PAULO", "pix.example.com/qr/v2/cobv"))
    charge = stranger.charge(key, 8, "310.00")
    return _one_record(key, cpf(key), "recebedor que não é a empresa: nada é enviado", charge)


def _gateway_down(company: Company) -> Persona:
    key = "gateway_down"
    return _one_record(key, cpf(key), "gateway fora do ar", company.charge(key, 5, "99.90"), fault="503")


def _slow_gateway(company: Company) -> Persona:
    key = "slow_gateway"
    return _one_record(key, cpf(key), "gateway que demora 10 segundos", company.charge(key, 5, "99.90"), fault="slow")


def _token_rejected(company: Company) -> Persona:
    key = "token_rejected"
    return _one_record(key, cpf(key), "gateway que recusa o token", company.charge(key, 5, "99.90"), fault="401")


def _many(company: Company) -> Persona:
    key = "many"
    charges = (company.charge(f"{key} {i}", i - MANY // 2, f"{20 + i % 50}.90") for i in range(MANY))
    return _one_record(key, cpf(key), f"{MANY} faturas em aberto", *charges)


def _pdf_html(company: Company) -> Persona:
    key = "pdf_html"
    return _one_record(
        key, cpf(key), "o endereço do PDF devolve uma página HTML", company.charge(key, 12, "99.90", pdf=Pdf.HTML)
    )


def _pdf_missing(company: Company) -> Persona:
    key = "pdf_missing"
    return _one_record(
        key, cpf(key), "o PDF não está mais no endereço", company.charge(key, 12, "99.90", pdf=Pdf.MISSING)
    )


def _pdf_stub(company: Company) -> Persona:
    key = "pdf_stub"
    charge = company.charge(key, 12, "99.90", pdf=Pdf.STUB)
    return _one_record(key, cpf(key), "o PDF está estragado: vai um desenhado aqui", charge)


def _pdf_other(company: Company) -> Persona:
    key = "pdf_other"
    charge = company.charge(key, 12, "99.90", pdf=Pdf.OTHER)
    return _one_record(key, cpf(key), "o PDF é de outro boleto: vai um desenhado aqui", charge)


_CAST: tuple[Callable[[Company], Persona], ...] = (
    _overdue,
    _next_due,
    _up_to_date,
    _unknown,
    _no_pix,
    _pix_only,
    _undefined,
    _registering,
    _card,
    _several_records,
    _dunning,
    _company_cnpj,
    _company_alphanumeric_cnpj,
    _weekend,
    _tampered_line,
    _tampered_pix,
    _tampered_amount,
    _wrong_payee,
    _gateway_down,
    _slow_gateway,
    _token_rejected,
    _many,
    _pdf_html,
    _pdf_missing,
    _pdf_stub,
    _pdf_other,
)
