"""What is personal or secret in a text, by its shape, and what stands in its place.

CPFs and CNPJs, phones, linhas digitáveis and barcodes, Pix codes, tokens and passwords, media links, and what other
programs quote whole: the body of a failed action call, the parameters of an SQL statement.

>>> redact("cpf:529.982.247-25 not found, Authorization: Bearer s3cr3t-t0k3n")
'cpf:<cpf> not found, Authorization: Bearer <token>'
"""

from __future__ import annotations

import re
from typing import Any, Final

from segunda_via.boletos import documents

LONGEST: Final = 32_768
"""Characters of a text that are kept; the rest is cut off, so that no line costs more than this."""

_IN, _OUT = r"(?<![\w.\-/])", r"(?![.\-/]?\d)"
"""Where a number begins and ends that is no part of a longer one."""
_AREA = "[1-9][1-9]"

# Every repetition is bounded or stands before something it cannot match: the time is linear in the text.
_MASKS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # What others quote whole: Rasa's ClientResponseError repeats the tracker, SQLAlchemy its parameters.
        (r"(\bbody=)b?['\"{].*", r"\1<left out>"),
        (r"(\[parameters: ).*", r"\1<left out>]"),
        (
            r"(Validating extracted slots: |these events: |Received NLG response: |of ignored event: ).*",
            r"\1<left out>",
        ),
        # A BR Code up to its checksum; a torn one, up to the end of the line.
        (r"000201(?:01021\d)?(?:2[6-9]|[34]\d|5[01])\d{2}00\d{2}.{0,999}?(?:6304[0-9A-Fa-f]{4}|$)", "<pix>"),
        (r"(/(?:media|primeiro-acesso)/)[\w\-=%.~]{8,}", r"\1<token>"),
        (r"(?i)\b(bearer|basic) +[\w\-.~+/=$:]{4,}", r"\1 <token>"),
        (r"\$?aac[th]_[\w\-.:$+/=]{8,}", "<token>"),
        (r"\beyJ[\w\-]{8,}(?:\.[\w\-]*){0,4}", "<token>"),
        (r"gAAAA[\w\-]{16,}={0,2}", "<token>"),
        (r"(?<![0-9A-Za-z])(?:SK)?[0-9a-f]{32}(?![0-9A-Za-z])", "<key>"),
        (
            r"(?i)((?:access[_-]?token|api[_-]?key|auth[_-]?token|token|secret|password|passwd|senha|credentials?)"
            r"\\?[\"']?[=:]\s?b?\\?[\"']?)[^\s\"'\\&,;<>(){}\[\]]{6,}",
            r"\1<secret>",
        ),
        # Digits in any grouping: 44 to 48 make a boleto, and so does what is left of one.
        (r"(?<!\d)\d(?:[ .\-\u00a0]{0,2}\d){39,}(?!\d)", "<boleto>"),
        # Phones: after a plus, as URLs write it too; with Brazil's 55; as Brazil writes them, with parentheses or a
        # dash. Ten or eleven digits alone are taken for a document below.
        (r"(?:[+＋]|%2[Bb])\d{8,15}(?!\d)", "<phone>"),
        (r"[+＋] ?(?=(?:[ .()\-]{0,2}\d){8,15}(?![ .\-/]?\d))\d(?:[ .()\-]{0,2}\d){7,14}", "<phone>"),
        (rf"(?<![\w.+\-])55{_AREA}(?:9\d{{8}}|[2-9]\d{{7}})(?!\w)", "<phone>"),
        (rf"{_IN}(?:55[ .\-]?)?\(0?{_AREA}\)[ .\-]{{0,2}}(?:9[ .\-]?)?\d{{4}}[ .\-]?\d{{4}}{_OUT}", "<phone>"),
        (rf"{_IN}(?:(?:55[ .\-])?0?{_AREA}[ .\-]?)?9[ .\-]?\d{{4}}-\d{{4}}{_OUT}", "<phone>"),
        (rf"{_IN}(?:55[ .\-])?0?{_AREA}[ .\-][2-5]\d{{3}}-\d{{4}}{_OUT}", "<phone>"),
        (r"(?<!\d)\d{2}[. ]?\d{3}[. ]?\d{3}[/ ]?\d{4}[- ]?\d{2}(?!\d)", "<cnpj>"),
        (r"[0-9A-Za-z]{2}\.[0-9A-Za-z]{3}\.[0-9A-Za-z]{3}/[0-9A-Za-z]{4}-\d{2}(?!\d)", "<cnpj>"),
        (r"(?<![\d+])\d{3}[. ]?\d{3}[. ]?\d{3}[-./ ]?\d{2}(?!\d)", "<cpf>"),  # after a plus it is a phone
    )
)


def redact(text: str) -> str:
    """`text` with everything masked that looks personal or secret; the rest stays as it is."""
    if len(text) > LONGEST:
        # What was torn by the cut may not be recognised any more.
        text = text[:LONGEST].rstrip("0123456789 .-/") + f" <{len(text) - LONGEST} characters cut off>"
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return _mask_documents(text)


def _mask_documents(text: str) -> str:
    """What the patterns left: documents spaced out, in full-width digits, or alphanumeric without punctuation."""
    for _ in range(3):  # a document that repeats is found once a turn
        found = [f for f in documents.find(text) if f.kind != "documento_invalido"]
        if not found:
            break
        for document in reversed(found):
            text = f"{text[: document.start]}<{document.kind}>{text[document.end :]}"
    return text


def redact_value(value: Any) -> Any:
    """The same for a value of any kind: lists and dicts item by item, anything else by its `repr`, if it has to be."""
    if value is None or isinstance(value, (bool, float)):
        return value
    if type(value) in (list, tuple):
        return type(value)(map(redact_value, value))
    if type(value) is dict:
        return {key: redact_value(item) for key, item in value.items()}
    text = value if isinstance(value, str) else repr(value)
    redacted = redact(text)
    return value if redacted == text else redacted
