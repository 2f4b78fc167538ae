"""A stretch of a message that may be a document, what speaks for it, and the shapes by which stretches are picked.

Works on `FoldedText` from which the noise was blotted out. Shapes are of bounded length, and the words
around a stretch are looked at through bounded windows, so that the cost grows linearly with the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from segunda_via.boletos.documents.document import Document, is_valid
from segunda_via.boletos.documents.found import Reason
from segunda_via.boletos.documents.long_numbers import Span
from segunda_via.boletos.documents.nearby_words import Context, Label, claimed, context, handed_over
from segunda_via.boletos.documents.not_documents import blot_spans
from segunda_via.boletos.documents.phones import is_phone

# the last two: a mask that goes on in the next line
_GAP = r"([ .,\-/_]{0,3}| ?[.\-/_] ?\n ?| ?\n ?[.\-/_] ?)"
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
_DIGITS = re.compile(r"\d+")
_CNPJ_SLASH = re.compile(r"\d{2}\.?\d{3}\.?\d{3} ?/ ?\d{1,5}(?:-?\d{1,3})?")


@dataclass(frozen=True, repr=False)
class SearchedText:
    """Folded text without its noise. `alphanumerics` counts those of the whole message, noise included."""

    chars: str
    alphanumerics: int
    longer: tuple[Span, ...] = ()
    """Where numbers stand that no document may be cut out of, in order."""

    def without(self, ones: Iterable[Candidate]) -> SearchedText:
        return replace(self, chars=blot_spans(self.chars, ((one.start, one.end) for one in ones)))


@dataclass(frozen=True, repr=False)
class Candidate:
    """A stretch of a message that may be a document, and what it turned out to be."""

    message: SearchedText
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
    def claimed(self) -> bool:
        """Whether a word for a document stands directly before it, and belongs to no other number."""
        return claimed(self.message.chars, self.start)

    @property
    def handed_over(self) -> bool:
        """Whether the message hands it over without a word on what it is: "é esse: …"."""
        return self.context.label is Label.NONE and handed_over(self.message.chars, self.start, self.end)

    @property
    def masked(self) -> bool:
        return any(gap.strip() for gap in self.gaps)

    @property
    def ends_as_cnpj(self) -> bool:
        """Whether it closes as only a CNPJ does, in "/0001-00"."""
        return tuple(gap.strip("\n") for gap in self.gaps[-2:]) == ("/", "-")

    @property
    def is_written_as_cnpj(self) -> bool:
        """Whether a slash, or the branch 0001 at its end, says so: "11.222.333/0001" lacks its check digits."""
        text = self.message.chars[self.start : self.end]
        return _CNPJ_SLASH.fullmatch(text) is not None or (len(text) == 12 and text.endswith("0001"))

    @property
    def grouped(self) -> bool:
        """Whether its groups are parted as a document's are, rather than by chance: "rua 529 98224725"."""
        if self.gaps[-1:] == (",",):  # 529.982.247,25 is an amount
            return False
        return self.masked or "".join("1" if gap else "0" for gap in self.gaps) in _PAUSES

    @property
    def in_one_piece(self) -> bool:
        """Whether no line breaks inside it, or one does where a mask goes on rather than where a sentence ends."""
        breaks = sum("\n" in gap for gap in self.gaps)
        if breaks != 1:
            return breaks == 0
        marks = sum(bool(gap.strip()) for gap in self.gaps)
        return marks > 1 or (self.value.isdigit() and is_valid(self.value))

    @property
    def listed(self) -> bool:
        """Whether it is several numbers of one size: "10 20 30 40 50". A document is not parted so."""
        groups = _DIGITS.findall(self.message.chars, self.start, self.end)
        sizes = {len(group) for group in groups}
        return len(groups) > 2 and len(sizes) == 1 and sizes != {1}

    @cached_property
    def called_otherwise(self) -> bool:
        """Whether the message calls it a phone, a protocol, another register's number."""
        if self.context.label is Label.PHONE:
            return (self.context.adjacent and not self.context.channel) or is_phone(self.value)
        return self.context.label is Label.OTHER and self.context.adjacent

    @property
    def is_another_number(self) -> bool:
        """Whether the message calls it so and its mask does not outweigh that: a new RG bears the CPF's number."""
        outweighed = self.context.label is Label.PHONE or self.context.word == "rg"
        return self.called_otherwise and not (self.masked and outweighed)

    @property
    def is_part_of_longer(self) -> bool:
        """Whether it is a piece of a number that is longer than a document, however that is parted."""
        longer = self.message.longer
        place = bisect_right(longer, (self.start, len(self.message.chars))) - 1
        return place >= 0 and self.end <= longer[place][1] and (self.start, self.end) != longer[place]

    @property
    def stands_apart(self) -> bool:
        """Whether no digit goes on from it, but for a mark."""
        chars, before = self.message.chars, self.start - 2
        if before >= 0 and _GOES_ON_BEFORE.match(chars, before):
            return False
        if not _GOES_ON_AFTER.match(chars, self.end):
            return True
        return any(shape.match(chars, self.end + 1) for shape in (_CPF, _CNPJ))

    def because(self, reason: Reason, suggestion: Document | None = None) -> Candidate:
        return replace(self, reason=reason, suggestion=suggestion)


def shaped(message: SearchedText) -> Iterator[Candidate]:
    """Every stretch with the groups of a CNPJ or CPF; those that begin at one place in order of preference."""
    for one in _stretches(message, _WORD_START, _CNPJ_WITH_LETTERS):
        if one.masked or not _is_word_and_number(one.value):
            yield one
    yield from _stretches(message, _DIGITS_START, _CNPJ, _CPF)


def shaped_without_zero(message: SearchedText) -> Iterator[Candidate]:
    """Every stretch with the groups of a CPF whose leading zero was left out."""
    return _stretches(message, _DIGITS_START, _CPF_WITHOUT_ZERO)


def _stretches(message: SearchedText, starts: re.Pattern[str], *shapes: re.Pattern[str]) -> Iterator[Candidate]:
    for start in starts.finditer(message.chars):
        for shape in shapes:
            if match := shape.match(message.chars, start.start()):
                one = Candidate(message, *match.span(), match.groups())
                if one.in_one_piece:
                    yield one


def _is_word_and_number(value: str) -> bool:
    """Whether fourteen letters and digits are a word glued to a number, such as "cpf" to a CPF: some validate."""
    glued = _GLUED.fullmatch(value)
    return glued is not None and (glued["word"] is not None or is_valid(glued["number"]))
