"""What `find` gives back: a document, or a try at one with what is wrong with it. No repr shows what was typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal

from segunda_via.boletos.documents.document import Document

FoundKind = Literal["cpf", "cnpj", "documento_invalido"]


class Reason(str, Enum):
    """Why something that looks like a document is not one."""

    CHECK_DIGITS = "check_digits"
    REPEATED = "repeated"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    MISSING_ZERO = "missing_zero"
    """Ten digits that make a valid CPF with a zero before them."""
    SPELLED = "spelled"
    """Words that make a valid document."""


TO_CONFIRM: Final = frozenset({Reason.MISSING_ZERO, Reason.SPELLED})
"""What comes with a document to be confirmed."""


@dataclass(frozen=True)
class Found:
    """A document, or a try at one, at `text[start:end]` of the message. Its repr shows nothing that was typed."""

    start: int
    end: int
    text: str = field(repr=False)
    kind: FoundKind
    value: str = field(repr=False)
    """Compact when valid; else the letters and digits as written, in ASCII upper-case; the digits that were spelled."""
    reason: Reason | None = None
    suggestion: Document | None = None
    """With what is TO_CONFIRM, the document to offer back for confirmation. Never to be used silently."""
