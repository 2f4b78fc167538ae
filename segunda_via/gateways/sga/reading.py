"""What SGA answers, read: its changing envelopes, the many meanings of 406, and its boletos.

SGA wraps the same rows in nothing, in `boletos`, `data` or `dados`, and leaves out the array around a single one. It
says by a 406 that nothing was found, that a token may not use a route, that a search lacks its dates, and more; only
the sentence tells which. Its texts never leave this module: some repeat what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum

from segunda_via.boletos import linha_digitavel
from segunda_via.boletos.documents import Document
from segunda_via.boletos.invoice import Codes, Invoice, Status
from segunda_via.boletos.plain_text import folded
from segunda_via.errors import GatewayProtocolError
from segunda_via.gateways.sga.description import DESCRIPTION
from segunda_via.http.record import Record, records_of
from segunda_via.http.written_values import is_the_document

GATEWAY = DESCRIPTION.name

OPEN = "2"
"""The one situation of a boleto, ABERTO, in which it may be paid. SGA has none for overdue."""

_WRAPPERS = ("boletos", "associados", "data", "dados")
_KEYS = ("nosso_numero", "codigo_associado")
_LONGEST = 2000
"""Characters that are looked at of what a refusal says."""

_DOCUMENTS = ("cpf", "cnpj", "cpf_cnpj", "cpf_associado")


class SgaRefusal(Enum):
    """What a sentence of SGA means."""

    NOTHING = "nothing was found"
    ROUTE = "its token may not use this route; the association enables it under Área do Cliente, APIs"
    HOURS = "its user may not use the API at this hour"
    SESSION = "the session ended"
    OTHER = "a refusal in words that are not known"


# In this order: a sentence about a route or a token may well say that something was not found.
_SENTENCES: tuple[tuple[SgaRefusal, re.Pattern[str]], ...] = (
    (SgaRefusal.HOURS, re.compile(r"\bhorario")),
    (SgaRefusal.ROUTE, re.compile(r"rota\b.*(nao|sem) permi|(nao|sem)( tem| possui)? permiss\w* .*\b(rota|acess)")),
    (SgaRefusal.SESSION, re.compile(r"\btoken\b|\bautentica")),
    # No document with wrong check digits is asked for: this is a CNPJ with letters, not known there yet. Nobody has it.
    (SgaRefusal.NOTHING, re.compile(r"\b(cpf|cnpj)\b.*\binvalid")),
    (
        SgaRefusal.OTHER,
        re.compile(
            r"\brota nao (encontrada|existe)"
            r"|\bdata inicial|\bobrigatori|\bnecessario enviar|\bintervalo\b|\binvalid"
        ),
    ),
    (
        SgaRefusal.NOTHING,
        re.compile(
            r"nao (foi |foram )?(encontrad|localizad|cadastrad|exist|ha\b|possui boleto)"
            r"|\bnenhum|\binexistente|\bindisponive|\bsem (boleto|registro|resultado)"
        ),
    ),
)


def meaning(body: object) -> SgaRefusal:
    """What the sentences of a refusal say; OTHER when they say nothing that is known."""
    said = folded(" ".join(_sentences(body))[:_LONGEST])
    return next((refusal for refusal, pattern in _SENTENCES if pattern.search(said)), SgaRefusal.OTHER)


def rows(body: object, where: str) -> list[Record]:
    """The rows of an answer, whatever they are wrapped in. GatewayProtocolError when it holds none that can be read."""
    for _ in range(3):
        wrapper = next((name for name in _WRAPPERS if name in body), None) if isinstance(body, Mapping) else None
        if wrapper is None or not isinstance(body, Mapping):
            break
        body = body[wrapper]
    if isinstance(body, Mapping) and "error" in body and meaning(body) is SgaRefusal.NOTHING:
        return []  # what is a 406 elsewhere
    if isinstance(body, list):
        return records_of(GATEWAY, Record(GATEWAY, {where: body}, "answer").raw_list(where), where)
    alone = Record(GATEWAY, body, where)
    if not any(name in alone for name in _KEYS):
        raise GatewayProtocolError(GATEWAY, "missing", f"{where}.{_KEYS[0]}")  # an answer that is no row at all
    return [alone]


def total(body: object) -> int:
    """How many rows there are on all pages; 0 when the answer does not say."""
    value = Record(GATEWAY, body, "total").shown("total_registros") if isinstance(body, Mapping) else None
    return int(value) if value and value.isascii() and value.isdigit() else 0


def belongs_to(row: Record, document: Document) -> bool | None:
    """Whether the row is that document's; None when it names none."""
    written = [text for name in _DOCUMENTS if (text := row.optional_text(name))]
    return all(is_the_document(text, document) for text in written) if written else None


def payer(row: Record, document: Document) -> tuple[str, str | None] | None:
    """Code and name of an associate; None for somebody else: nobody else's boletos must be listed."""
    owned = belongs_to(row, document)
    if owned is None:
        raise GatewayProtocolError(GATEWAY, "missing", "associate.cpf")
    return (row.identifier("codigo_associado"), row.name("nome")) if owned else None


def invoice(row: Record, associate: str, payer: str | None, document: Document) -> Invoice | None:
    """A row of `/listar/boleto` as an Invoice, its codes not yet fetched; None when it is not theirs, or not open.

    Both of its fields for whose it is are documented, but not every version of SGA repeats them.
    """
    if row.optional_text("codigo_associado") not in {None, associate} or belongs_to(row, document) is False:
        return None
    situation = row.identifier("codigo_situacao_boleto")
    if situation != OPEN:
        if not situation.isdigit():
            raise GatewayProtocolError(GATEWAY, "is no number of a situation", "boletos.codigo_situacao_boleto")
        return None
    number = row.identifier("nosso_numero")
    return Invoice(
        gateway_id=number,
        number=number,
        due_date=row.day("data_vencimento"),
        amount=row.amount_owed("valor_boleto"),
        payer=payer,
    )


def codes(row: Record) -> Codes:
    """The codes of a row of `/buscar/boleto`.

    A boleto that was issued again has its new line in `linha_digitavel_atual`, and may have the old one beside it. No
    field of the bars is documented; they are derived from the line.
    """
    lines = (_line(row, name) for name in ("linha_digitavel_atual", "linha_digitavel"))
    return Codes(linha_digitavel=next(filter(None, lines), None), pix=_pix(row))


def status(row: Record, found: Codes) -> Status:
    """A boleto without codes is still being registered, but for one that is charged to a card by itself."""
    situation = row.optional_text("codigo_situacao_boleto")
    if situation not in {None, OPEN}:
        return Status.CLOSED
    by_card = "cartao" in folded(row.optional_text("descricao_tipo_cobranca_recorrente") or "")
    return Status.OPEN if found or by_card else Status.REGISTERING


def updated_amount(row: Record) -> Decimal | None:
    """What is owed today, fine and interest included; None when it was not worked out."""
    return row.optional_money("valor_boleto_multa_mora") or None


def brazilian(day: date) -> str:
    """As SGA wants dates.

    >>> brazilian(date(2026, 11, 5))
    '05/11/2026'
    """
    return day.strftime("%d/%m/%Y")


def _line(row: Record, name: str) -> str | None:
    """The digits of a line; None for a sentence that says why there is none."""
    written = row.optional_text(name)
    if not written or re.search(r"[^\W\d_]", written):
        return None
    return linha_digitavel.compact(written) or None


def _pix(row: Record) -> str | None:
    value = row.raw("pix")
    if not value:  # missing, null, or an empty PHP array
        return None
    if isinstance(value, str):
        return row.optional_text("pix", limit=1000)
    if not isinstance(value, Mapping):
        raise GatewayProtocolError(GATEWAY, "should be an object", "boleto.pix")
    return Record(GATEWAY, value, "boleto.pix").optional_text("copia_cola", limit=1000)


def _sentences(body: object) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    elif isinstance(body, list):
        for item in body[:20]:
            yield from _sentences(item)
    elif isinstance(body, Mapping):
        for name in ("error", "erro", "errors", "mensagem", "message"):
            yield from _sentences(body.get(name))
