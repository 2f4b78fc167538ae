"""What MK Solutions' WS*.rule answer, read: ISO-8859-1 with UTF-8 strayed into it, and refusals with status 200.

Sources: the product's page "APIs gerais", and clients that were validated against a provider's server. A refusal's
fields are named differently from rule to rule (`Num. ERRO`, `codigo_erro`), so they are looked for by what they say.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum

from segunda_via.boletos import linha_digitavel
from segunda_via.boletos.business_days import is_overdue
from segunda_via.boletos.documents import Document
from segunda_via.boletos.invoice import Codes, Invoice, Status, Unreadable
from segunda_via.boletos.plain_text import folded
from segunda_via.clock import SAO_PAULO
from segunda_via.errors import GatewayProtocolError
from segunda_via.gateways.listing import sort_out
from segunda_via.gateways.mk_solutions.description import DESCRIPTION
from segunda_via.http.api_client import ApiResponse
from segunda_via.http.record import Record
from segunda_via.http.written_values import is_the_document

GATEWAY = DESCRIPTION.name

_SESSION_OVER = {"001", "999"}
_NOTHING_FOUND = {"002", "003", "004"}  # 002: a document that it holds to be invalid, a newer CNPJ say; 004: no Pix
_OWNERS = ("codpessoa", "codigopessoa", "CodigoPessoa", "cd_pessoa", "cd_cliente")
_EXPIRE = re.compile(r"(\d{2})/(\d{2})/(\d{4}) (\d{2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_LONGEST = 300
"""Characters that are looked at of a refusal's names and words."""

_AS_LATIN_1 = "segunda_via.as_latin_1"


class MkSolutionsSays(Enum):
    """What a refusal means."""

    SESSION_OVER = "the session token is not accepted"
    NOTHING_FOUND = "nothing was found"
    OTHER = "a refusal whose meaning is not known"


@dataclass(frozen=True)
class MkSolutionsRefused:
    """`status: ERRO`. `code` is the gateway's own, three digits; None when it gave none."""

    meaning: MkSolutionsSays
    code: str | None

    def __str__(self) -> str:
        return self.meaning.value + (f" (ERRO {self.code})" if self.code else "")


@dataclass(frozen=True)
class Registration:
    """One customer record of a document."""

    code: str
    name: str | None = field(default=None, repr=False)


def read(answer: ApiResponse) -> Record | MkSolutionsRefused:
    """The object that an answer holds, or the refusal. Anything else is a GatewayProtocolError."""
    body = answer.json()
    record = Record(GATEWAY, body, answer.label)
    if (record.optional_text("status") or "").upper() == "ERRO" and isinstance(body, Mapping):
        return read_refusal(body)
    return record


def to_utf8(content: bytes) -> bytes:
    """What is no UTF-8 in a body is taken for ISO-8859-1; what is, stays. One name may hold both.

    >>> to_utf8("JOÃO ".encode("latin-1") + "CONCEIÇÃO".encode()).decode()
    'JOÃO CONCEIÇÃO'
    """
    return content.decode("utf-8", errors=_AS_LATIN_1).encode("utf-8")


def read_refusal(body: Mapping[str, object]) -> MkSolutionsRefused:
    """The meaning of a refusal: by its code or, where there is none, by its words.

    >>> str(read_refusal({"status": "ERRO", "Num. ERRO": 999, "Mensagem": "Token expirado"}))
    'the session token is not accepted (ERRO 999)'
    >>> str(read_refusal({"status": "ERRO", "mensagem": "Cliente não encontrado."}))
    'nothing was found'
    """
    code, words = None, ""
    for name, value in body.items():
        label = folded(name[:_LONGEST])
        if "erro" in label and ("num" in label or "codigo" in label):
            written = str(value).strip()
            code = written.zfill(3) if re.fullmatch(r"[0-9]{1,3}", written) else None
        elif label in {"mensagem", "message"} and isinstance(value, str):
            words = folded(value[:_LONGEST])
    if code in _SESSION_OVER or (not code and re.search(r"\btoken\b|\bsessao\b", words)):
        return MkSolutionsRefused(MkSolutionsSays.SESSION_OVER, code)
    nothing = r"\bnao (foi |foram )?(encontrad|localizad|existe|possui)|\bnenhum"
    if code in _NOTHING_FOUND or (not code and re.search(nothing, words)):
        return MkSolutionsRefused(MkSolutionsSays.NOTHING_FOUND, code)
    return MkSolutionsRefused(MkSolutionsSays.OTHER, code)


def read_token(record: Record) -> str:
    """The session token, under either of its names."""
    return record.optional_text("tokenRetornoAutenticacao") or record.text("Token")


def expires_at(record: Record, now: datetime) -> datetime | None:
    """When the session ends; None when that is not said, or lies behind `now`, as in a server whose clock is wrong."""
    written = _EXPIRE.fullmatch(record.name("Expire") or "")
    if written is None:
        return None
    day, month, year, hour, minute, second = (int(part or 0) for part in written.groups())
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=SAO_PAULO)
    except ValueError:
        return None
    return moment if moment > now else None


async def read_registrations(record: Record, document: Document) -> tuple[list[Registration], list[Unreadable]]:
    """The customer records that a document has: the one in front, and `Outros[]`; each once.

    And a note of each that cannot be read. The one in front must be readable: without it, this is no such answer.
    """
    record.identifier("CodigoPessoa")
    rows = [record, *(record.records("Outros") if record.raw("Outros") else ())]
    found, unreadable = await sort_out(rows, lambda row: _registration(row, document))
    return list({each.code: each for each in found}.values()), unreadable


async def read_invoices(record: Record, registration: Registration) -> tuple[list[Invoice], list[Unreadable]]:
    """The pending invoices of a registration, and those that cannot be read."""
    return await sort_out(
        record.records("FaturasPendentes"),
        lambda row: _invoice(row, registration),
        key=lambda row: (number := row.any_identifier("codfatura")) and _key(registration, number),
        due="data_vencimento",
    )


def owner(row: Record) -> str | None:
    """The code of the registration that a row belongs to; None when it does not say."""
    return next((row.optional_text(name) for name in _OWNERS if row.has(name)), None)


def complete(
    invoice: Invoice,
    today: date,
    slip: Record | MkSolutionsRefused,
    line: Record | MkSolutionsRefused,
    pix: Record | MkSolutionsRefused,
) -> Invoice:
    """The invoice with what its three calls gave; each may have been refused, which is an absence.

    GatewayProtocolError when any of them belongs to somebody else, or none says to whom.

    `Valor` of the slip is what is owed today. A due date that the slip moved is the one that its codes have.
    """
    person, _, number = invoice.gateway_id.partition(":")
    slip_row = slip if isinstance(slip, Record) else None
    pix_row = pix if isinstance(pix, Record) else None
    line_row = _line_of(line, number)
    given = [row for row in (slip_row, line_row, pix_row) if row is not None]
    _require_owner(given, person)
    if slip_row and slip_row.optional_text("Fatura") not in {None, number}:
        raise GatewayProtocolError(GATEWAY, "of another invoice", "WSMKSegundaViaCobranca.Fatura")
    codes = Codes(
        linha_digitavel=_digits(line_row.optional_text("ld")) if line_row else None,
        pix=pix_row.optional_text("texto_qrcode", limit=1000) if pix_row else None,
    )
    amount, updated = invoice.amount, None
    if is_overdue(invoice.due_date, today):
        nominal = line_row.optional_money("valor_nominal") if line_row else None
        owed = (slip_row.optional_money("Valor") if slip_row else None) or invoice.amount
        amount = min(amount, nominal or amount)  # some versions list overdue invoices with what is owed already
        updated = owed if owed > amount else None
    pdf_url = slip_row.url("PathDownload") if slip_row else None
    return replace(
        invoice,
        amount=amount,
        updated_amount=updated,
        due_date=slip_row.day("Vcto") if slip_row and slip_row.has("Vcto") else invoice.due_date,
        codes=codes,
        status=Status.REGISTERING if slip_row and not codes else invoice.status,
        payment_url=pdf_url,
        pdf_url=pdf_url,
    )


def _registration(row: Record, document: Document) -> Registration | None:
    # Most versions do not repeat the document. One that does must repeat this one.
    if not is_the_document(row.optional_text("CPF_CNPJ") or document.value, document):
        return None
    return Registration(row.identifier("CodigoPessoa"), _name(row.name("Nome")))


def _invoice(row: Record, registration: Registration) -> Invoice | None:
    """Where a row names its owner, another's is left out. Most name none, so `complete` looks again."""
    if owner(row) not in {None, registration.code}:
        return None
    number = row.identifier("codfatura")
    return Invoice(
        gateway_id=_key(registration, number),
        number=number,
        due_date=row.day("data_vencimento"),
        amount=row.amount_owed("valor_total" if row.has("valor_total") and not row.has("valor") else "valor"),
        payer=registration.name,
    )


def _key(registration: Registration, number: str) -> str:
    """The gateway's key of an invoice: made of both codes, so that `complete` can tell whose it should be."""
    return f"{registration.code}:{number}"


def _line_of(line: Record | MkSolutionsRefused, number: str) -> Record | None:
    rows = line.records("DadosFatura") if isinstance(line, Record) else ()
    return next((row for row in rows if row.any_identifier("codfatura") == number), None)


def _require_owner(rows: list[Record], person: str) -> None:
    owners = {owner(row) for row in rows} - {None}
    if owners - {person}:
        raise GatewayProtocolError(GATEWAY, "of somebody else", "CodigoPessoa")
    if rows and not owners:
        raise GatewayProtocolError(GATEWAY, "missing", "CodigoPessoa")


def _digits(written: str | None) -> str | None:
    """The line's digits; None for a sentence that says why there is none."""
    if written is None or re.search(r"[^\W\d_]", written):
        return None
    return linha_digitavel.compact(written) or None


def _name(written: str | None) -> str | None:
    # Accents are kept as HTML's entities by some versions.
    return html.unescape(written) if written else None


def _decode_latin_1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(_AS_LATIN_1, _decode_latin_1)
