"""Charges and their owners in SGA's words, in every way that SGA is known to write the same thing.

Which way is chosen by the charge's or the record's key, so that one of them always looks the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sandbox.ledger import Charge, Method, Persona, Registration, State, digits
from segunda_via.boletos import documents, linha_digitavel

Json = dict[str, object]

_SITUATIONS = {
    State.OPEN: ("2", "ABERTO"),
    State.DUNNING: ("2", "ABERTO"),
    State.PAID: ("1", "BAIXADO"),
    State.REMOVED: ("3", "CANCELADO"),
}
_BILLED_BY = {Method.CARD: "CARTÃO DE CRÉDITO"}
NO_LINK = "Não é possível gerar o link de um boleto nesta situação"


def turn(key: str, ways: int) -> int:
    """One of so many ways, always the same for one key."""
    return int(digits(f"way {key}", 6)) % ways


def money(amount: Decimal, key: str) -> object:
    """189.90, 189,90, 1.234,56, or a number."""
    english = f"{amount:,.2f}"
    return (
        english.replace(",", ""),
        english.replace(",", "").replace(".", ","),
        english.translate(str.maketrans(",.", ".,")),
        float(amount),
    )[turn(key, 4)]


def day(value: date, key: str) -> str:
    """2026-11-10, 2026-11-10T00:00:00-0000, or 10/11/2026."""
    return (value.isoformat(), f"{value.isoformat()}T00:00:00-0000", value.strftime("%d/%m/%Y"))[turn(key, 3)]


def wrapped(rows: Sequence[Json], key: str) -> object:
    """The same rows bare, in one of three wrappers, or (when there is one) without an array."""
    alone: object = rows[0] if len(rows) == 1 else list(rows)
    return (list(rows), {"boletos": list(rows)}, {"data": list(rows)}, {"dados": alone}, alone)[turn(key, 5)]


def associate_code(record: Registration) -> str:
    return digits(f"associate {record.key}", 5)


def is_open(charge: Charge) -> bool:
    return _SITUATIONS[charge.state][0] == "2"


def associate_object(persona: Persona, record: Registration) -> Json:
    method = record.charges[0].method if record.charges else Method.BOLETO
    return {
        "codigo_associado": associate_code(record),
        "nome": record.name,
        "cpf": documents.format(persona.document),
        "rg": None,
        "data_nascimento": "1990-01-31",
        "telefone_fixo": "",
        "telefone_celular": "(62) 90000-0000",
        "email": "associado@example.com",
        "codigo_situacao": "1",
        "descricao_situacao": "ATIVO",
        "descricao_tipo_cobranca_recorrente": _BILLED_BY.get(method, "BOLETO / CARNÊ"),
        "dia_vencimento": "10",
        "veiculos": [{"codigo_veiculo": "555", "placa": "ABC1D23", "descricao_situacao": "ATIVO"}],
    }


def listed_object(persona: Persona, record: Registration, charge: Charge) -> Json:
    """As in `/listar/boleto`: no codes."""
    situation, description = _SITUATIONS[charge.state]
    due = f"{charge.due_date.isoformat()}T00:00:00-0000"
    return {
        "codigo_associado": associate_code(record),
        "nome_associado": record.name,
        "cpf_associado": persona.document,
        "codigo_boleto": digits(f"boleto {charge.key}", 6),
        "nosso_numero": charge.number,
        "codigo_situacao_boleto": situation,
        "descricao_situacao_boleto": description,
        "mes_referente": charge.due_date.strftime("%m/%Y"),
        "data_emissao": f"{charge.created.isoformat()}T00:00:00-0000",
        "data_vencimento_original": due,
        "data_vencimento": due if turn(charge.key, 2) else day(charge.due_date, charge.key),
        "valor_boleto": money(charge.amount, charge.key),
        "data_pagamento": None,
        "descricao_tipo_cobranca_recorrente": _BILLED_BY.get(charge.method, "BOLETO / CARNÊ"),
    }


def boleto_object(persona: Persona, record: Registration, charge: Charge, root: str, image: str | None) -> Json:
    """As in `/buscar/boleto`: with the codes that there are."""
    listed = listed_object(persona, record, charge)
    has_link = charge.has_slip and charge.linha_digitavel is not None and is_open(charge)
    found: Json = {
        **listed,
        "cpf_associado": documents.format(persona.document),
        "data_vencimento": day(charge.due_date, f"{charge.key} boleto"),
        "linha_digitavel": linha_digitavel.format(charge.linha_digitavel) if charge.linha_digitavel else None,
        "link_boleto": f"{root}/boleto/{charge.number}.pdf" if has_link else NO_LINK,
        "short_link": f"{root}/s/{charge.number}" if has_link else None,
        "veiculos": [{"placa": "ABC1D23", "descricao_tipo_veiculo": "AUTOMÓVEL"}],
    }
    if charge.pix:
        found["pix"] = {"copia_cola": charge.pix, "qrcode": image}
    elif turn(charge.key, 2):
        found["pix"] = None  # elsewhere it is not there at all
    return found


def updated_object(persona: Persona, record: Registration, charge: Charge, today: date) -> Json:
    """As in `/listar/boleto-associado-veiculo`: with what fine and interest come to."""
    situation, description = _SITUATIONS[charge.state]
    interest = charge.interest or Decimal(0)
    return {
        "nosso_numero": int(charge.number),
        "linha_digitavel": linha_digitavel.format(charge.linha_digitavel) if charge.linha_digitavel else None,
        "tipo_boleto": "FECHAMENTO",
        "valor_boleto": f"{charge.amount:.2f}",
        "valor_multa": f"{interest / 2:.3f}",
        "valor_mora": f"{interest / 2:.3f}",
        "valor_boleto_multa_mora": money(charge.amount + interest, charge.key),
        "quantidade_dias_vencidos": max((today - charge.due_date).days, 0),
        "codigo_associado": int(associate_code(record)),
        "nome_associado": record.name,
        "cpf": persona.document,
        "data_vencimento": charge.due_date.isoformat(),
        "data_vencimento_original": charge.due_date.isoformat(),
        "codigo_situacao_boleto": situation,
        "situacao_boleto": description,
        "veiculos": [{"codigo_veiculo": 555, "placa": "ABC1D23"}],
    }
