"""Every CPF and CNPJ in what a customer wrote, and what looks like one but is not.

    text → reading (folded, with places) → noise blotted out → valid documents → of what is left, the tries at one

A number that validates is a document however it was written, unless it was written as something else. A number that
does not is a try at one only when it says so: it wears the mask of a CPF or CNPJ, a word such as "cpf" is near, or it
is the whole message. Everything else is left alone: a wrong guess would make the bot argue about a phone number.

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
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Literal

from segunda_via.documents.document import Document, Kind, is_valid, parse
from segunda_via.documents.labels import Context, Label, context
from segunda_via.documents.noise import blot, blot_spans, is_phone
from segunda_via.documents.reading import Reading, read

_GAP = r"([ .,\-/_]{0,3})"
_CPF = re.compile(rf"\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{2}}(?!\d)")
_CPF_WITHOUT_ZERO = re.compile(rf"\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{2}}(?!\d)")
_CNPJ = re.compile(rf"\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{4}}{_GAP}\d{{2}}(?!\d)")
_CNPJ_WITH_LETTERS = re.compile(
    rf"[0-9a-z]{{2}}{_GAP}[0-9a-z]{{3}}{_GAP}[0-9a-z]{{3}}{_GAP}[0-9a-z]{{4}}{_GAP}\d{{2}}(?![0-9a-z])"
)
_DIGITS_START = re.compile(r"\d(?<!\d\d)")
# at the start of a word, or glued to what introduces it: "cnpj12abc…", "cnpj é12abc…"
_WORD_START = re.compile(r"(?:(?<![0-9a-z])|(?<=cnpj)|(?<=cnpje)|(?<=cnpjeh)|(?<=cnpj e)|(?<=cnpj eh))[0-9a-z]")
_GLUED = re.compile(
    r"(?:(?P<word>[A-Z]*(?:CPF|CNPJ|CFP|CGC|DOC|DOCUMENTO|TEL|FONE|CEL|CELULAR|ZAP|WHATS|CEP|BOLETO|PROTOCOLO)[A-Z]?)"
    r"|[A-Z]+)(?P<number>\d+)"
)
_PAUSES = {"000", "001", "111", "0000", "0001", "0010", "0011", "1111"}
"""Where people pause when only spaces stand between the groups: 529 982 247 25, 529982247 25."""
_GOES_ON_BEFORE = re.compile(r"\d[.,\-/_]")
_GOES_ON_AFTER = re.compile(r"[.,\-/_]\d(?<![.,]\d(?!\d))")
# A digit too many or too few under a mask. 12.345.678-9 is how an RG is written, so it is not among them.
_ALMOST_MASK = re.compile(
    r"(?<![\d.\-/])(?:\d{3}\.\d{3}\.\d{3}-(?:\d{3,4}|\d)|\d{3}\.\d{3}\.\d{4}-\d{2}|\d{4}\.\d{3}\.\d{3}-\d{2}"
    r"|\d{3}\.\d{4}\.\d{3}-\d{2}|\d{3}\.\d{3}\.\d{2}-\d{2}|\d{3}\.\d{2}\.\d{3}-\d{2}"
    r"|\d{1,3}\.\d{2,4}\.\d{2,4}/\d{3,5}-\d{1,3})(?![.\-/]?\d)"
)
_RUN = re.compile(r"\d+(?: ?[.,\-/_] ?\d+| \d+)*")
_TIGHT = re.compile(r"\d+(?:[.,\-/_]\d+)*")
_CPF_LENGTH, _CNPJ_LENGTH = 11, 14
_LENGTHS_OF_A_TRY = range(10, 16)
_FEWEST_DIGITS, _MOST_DIGITS = 5, 20
"""Of a try directly after the word: "cpf 529982" is one, "cpf 2" answers a menu."""


FoundKind = Literal["cpf", "cnpj", "documento_invalido"]


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
    kind: FoundKind
    value: str = field(repr=False)
    """Compact when valid; else the letters and digits as written, in ASCII upper-case."""
    reason: Reason | None = None
    suggestion: Document | None = None
    """With MISSING_ZERO, the CPF to offer back for confirmation. Never to be used silently."""


def find(text: str) -> list[Found]:
    """Documents and tries at one, in order of appearance, not overlapping; each document once."""
    reading = read(text)
    message = _Message(blot(reading.chars), sum(map(str.isalnum, reading.chars)))
    found: list[_Candidate] = []
    for pass_over in (_documents, _masked_tries, _other_tries):
        ones = sorted(pass_over(message), key=lambda one: one.start)
        found += ones
        message = message.without(ones)
    seen: set[str] = set()
    results = []
    for one in sorted(found, key=lambda one: one.start):
        if one.value not in seen:
            seen.add(one.value)
            results.append(one.located(reading))
    return results


@dataclass(frozen=True, repr=False)
class _Message:
    """Folded text without its noise. `alphanumerics` counts those of the whole message, noise included."""

    chars: str
    alphanumerics: int

    def without(self, ones: list[_Candidate]) -> _Message:
        return _Message(blot_spans(self.chars, ((one.start, one.end) for one in ones)), self.alphanumerics)


@dataclass(frozen=True, repr=False)
class _Candidate:
    """A stretch of a message that may be a document, and what it turned out to be."""

    message: _Message
    start: int
    end: int
    gaps: tuple[str, ...] = ()
    """What stands between the groups of a document's shape; empty when the stretch has no such shape."""
    reason: Reason | None = None
    suggestion: Document | None = None

    @cached_property
    def value(self) -> str:
        return "".join(char for char in self.message.chars[self.start : self.end] if char.isalnum()).upper()

    @cached_property
    def context(self) -> Context:
        return context(self.message.chars, self.start, self.end)

    @property
    def alone(self) -> bool:
        return len(self.value) == self.message.alphanumerics

    @property
    def named(self) -> bool:
        """Whether the message calls it a document."""
        return self.context.label is Label.DOCUMENT

    @property
    def masked(self) -> bool:
        return any(gap.strip() for gap in self.gaps)

    @property
    def grouped(self) -> bool:
        """Whether its groups are parted as a document's are, rather than by chance: "rua 529 98224725"."""
        if self.gaps[-1:] == (",",):  # 529.982.247,25 is an amount
            return False
        return self.masked or "".join("1" if gap else "0" for gap in self.gaps) in _PAUSES

    @cached_property
    def called_otherwise(self) -> bool:
        """Whether the message calls it a phone, a protocol, another register's number."""
        if self.context.label is Label.PHONE:
            return (self.context.adjacent and not self.context.channel) or is_phone(self.value)
        return self.context.label is Label.OTHER and self.context.adjacent

    @property
    def stands_apart(self) -> bool:
        """Whether it is not a piece of a longer number."""
        chars, before = self.message.chars, self.start - 2
        if before >= 0 and _GOES_ON_BEFORE.match(chars, before):
            return False
        if not _GOES_ON_AFTER.match(chars, self.end):
            return True
        return any(shape.match(chars, self.end + 1) for shape in (_CPF, _CNPJ))

    def because(self, reason: Reason, suggestion: Document | None = None) -> _Candidate:
        return replace(self, reason=reason, suggestion=suggestion)

    def located(self, reading: Reading) -> Found:
        start, end = reading.span(self.start, self.end)
        kind: FoundKind = "documento_invalido"
        if self.reason is None:
            kind = "cpf" if parse(self.value).kind is Kind.CPF else "cnpj"
        return Found(start, end, reading.original[start:end], kind, self.value, self.reason, self.suggestion)


def _shaped(message: _Message) -> Iterator[_Candidate]:
    """Every stretch with the groups of a CNPJ or CPF; those that begin at one place in order of preference."""
    for start in _WORD_START.finditer(message.chars):
        if match := _CNPJ_WITH_LETTERS.match(message.chars, start.start()):
            one = _Candidate(message, *match.span(), match.groups())
            if one.masked or not _is_word_and_number(one.value):
                yield one
    for start in _DIGITS_START.finditer(message.chars):
        for shape in (_CNPJ, _CPF):
            if match := shape.match(message.chars, start.start()):
                yield _Candidate(message, *match.span(), match.groups())


def _is_word_and_number(value: str) -> bool:
    """Whether fourteen letters and digits are a word glued to a number, such as "cpf" to a CPF: some validate."""
    glued = _GLUED.fullmatch(value)
    return glued is not None and (glued["word"] is not None or is_valid(glued["number"]))


def _documents(message: _Message) -> Iterator[_Candidate]:
    done = 0
    for one in sorted(_shaped(message), key=lambda one: one.start):
        if one.start < done or not is_valid(one.value) or not (one.stands_apart or one.start - 1 == done):
            continue
        if one.value.isdigit():
            trusted = one.named or one.alone or (one.grouped and (one.masked or not one.called_otherwise))
        else:
            trusted = _trusted_letters(one)
        if trusted:
            done = one.end
            yield one


def _trusted_letters(one: _Candidate) -> bool:
    """Whether a valid alphanumeric CNPJ is one: words, too, have letters, and one in a hundred numbers validates."""
    digits = sum(map(str.isdigit, one.value[:12]))
    if one.gaps[-2:] == ("/", "-") or (not any(one.gaps) and (one.named or one.alone)):
        return True
    if not any(one.gaps) or one.masked:
        return digits >= 1
    return one.grouped and digits >= (1 if one.named else 4)


def _masked_tries(message: _Message) -> Iterator[_Candidate]:
    """What has the shape or the mask of a document, but not its check digits or its length."""
    done = 0
    for one in sorted(_tries_of_shape(message), key=lambda one: one.start):
        if one.start >= done:
            done = one.end
            yield one


def _tries_of_shape(message: _Message) -> Iterator[_Candidate]:
    for one in _shaped(message):
        if is_valid(one.value) or not one.stands_apart:
            continue  # valid, but called something else: not a try either
        if one.value.isdigit():
            if one.named or (not one.called_otherwise and one.grouped and (one.masked or _alone_as_document(one))):
                yield one.because(_reason(one))
        elif one.gaps[-2:] == ("/", "-") or (not any(one.gaps) and _digits_enough(one)):
            yield one.because(Reason.CHECK_DIGITS)
    for start in _DIGITS_START.finditer(message.chars):
        if match := _CPF_WITHOUT_ZERO.match(message.chars, start.start()):
            one = _Candidate(message, *match.span(), match.groups())
            if one.stands_apart and one.grouped:
                yield from _ten_digits(one)
    for match in _ALMOST_MASK.finditer(message.chars):
        one = _Candidate(message, *match.span())
        if not one.called_otherwise:
            yield one.because(_reason(one, Kind.CNPJ if "/" in match.group() else Kind.CPF))


def _digits_enough(one: _Candidate) -> bool:
    digits = sum(map(str.isdigit, one.value[:12]))
    return (one.named and digits >= 1) or (one.alone and digits >= 4)


def _alone_as_document(one: _Candidate) -> bool:
    return one.alone and not is_phone(one.value)


def _ten_digits(one: _Candidate) -> Iterator[_Candidate]:
    padded = "0" + one.value
    if not one.named and one.called_otherwise:
        return
    if is_valid(padded):
        yield one.because(Reason.MISSING_ZERO, parse(padded))
    elif one.named or one.masked or _alone_as_document(one):
        yield one.because(_reason(one))


def _other_tries(message: _Message) -> Iterator[_Candidate]:
    """Digits of any length and grouping that are the whole message, or that the message calls a document."""
    for run in _RUN.finditer(message.chars):
        one = _Candidate(message, *run.span())
        if len(one.value) > _LENGTHS_OF_A_TRY[-1] and (tight := _TIGHT.match(message.chars, run.start())):
            one = _Candidate(message, *tight.span())
        digits = len(one.value)
        if digits == _CPF_LENGTH - 1 and (one.named or one.alone):
            yield from _ten_digits(one)
            continue
        if digits in _LENGTHS_OF_A_TRY:
            trusted = one.named or _alone_as_document(one)
        else:
            trusted = _FEWEST_DIGITS <= digits <= _MOST_DIGITS and one.named and one.context.adjacent
        if trusted:
            yield one if is_valid(one.value) else one.because(_reason(one))


def _reason(one: _Candidate, kind: Kind | None = None) -> Reason:
    """What is wrong with it, given the kind it was meant to be, if that can be told."""
    digits = len(one.value)
    if kind is None and one.named:
        kind = one.context.kind
    if kind is Kind.CNPJ and digits != _CNPJ_LENGTH and not (digits == _CPF_LENGTH and one.masked):
        return Reason.TOO_SHORT if digits < _CNPJ_LENGTH else Reason.TOO_LONG
    if digits in (_CPF_LENGTH, _CNPJ_LENGTH):
        return Reason.REPEATED if len(set(one.value)) == 1 else Reason.CHECK_DIGITS
    if kind is Kind.CPF:
        return Reason.TOO_SHORT if digits < _CPF_LENGTH else Reason.TOO_LONG
    # twelve digits are a CPF with one too many, thirteen a CNPJ that lacks one
    return Reason.TOO_LONG if digits == _CPF_LENGTH + 1 or digits > _CNPJ_LENGTH else Reason.TOO_SHORT
