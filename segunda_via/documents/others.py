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

from segunda_via.documents import noise
from segunda_via.documents.labels import Label, context
from segunda_via.documents.reading import read


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
    known = noise.find(reading.chars)
    found = [
        *((span, OtherKind.BOLETO) for span in known.boleto_codes),
        *((span, OtherKind.PIX) for span in known.pix_codes),
        *((span, OtherKind.PHONE) for span in known.phones),
        *((span, OtherKind.PHONE) for span in _bare_phones(known)),
    ]
    return [Other(*reading.span(*span), kind) for span, kind in sorted(found)]


def _bare_phones(known: noise.Noise) -> Iterator[tuple[int, int]]:
    """Phones written as mere digits, unless the message calls them something else."""
    for match in phonenumbers.PhoneNumberMatcher(known.rest.replace(noise.BLOT, " "), "BR"):
        label = context(known.rest, match.start, match.end)
        if not (label.label is Label.OTHER and label.adjacent):
            yield match.start, match.end
