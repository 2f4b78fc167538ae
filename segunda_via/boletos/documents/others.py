"""What a message holds in a document's place: the code of a boleto, a Pix code, a phone.

>>> [other.kind.value for other in others("00190.00009 07777.777009 00087.654182 6 49000000295295")]
['boleto']
>>> [other.kind.value for other in others("me liga no (11) 98765-4321, cpf 529.982.247-25")]
['phone']
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import phonenumbers

from segunda_via.boletos.documents import not_documents
from segunda_via.boletos.documents.folded_text import read
from segunda_via.boletos.documents.nearby_words import Label, context


class OtherKind(str, Enum):
    BOLETO = "boleto"
    """The code of a boleto: line or barcode, whole, mistyped or cut."""
    PIX = "pix"
    PHONE = "phone"


@dataclass(frozen=True)
class Other:
    """It stands at `[start:end]` of the message."""

    start: int
    end: int
    kind: OtherKind


def others(text: str) -> list[Other]:
    """In order of appearance; never raises, and costs time linear in the text."""
    reading = read(text)
    known = not_documents.find(reading.chars)
    found = [
        *((span, OtherKind.BOLETO) for span in known.boleto_codes),
        *((span, OtherKind.PIX) for span in known.pix_codes),
        *((span, OtherKind.PHONE) for span in known.phones),
        *((span, OtherKind.PHONE) for span in _bare_phones(known)),
    ]
    return [Other(*reading.span(*span), kind) for span, kind in sorted(found)]


def _bare_phones(known: not_documents.Noise) -> Iterator[tuple[int, int]]:
    """Phones written as mere digits, unless the message calls them something else."""
    for match in phonenumbers.PhoneNumberMatcher(known.rest.replace(not_documents.BLOT, " "), "BR"):
        label = context(known.rest, match.start, match.end)
        if not (label.label is Label.OTHER and label.adjacent):
            yield match.start, match.end
