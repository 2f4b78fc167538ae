"""Every CPF and CNPJ in what a customer wrote, and what looks like one but is not.

    text → reading (folded, with places) → noise blotted out → valid documents → of what is left, the tries at one

A number that validates is a document however it was written, unless it was written as something else. A number that
does not is a try at one only when it says so: it wears the mask of a CPF or CNPJ, a word such as "cpf" is near, or it is
the whole message. Everything else is left alone: a wrong guess would make the bot argue about somebody's phone number.

Never raises, and costs time linear in the text.

>>> [(found.kind, found.value) for found in find("cpf:52998224725 ou CNPJ 12.abc.345/01de-35")]
[('cpf', '52998224725'), ('cnpj', '12ABC34501DE35')]
>>> find("me liga no (11) 98765-4321, protocolo 2026112300012345")
[]
>>> [almost] = find("meu cpf: 1234567890")
>>> almost.kind, almost.reason, almost.suggestion
('documento_invalido', <Reason.MISSING_ZERO: 'missing_zero'>, Document(cpf, ***.345.678-**))
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from segunda_via.documents.document import Document, Kind
from segunda_via.documents.noise import blot, blot_spans
from segunda_via.documents.reading import Reading, read

_GAP = r"([ .,\-/_]{0,3})"
_CPF = re.compile(rf"\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{2}}(?!\d)")
_CPF_WITHOUT_ZERO = re.compile(rf"\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{2}}(?!\d)")
_CNPJ = re.compile(rf"\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{4}}{_GAP}\d{{2}}(?!\d)")
_CNPJ_WITH_LETTERS = re.compile(
    rf"[0-9a-z]{{2}}{_GAP}[0-9a-z]{{3}}{_GAP}[0-9a-z]{{3}}{_GAP}[0-9a-z]{{4}}{_GAP}\d{{2}}(?![0-9a-z])"
)
_START = re.compile(r"(?<!\d)\d|(?<![0-9a-z])[a-z]|(?<=cnpj)[0-9a-z]|(?<=cnpje)[0-9a-z]|(?<=cnpjeh)[0-9a-z]")
# with spaces alone between them, groups are a document only where people pause: 529 982 247 25 or 529982247 25
_PAUSES = {
    Kind.CPF: {"000", "001", "111"},
    Kind.CNPJ: {"0000", "0001", "0010", "0011", "1111"},
}
# Masks with a digit too many or too few. 12.345.678-9 is how an RG is written, so it is not among them.
_ALMOST_MASK = re.compile(
    r"(?<![\d.\-/])(?:\d{3}\.\d{3}\.\d{3}-(?:\d{3,4}|\d)|\d{2,3}\.\d{3}\.\d{3}-\d{2,3}|\d{3}\.\d{3}\.\d{4}-\d{2}"
    r"|\d{3}\.\d{3}\.\d{2}-\d{2}|\d{3}\.\d{2}\.\d{3}-\d{2}|\d{1,3}\.\d{2,4}\.\d{2,4}/\d{3,5}-\d{1,3})(?![.\-/]?\d)"
)
_RUN = re.compile(r"\d+(?: ?[.,\-/_] ?\d+| \d+)*")
_TIGHT = re.compile(r"\d+(?:[.,\-/_]\d+)*")
_FEWEST_DIGITS, _MOST_DIGITS = 5, 20
_ALONE = range(10, 16)


class Reason(str, Enum):
    """Why something that looks like a document is not one."""

    CHECK_DIGITS = "check_digits"
    REPEATED = "repeated"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    MISSING_ZERO = "missing_zero"
    """Ten digits that make a valid CPF with a zero before them."""


@dataclass(frozen=True)
class Found:
    """A document, or a try at one, at `text[start:end]` of the message. Its repr shows nothing that was typed."""

    start: int
    end: int
    text: str = field(repr=False)
    kind: Literal["cpf", "cnpj", "documento_invalido"]
    value: str = field(repr=False)
    """Compact when valid; else the letters and digits as written, in ASCII upper-case."""
    reason: Reason | None = None
    suggestion: Document | None = None
    """With MISSING_ZERO, the CPF to offer back for confirmation. Never to be used silently."""


def find(text: str) -> list[Found]:
    """Documents and tries at one, in order of appearance, not overlapping; each document once."""
    reading = read(text)
    chars = blot(reading.chars)
    alphanumerics = sum(map(str.isalnum, reading.chars))
    found = list(_documents(reading, chars, alphanumerics))
    chars = blot_spans(chars, ((one.at, one.to) for one in found))
    found += _tries(chars, alphanumerics)
    seen: set[str] = set()
    results = []
    for one in sorted(found, key=lambda one: one.at):
        if one.value not in seen:
            seen.add(one.value)
            results.append(one.located(reading))
    return results


@dataclass(frozen=True, repr=False)
class _Candidate:
    """A stretch of the folded text, and what it turned out to be."""

    at: int
    to: int
    value: str
    document: Document | None = None
    reason: Reason | None = None
    suggestion: Document | None = None

    def located(self, reading: Reading) -> Found:
        start, end = reading.span(self.at, self.to)
        kind = self.document.kind.value if self.document else "documento_invalido"
        return Found(start, end, reading.original[start:end], kind, self.value, self.reason, self.suggestion)


def _compact(written: str) -> str:
    return "".join(char for char in written if char.isalnum()).upper()
