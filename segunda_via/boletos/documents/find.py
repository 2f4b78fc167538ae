"""Every CPF and CNPJ in what a customer wrote, and what looks like one but is not.

    text → reading (folded, with places) → noise blotted out → valid documents → of what is left, the tries at one

A number that validates is a document however it was written, unless it was written as something else. A number that
does not is a try at one only when it says so: it wears the mask of a CPF or CNPJ, a word such as "cpf" is near, it is
the whole message, or it is handed over as if it were ("é esse: …"). Everything else is left alone: a wrong guess would
make the bot argue about a phone number. A number written as a phone is a try only directly after such a word.

Never raises, and costs time linear in the text.

>>> [(found.kind, found.value) for found in find("cpf:52998224725 ou CNPJ 12.abc.345/01de-35")]
[('cpf', '52998224725'), ('cnpj', '12ABC34501DE35')]
>>> find("me liga no (11) 98765-4321, protocolo 2026112300012345")
[]
>>> [found.reason for found in find("meu cpf é (11) 98765-4321")]
[<Reason.CHECK_DIGITS: 'check_digits'>]
>>> [almost] = find("meu cpf: 1234567890")
>>> almost.kind, almost.reason, almost.suggestion
('documento_invalido', <Reason.MISSING_ZERO: 'missing_zero'>, Document(cpf, ***.345.678-**))
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from segunda_via.boletos.documents import not_documents
from segunda_via.boletos.documents.document import DocumentKind, is_repeated, is_valid, parse
from segunda_via.boletos.documents.folded_text import FoldedText, read
from segunda_via.boletos.documents.found import Found, FoundKind, Reason
from segunda_via.boletos.documents.long_numbers import Span
from segunda_via.boletos.documents.phones import is_phone
from segunda_via.boletos.documents.shapes import Candidate, SearchedText, shaped, shaped_without_zero
from segunda_via.boletos.documents.spelled import spelled

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


def find(text: str) -> list[Found]:
    """Documents and tries at one, in order of appearance, not overlapping; each document once."""
    reading = read(text)
    alphanumerics = sum(map(str.isalnum, reading.chars))
    others = not_documents.find(reading.chars)
    message = SearchedText(others.rest, alphanumerics, others.longer)
    found = list(_claimed_phones(SearchedText(reading.chars, alphanumerics), others.phones))
    for pass_over in (_documents, _masked_tries, _other_tries):
        ones = sorted(pass_over(message), key=lambda one: one.start)
        found += ones
        message = message.without(ones)
    firsts: dict[str, Found] = {}
    for each in [*(_located(one, reading) for one in sorted(found, key=_place)), *_spelled(message, reading)]:
        firsts.setdefault(each.value, each)
    return sorted(firsts.values(), key=_place)


def _place(one: Candidate | Found) -> int:
    return one.start


def _spelled(message: SearchedText, reading: FoldedText) -> Iterator[Found]:
    for first, last, digits in spelled(message.chars):
        start, end = reading.span(first, last)
        said = reading.original[start:end]
        yield Found(start, end, said, "documento_invalido", digits, Reason.SPELLED, parse(digits))


def _located(one: Candidate, reading: FoldedText) -> Found:
    start, end = reading.span(one.start, one.end)
    kind: FoundKind = "documento_invalido"
    if one.reason is None:
        kind = "cpf" if parse(one.value).kind is DocumentKind.CPF else "cnpj"
    return Found(start, end, reading.original[start:end], kind, one.value, one.reason, one.suggestion)


def _claimed_phones(message: SearchedText, phones: Iterable[Span]) -> Iterator[Candidate]:
    """What is written as a phone directly after "cpf": never a document, but the customer means it to be one."""
    for start, end in phones:
        one = Candidate(message, start, end)
        if one.claimed and not is_valid(one.value):
            yield one.because(_reason(one))


def _documents(message: SearchedText) -> Iterator[Candidate]:
    done = 0
    for one in sorted(shaped(message), key=lambda one: one.start):
        if one.start < done or not is_valid(one.value) or one.is_part_of_longer:
            continue
        if not (one.stands_apart or one.start - 1 == done):
            continue
        if one.value.isdigit():
            trusted = one.named or one.alone or (one.grouped and not one.is_another_number)
        else:
            trusted = _trusted_letters(one)
        if trusted:
            done = one.end
            yield one


def _trusted_letters(one: Candidate) -> bool:
    """Whether a valid alphanumeric CNPJ is one: words, too, have letters, and one in a hundred numbers validates."""
    digits = sum(map(str.isdigit, one.value[:12]))
    if one.ends_as_cnpj or (not any(one.gaps) and (one.named or one.alone)):
        return True
    if not any(one.gaps) or one.masked:
        return digits >= 1
    return one.grouped and digits >= (1 if one.named else 4)


def _masked_tries(message: SearchedText) -> Iterator[Candidate]:
    """What has the shape or the mask of a document, but not its check digits or its length."""
    done = 0
    for one in sorted(_tries_of_shape(message), key=lambda one: one.start):
        if one.start >= done:
            done = one.end
            yield one


def _tries_of_shape(message: SearchedText) -> Iterator[Candidate]:
    for one in shaped(message):
        if is_valid(one.value) or not one.stands_apart:
            continue  # valid, but called something else: not a try either
        if one.value.isdigit():
            if one.named or (not one.called_otherwise and one.grouped and (one.masked or _stands_for_one(one))):
                yield one.because(_reason(one))
        elif one.ends_as_cnpj or (not any(one.gaps) and _digits_enough(one)):
            yield one.because(_reason(one))
    for one in shaped_without_zero(message):
        if one.stands_apart and one.grouped:
            yield from _ten_digits(one)
    for match in _ALMOST_MASK.finditer(message.chars):
        one = Candidate(message, *match.span())
        if not one.called_otherwise:
            yield one.because(_reason(one, DocumentKind.CNPJ if "/" in match.group() else DocumentKind.CPF))


def _digits_enough(one: Candidate) -> bool:
    if is_repeated(one.value):
        return one.named or one.alone
    digits = sum(map(str.isdigit, one.value[:12]))
    return (one.named and digits >= 1) or (one.alone and digits >= 4)


def _stands_for_one(one: Candidate) -> bool:
    """Whether nothing says what it is, and it looks like nothing but a document."""
    handed_over = len(one.value) in (_CPF_LENGTH, _CNPJ_LENGTH) and one.handed_over
    if one.listed and not is_valid(one.value):
        return False
    return (one.alone or handed_over) and not is_phone(one.value)


def _ten_digits(one: Candidate) -> Iterator[Candidate]:
    padded = "0" + one.value
    if not one.named and (one.called_otherwise or one.listed):
        return
    if is_valid(padded):
        yield one.because(Reason.MISSING_ZERO, parse(padded))
    elif one.named or one.masked or _stands_for_one(one):
        yield one.because(_reason(one))


def _other_tries(message: SearchedText) -> Iterator[Candidate]:
    """Digits of any length and grouping that stand for a document, or that the message calls one."""
    for run in _RUN.finditer(message.chars):
        one = Candidate(message, *run.span())
        if len(one.value) > _LENGTHS_OF_A_TRY[-1] and (tight := _TIGHT.match(message.chars, run.start())):
            one = Candidate(message, *tight.span())
        digits = len(one.value)
        if digits == _CPF_LENGTH - 1 and (one.named or one.alone):
            yield from _ten_digits(one)
            continue
        if digits in _LENGTHS_OF_A_TRY:
            trusted = one.named or _stands_for_one(one)
        else:
            trusted = _FEWEST_DIGITS <= digits <= _MOST_DIGITS and one.named and one.context.adjacent
        if trusted:
            yield one if is_valid(one.value) else one.because(_reason(one))


def _reason(one: Candidate, kind: DocumentKind | None = None) -> Reason:
    """What is wrong with it, given the kind it was meant to be, if that can be told."""
    digits = len(one.value)
    if is_repeated(one.value):
        return Reason.REPEATED
    if one.is_written_as_cnpj:
        kind = DocumentKind.CNPJ
    elif kind is None and one.named:
        kind = one.context.kind
    if kind is DocumentKind.CNPJ and digits != _CNPJ_LENGTH and not (digits == _CPF_LENGTH and one.masked):
        return Reason.TOO_SHORT if digits < _CNPJ_LENGTH else Reason.TOO_LONG
    if digits in (_CPF_LENGTH, _CNPJ_LENGTH):
        return Reason.CHECK_DIGITS
    if kind is DocumentKind.CPF:
        return Reason.TOO_SHORT if digits < _CPF_LENGTH else Reason.TOO_LONG
    # twelve digits are a CPF with one too many, thirteen a CNPJ that lacks one
    return Reason.TOO_LONG if digits == _CPF_LENGTH + 1 or digits > _CNPJ_LENGTH else Reason.TOO_SHORT
