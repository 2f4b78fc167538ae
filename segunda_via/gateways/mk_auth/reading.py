"""What MK-AUTH answers, read: a token that is the whole body, sentences where JSON should be, titles in two shapes.

Sources: the product's OpenAPI and wiki, read through working clients. No version of it documents its refusals, so they
are recognised by their words, in JSON (`mensagem`) or as plain text, always with status 200.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from urllib.parse import quote

from segunda_via.boletos.documents import Document
from segunda_via.boletos.invoice import Codes, Invoice, Status
from segunda_via.boletos.plain_text import folded
from segunda_via.errors import GatewayProtocolError
from segunda_via.gateways.mk_auth.description import DESCRIPTION
from segunda_via.http import exact_json
from segunda_via.http.api_client import ApiResponse
from segunda_via.http.record import MOST_RECORDS, Record, records_of
from segunda_via.http.written_values import is_the_document

GATEWAY = DESCRIPTION.name

_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_CLOSED = frozenset({"pago", "cancelado", "excluido", "deletado", "baixado", "recebido"})
"""Words of `status` for what is not owed. What `vencido` and `aberto` list under any other word is."""

_LINE_LENGTHS = frozenset({44, 47, 48})
_SENTENCE = 300
"""Characters at most of what is taken for a sentence of MK-AUTH's."""
_LONGEST_SENTENCE = 8 * _SENTENCE
"""Bytes that are looked at for one, white space around it included."""


class MkAuthSays(Enum):
    """What a sentence in the place of titles means."""

    NOTHING_FOUND = "nothing found"
    SESSION_OVER = "the session is over"
    NOT_ALLOWED = "this call is not enabled for the API user"


@dataclass(frozen=True)
class Title(Invoice):
    """An invoice as listed, with the codes that came with it and the moment, on the event loop's clock."""

    listed_codes: Codes = field(default=Codes(), repr=False)
    listed_at: float = field(default=0.0, repr=False, compare=False)
    login: str | None = field(default=None, repr=False)


def read_jwt(content: bytes) -> str | None:
    """The token that a sign-in's body is, quoted or not; None when the body is anything else.

    >>> read_jwt(b'\\xef\\xbb\\xbf"eyJh.eyJl.c2ln"\\n'), read_jwt(b"JWT invalido")
    ('eyJh.eyJl.c2ln', None)
    """
    text = content.decode("utf-8-sig", "replace").strip().strip('"').strip()
    return text if _JWT.fullmatch(text) else None


def expires_at(jwt: str, now: datetime) -> datetime | None:
    """When the token ends, by its own `exp`; None when it does not say. Its signature is the server's to check.

    With `iat` beside it, its length counts from `now`, so that a server whose clock is wrong does no harm.
    """
    payload = jwt.split(".")[1]
    try:
        claims = exact_json.parse(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return None
    if not isinstance(claims, dict):
        return None
    issued, ends = _seconds(claims.get("iat")), _seconds(claims.get("exp"))
    try:
        if ends is None:
            return None
        if issued is not None and issued < ends:
            return now + timedelta(seconds=ends - issued)
        return datetime.fromtimestamp(ends, timezone.utc)
    except (OverflowError, ValueError, OSError):
        return None


def says(content: bytes, body: object = exact_json.NOT_JSON) -> MkAuthSays | None:
    """What an answer says in words; None when it holds titles, a page, or words that nobody knows.

    `body` is what `content` is as JSON.

    >>> says("…".encode(), {"mensagem": "Registro não encontrado"}), says(b"NULL")
    (<MkAuthSays.NOTHING_FOUND: 'nothing found'>, <MkAuthSays.NOTHING_FOUND: 'nothing found'>)
    >>> says(b"JWT invalido")
    <MkAuthSays.SESSION_OVER: 'the session is over'>
    >>> says(b"<html>Erro: registro nao encontrado</html>")
    """
    text = content[:_LONGEST_SENTENCE].decode("utf-8", "replace").strip()
    if text.upper() == "NULL":
        return MkAuthSays.NOTHING_FOUND
    if isinstance(body, dict):
        if "titulos" in body or "dados_cliente" in body or "clientes" in body:
            return None
        sentence = next((body[name] for name in ("mensagem", "message", "error", "erro") if name in body), None)
    elif isinstance(body, (list, int, Decimal)):
        return None
    else:
        sentence = body if isinstance(body, str) else text
    if not isinstance(sentence, str) or len(sentence) > _SENTENCE or "<" in sentence:
        return None
    words = folded(sentence)
    if re.search(r"\b(jwt|token)\b", words) and re.search(r"invalid|expir|ausente", words):
        return MkAuthSays.SESSION_OVER
    if re.search(r"nao (foi )?(encontrad|localizad)|nenhum", words):
        return MkAuthSays.NOTHING_FOUND
    if re.search(r"permiss|autoriza|negad|acesso|habilitad", words):
        return MkAuthSays.NOT_ALLOWED
    return None


def read_titles(answer: ApiResponse) -> list[Record]:
    """The titles in an answer of either shape, `titulos[]` or `dados_cliente.titulos`, one alone or several.

    An answer of neither shape is a GatewayProtocolError.
    """
    body = answer.json()
    if isinstance(body, list):
        body = {"titulos": body}
    record: Record | None = Record(GATEWAY, body, answer.label)
    if record and "titulos" not in record and "dados_cliente" in record:
        record = record.record("dados_cliente")
    return read_rows(record, "titulos") if record else []


def read_clients(answer: ApiResponse) -> list[Record]:
    """The customer records of a `cliente/listar`."""
    return read_rows(Record(GATEWAY, answer.json(), answer.label), "clientes")


def read_logins(clients: Iterable[Record], document: Document) -> list[str]:
    """The logins that have that document, each once; nobody else's, though the filter were ignored."""
    theirs = (
        client.any_text("login") for client in clients if is_the_document(client.any_text("cpf_cnpj") or "", document)
    )
    return list(dict.fromkeys(filter(None, theirs)))


def read_rows(record: Record, name: str) -> list[Record]:
    """The objects under `name`: a list, one object alone, or an object that numbers them; none when it is null.

    PHP makes an object of a list whose keys are not 0, 1, 2, … any more. Missing altogether is a GatewayProtocolError.
    """
    value = record.raw(name)
    if isinstance(value, dict):
        numbered = all(key.isdigit() for key in value)
        value = list(value.values()) if numbered else [value]
    elif name in record and value in (None, "", False):
        value = []
    if not isinstance(value, list):
        return list(record.records(name))  # which says what is wrong with it
    if len(value) > MOST_RECORDS:
        raise GatewayProtocolError(GATEWAY, f"should be a list of {MOST_RECORDS} at most", name)
    return records_of(GATEWAY, value, f"{name}[]")


def is_of(title: Record, document: Document) -> bool:
    """Whether a title bears that document, which it must tell: a login may be made of the digits of somebody else's."""
    return is_the_document(title.text("cpf_cnpj", limit=40), document)


def surely_of(title: Record, document: Document) -> bool:
    """Whether a title bears that document; False too when it does not tell."""
    with suppress(GatewayProtocolError):
        return is_of(title, document)
    return False


def read_title(title: Record, document: Document, root: str, listed_at: float) -> Title | None:
    """One title as an Invoice; None when it bears another document, or is not owed.

    `valor` has no fine and no interest, ever.

    Without codes, a title that has a `nossonum` is being registered with its bank. One that has not is the company's
    own carnê, paid at its counter: the page shows it, and nothing else does.
    """
    if not is_of(title, document) or folded(title.optional_text("status") or "") in _CLOSED:
        return None
    number = title.identifier("titulo")
    codes = Codes(
        linha_digitavel=read_line(title.optional_text("linhadig", limit=200)),
        pix=title.optional_text("pix", limit=1000) or title.optional_text("qrcode", limit=1000),
    )
    registering = not codes and bool((title.optional_text("nossonum") or "").strip("0"))
    return Title(
        gateway_id=number,
        number=number,
        due_date=title.day("datavenc"),
        amount=title.amount_owed("valor"),
        status=Status.REGISTERING if registering else Status.OPEN,
        payment_url=payment_page(title.url("url"), number, root),
        payer=title.name("nome"),
        listed_codes=codes,
        listed_at=listed_at,
        login=title.any_text("login"),
    )


def read_line(written: str | None) -> str | None:
    """The digits of a `linhadig`, written in any way; None when they are no line at all, as an own carnê's are not.

    Check digits are not looked at: judging a line of the right length is `checks`'s work.

    >>> read_line("00190.00009 03128.557000 00012.345179 6 16360000009990")
    '00190000090312855700000012345179616360000009990'
    >>> read_line(""), read_line("CARNE 123")
    (None, None)
    """
    digits = re.sub(r"[^0-9]", "", written or "")
    return digits if len(digits) in _LINE_LENGTHS else None


def payment_page(given: str | None, number: str, root: str) -> str:
    """The page that MK-AUTH shows a title's payer, public: the one it names, else the one that every version has.

    >>> payment_page(None, "1045", "https://mk.example.com")
    'https://mk.example.com/boleto/21boleto.php?titulo=1045'
    """
    return given or f"{root}/boleto/21boleto.php?titulo={quote(number, safe='')}"


def as_listed(title: Title) -> Invoice:
    """The invoice with the codes that came with it."""
    values = {part.name: getattr(title, part.name) for part in fields(Invoice)}
    return Invoice(**{**values, "codes": title.listed_codes})


def _seconds(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    return int(value) if 0 < value < 10**12 else None  # an exponent of millions would take years to write out
