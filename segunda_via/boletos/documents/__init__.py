"""CPF and CNPJ: one document (`document`), and every document in what a customer wrote (`find`).

    document.py       compact, validate, format, mask, fingerprint: python-stdnum's shape
    find.py           `find`: from free text to documents, valid or almost
    found.py          what `find` gives back
    shapes.py         a stretch of the text that may be a document, and what speaks for it
    others.py         `others`: what stands in a document's place, the code of a boleto, a Pix code, a phone
    folded_text.py    the text folded to plain characters that remember where they came from
    not_documents.py  numbers that are something else: links, Pix codes, phones, amounts, dates
    long_numbers.py   boleto codes, and whatever else is longer than a document
    phones.py         whether digits can be dialled
    nearby_words.py   the words around a number that say what it is

Pure: no clock, no network, nothing of Rasa. Nothing here logs; what is shown of a document is its mask.

>>> from segunda_via.boletos import documents
>>> [(found.kind, found.value) for found in documents.find("oi, meu cpf é 529 982 247 25, me manda o boleto?")]
[('cpf', '52998224725')]
"""

from segunda_via.boletos.documents.document import (
    Document,
    DocumentKind,
    compact,
    ends,
    fingerprint,
    format,  # noqa: A004  the name is that of python-stdnum's functions
    is_valid,
    mask,
    parse,
    validate,
)
from segunda_via.boletos.documents.find import find
from segunda_via.boletos.documents.found import TO_CONFIRM, Found, Reason
from segunda_via.boletos.documents.others import Other, OtherKind, others

__all__ = [
    "TO_CONFIRM",
    "Document",
    "Found",
    "DocumentKind",
    "Other",
    "OtherKind",
    "Reason",
    "compact",
    "ends",
    "find",
    "fingerprint",
    "format",
    "is_valid",
    "mask",
    "others",
    "parse",
    "validate",
]
