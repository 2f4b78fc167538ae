"""Numbers that no document may be cut out of: boleto codes, however printed, mistyped or cut, and all longer ones.

Banks print a boleto's 47 digits and utilities their 48 in groups, over one line or several; apps show the barcode's 44;
people paste them whole, in part and with a digit wrong. A *run* is a row of groups of digits with nothing but spaces,
line ends and marks between them. A run is taken apart into what people write in a row: whole codes, documents, phones,
dates, CEPs, a small number beside its word ("ap 302 529…"). What cannot be taken apart so is one longer number, and no
piece of it is a document, whatever its check digits say. It is a boleto's code when it is as long as nothing else is,
or parted as only boletos are.

Works on `FoldedText`; the cost grows linearly with the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from segunda_via.boletos import linha_digitavel
from segunda_via.boletos.documents.document import is_valid
from segunda_via.boletos.documents.nearby_words import Label, claimed, context
from segunda_via.boletos.documents.phones import is_phone

Span = tuple[int, int]
BLOT: Final = "\0"
"""Stands where something was that is known already."""

_RUN = re.compile(r"\d+(?:(?:[ .\-/\n]{1,4}|,)\d+)*")
_GROUP = re.compile(r"\d+")
_DOCUMENT_AS_PRINTED = re.compile(
    r"(?<!\d)(?<!\d[.\-/,])(?:\d{3}\.\d{3}\.\d{3}-\d{2}|\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2})(?![.\-/]?\d)"
)
"""No code is parted so: where it stands, a run ends."""

_WHOLE: Final = (44, 47, 48)
_PRINTED: Final = (
    (5, 5, 5, 6, 5, 6, 1, 14),
    (10, 11, 11, 1, 14),
    (9, 1, 10, 1, 10, 1, 1, 14),
    (11, 1, 11, 1, 11, 1, 11, 1),
    (12, 12, 12, 12),
)
"""The groups in which banks and utilities print a line."""

_FIELD = re.compile(r"(?<![\d.])\d{5}\.\d{5,6}(?![\d.,])")
"""Half a field of a boleto, a dot, and the other half: no other number is written so."""

_FEWEST_LONGER = 12
"""Digits from which a document may be a piece of a number."""
_FEWEST_OF_A_CODE = 15
"""Digits of a cut code that are told from other numbers by more than their field's dot."""
_ONLY_A_CODE, _ONLY_A_CODE_IN_GROUPS = 24, 20
"""Digits from which a number is nothing else: protocols and lawsuits have up to 20, cards up to 19."""
_LAWSUIT = re.compile(r"\d{7}-\d{2}\.\d{4}\.\d\.\d{2}\.\d{4}")
_LARGEST_GROUP_OF_A_LIST = 4
_MOST_GROUPS_OF_A_CODE = 12
_CODE_NAMED = re.compile(
    r"(?:boletos?|(?:codigo|cod|linha)(?: de| do)? ?(?:barras?|digitavel)?|barras?|digitavel)[\s:=.\-]*$"
)

_DOCUMENT_BOUNDARIES: Final = {11: {3, 6, 9}, 14: {2, 5, 8, 12}}
"""Where a document of that many digits is parted."""
_MOST_GROUPS_IN_A_ROW = 100
"""More are not looked at one by one."""
_MOST_DIGITS_OF_ONE_THING = 14
_MOST_GROUPS_OF_A_PHONE = 5
_DATE_AMOUNT_OR_CEP = re.compile(
    r"[0-3]?\d(?P<mark>[./\-])[01]?\d(?P=mark)(?:\d{4}|\d{2})|\d{4}-[01]\d-[0-3]\d"
    r"|\d{1,3}(?:\.?\d{3}){0,3},\d{2}|\d{2}\.?\d{3}-\d{3}"
)
_MOST_DIGITS_BESIDE_A_WORD = 4
_WORD_BEFORE = re.compile(r"([a-z]+)\s{0,3}$")
_WORD_AFTER = re.compile(r"\s{0,3}[a-z]")
_CODE_WORDS = frozenset(
    """
        barra barras boleto boletos cod codigo digitavel e eh esse esta este fatura linha no num numero pagar paguei
    """.split()  # noqa: SIM905  as a text it is read, as a list it is not
)
"""Before these a small number may be the end of a code."""


@dataclass(frozen=True)
class LongNumbers:
    codes: tuple[Span, ...] = ()
    """Codes of boletos, whole or in part."""
    others: tuple[Span, ...] = ()
    """What else cannot be taken apart; it may be anything."""


@dataclass(frozen=True, repr=False)
class _Run:
    """A row of groups in `chars`, in order."""

    chars: str
    groups: tuple[Span, ...]

    @property
    def span(self) -> Span:
        return self.groups[0][0], self.groups[-1][1]

    @property
    def text(self) -> str:
        return self.chars[slice(*self.span)]

    @cached_property
    def digits(self) -> str:
        return "".join(self.chars[start:end] for start, end in self.groups)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        return tuple(end - start for start, end in self.groups)

    @property
    def has_a_field(self) -> bool:
        return bool(self.groups) and _FIELD.search(self.chars, *self.span) is not None

    @property
    def may_be_longer(self) -> bool:
        return len(self.digits) >= _FEWEST_LONGER or self.has_a_field

    @cached_property
    def is_whole_code(self) -> bool:
        """By its check digits; should a digit be wrong, as it is printed."""
        return self.sizes in _PRINTED or linha_digitavel.is_valid(self.digits)

    def gap_after(self, place: int) -> str:
        return self.chars[self.groups[place][1] : self.groups[place + 1][0]]

    def part(self, first: int, last: int) -> _Run:
        return _Run(self.chars, self.groups[first:last])


def find(chars: str) -> LongNumbers:
    """The numbers in `chars` that are longer than a document."""
    codes: list[Span] = []
    others: list[Span] = []
    for run in _runs(chars):
        for part in _longer_parts(run):
            (codes if part.is_whole_code or _is_code(part) else others).append(part.span)
    return LongNumbers(tuple(codes), tuple(others))


def _runs(chars: str) -> Iterator[_Run]:
    parted = _DOCUMENT_AS_PRINTED.sub(lambda match: BLOT * len(match.group()), chars)
    for match in _RUN.finditer(parted):
        yield _Run(chars, tuple(group.span() for group in _GROUP.finditer(chars, *match.span())))


def _longer_parts(run: _Run) -> Iterator[_Run]:
    """The whole codes in `run`, and between them what is longer than what people write in a row."""
    done = 0
    for first, last in [*_whole_codes(run), (len(run.groups), len(run.groups))]:
        rest = _without_claimed(run.part(done, first))
        if rest.may_be_longer and not _is_explained(rest):
            yield rest
        if first < last:
            yield run.part(first, last)
        done = last


def _without_claimed(run: _Run) -> _Run:
    """`run` without the document at its start that the message calls one: "cpf 529… 12345"."""
    if run.groups and claimed(run.chars, run.span[0]):
        for last in range(1, len(run.groups)):
            if _is_document(run.part(0, last)) and not run.gap_after(last - 1).strip(" \n"):
                return run.part(last, len(run.groups))
    return run


def _whole_codes(run: _Run) -> Iterator[tuple[int, int]]:
    """Where in `run` groups are a whole code."""
    done = 0
    for first in range(len(run.groups)):
        if first < done:
            continue
        for last in _ends(run.sizes, first):
            if run.part(first, last).is_whole_code:
                yield first, last
                done = last
                break


def _ends(sizes: Sequence[int], first: int) -> Iterator[int]:
    """Where groups from `first` on have as many digits as a whole code."""
    digits = 0
    for last, size in enumerate(sizes[first : first + _MOST_GROUPS_OF_A_CODE], first + 1):
        digits += size
        if digits in _WHOLE:
            yield last
        if digits > _WHOLE[-1]:
            return


def _is_explained(run: _Run) -> bool:
    """Whether `run` is nothing but what people write in a row."""
    count = len(run.groups)
    if count > _MOST_GROUPS_IN_A_ROW:
        return False
    reached = {0, *([1] if _is_beside_its_word(run, 0) else [])}
    for first in range(count):
        if first not in reached:
            continue
        digits = 0
        for last in range(first + 1, count + 1):
            digits += run.sizes[last - 1]
            if digits > _MOST_DIGITS_OF_ONE_THING:
                break
            if _is_one_thing(run.part(first, last)):
                reached.add(last)
    return count in reached or (count - 1 in reached and count > 1 and _is_beside_its_word(run, count - 1))


def _is_one_thing(part: _Run) -> bool:
    """Whether it is a document, a phone, a date, an amount, a CEP, or the number of a line in a list."""
    return (
        _is_document(part)
        or (len(part.groups) <= _MOST_GROUPS_OF_A_PHONE and is_phone(part.digits))
        or _DATE_AMOUNT_OR_CEP.fullmatch(part.text) is not None
        or _numbers_a_line(part)
    )


def _numbers_a_line(part: _Run) -> bool:
    start, end = part.span
    before = part.chars[max(0, start - 4) : start].rstrip(" ")
    begins = start == 0 or before.endswith("\n")
    return begins and end - start <= 2 and part.chars[end : end + 2] in (". ", "- ")


def _is_document(part: _Run) -> bool:
    boundaries = _DOCUMENT_BOUNDARIES.get(len(part.digits))
    if boundaries is None or not is_valid(part.digits):
        return False
    sizes, at = part.sizes[:-1], 0
    parted = {at := at + size for size in sizes}
    return parted <= boundaries or set(part.sizes) == {1}


def _is_beside_its_word(run: _Run, place: int) -> bool:
    """Whether the small number at that end of `run` belongs to a word: "ap 302 529…", "529… 2 via"."""
    if run.sizes[place] > _MOST_DIGITS_BESIDE_A_WORD or len(run.groups) == 1:
        return False
    start, end = run.groups[place]
    if place == 0:
        word = _WORD_BEFORE.search(run.chars, max(0, start - 24), start)
        return word is not None and word[1] not in _CODE_WORDS and not run.gap_after(0).strip(" \n")
    gap = run.gap_after(place - 1)
    parted = not gap.strip(" \n") or (gap == "." and end - start == 1)
    return parted and _WORD_AFTER.match(run.chars, end) is not None


def _is_code(run: _Run) -> bool:
    """Whether a longer number is a boleto's code, or a piece of one."""
    digits = len(run.digits)
    if run.has_a_field:
        return True
    label = context(run.chars, *run.span)
    if digits < _FEWEST_OF_A_CODE or (label.label in (Label.OTHER, Label.PHONE) and label.adjacent):
        return False
    if _CODE_NAMED.search(run.chars, max(0, run.span[0] - 40), run.span[0]) or _begins_as_a_code(run.digits):
        return True
    if len(run.groups) == 1 or max(run.sizes) <= _LARGEST_GROUP_OF_A_LIST:
        return digits >= _ONLY_A_CODE
    if digits >= _ONLY_A_CODE_IN_GROUPS:
        return _LAWSUIT.fullmatch(run.text) is None
    return _is_parted_as_printed(run.sizes)


def _begins_as_a_code(digits: str) -> bool:
    if digits[0] == "8":
        return digits[1] != "0" and digits[2] in "6789"
    return digits[3] == "9" and linha_digitavel.bank_name(digits[:3]) is not None


def _is_parted_as_printed(sizes: tuple[int, ...]) -> bool:
    """Whether `sizes` are those of a printed line cut at one end or both."""
    inner = sizes[1:-1]
    for printed in _PRINTED:
        for at in range(len(printed) - len(sizes) + 1):
            there = printed[at : at + len(sizes)]
            if inner == there[1:-1] and sizes[0] <= there[0] and sizes[-1] <= there[-1]:
                return True
    return False
