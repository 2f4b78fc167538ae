"""One CPF or CNPJ: compact, validate, format, mask, fingerprint. The shape is python-stdnum's.

A CPF has 11 digits; a CNPJ has 14 characters, the first 12 of which may be letters since July 2026 (IN RFB 2.229/2024).
Check digits are python-stdnum's work; a number made of one repeated character is refused here, since its check digits
may hold (111.111.111-11, AA.AAA.AAA/AAAA-45) though it was never issued.

Errors: `stdnum.exceptions.ValidationError` and its children. Their texts never carry what was typed.

>>> validate("529.982.247-25")
'52998224725'
>>> validate("12.abc.345/01de-35")
'12ABC34501DE35'
>>> validate("111.111.111-11")
Traceback (most recent call last):
    ...
stdnum.exceptions.InvalidComponent: One of the parts of the number are invalid or unknown.
>>> format("11222333000181")
'11.222.333/0001-81'
>>> mask("52998224725")
'***.982.247-**'
>>> parse("529.982.247-25")
Document(cpf, ***.982.247-**)
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import Enum

from stdnum.br import cnpj, cpf
from stdnum.exceptions import InvalidComponent, InvalidFormat, InvalidLength, ValidationError

from segunda_via.boletos.documents.folded_text import read

_CPF_LENGTH = 11
_CNPJ_LENGTH = 14
_SEPARATORS = str.maketrans("", "", " \n.-/")


class DocumentKind(str, Enum):
    CPF = "cpf"
    CNPJ = "cnpj"


@dataclass(frozen=True, repr=False)
class Document:
    """A valid CPF or CNPJ: none can be made of another `value`. Only its mask is ever shown."""

    kind: DocumentKind
    value: str
    """Compact: digits, or upper-case letters and digits in a CNPJ."""

    def __post_init__(self) -> None:
        if self.value != validate(self.value) or self.kind is not _kind(self.value):
            raise InvalidFormat

    def __str__(self) -> str:
        return mask(self)

    def __repr__(self) -> str:
        return f"Document({self.kind.value}, {mask(self)})"


def compact(text: str) -> str:
    """`text` without separators and invisible characters, in ASCII, upper-case.

    >>> compact(" 12.abc.345/01de–35 ")
    '12ABC34501DE35'
    """
    return read(text).chars.translate(_SEPARATORS).upper()


def validate(text: str) -> str:
    """The compact document. Raises a `ValidationError` when it is neither a CPF nor a CNPJ."""
    number = compact(text)
    if not (number.isascii() and number.isalnum()):
        raise InvalidFormat
    if len(number) == _CPF_LENGTH:
        valid = cpf.validate
    elif len(number) == _CNPJ_LENGTH:
        valid = cnpj.validate
    else:
        raise InvalidLength
    if is_repeated(number):
        raise InvalidComponent
    return str(valid(number))


def is_valid(text: str) -> bool:
    """
    >>> is_valid("11.222.333/0001-81"), is_valid("11.222.333/0001-82")
    (True, False)
    """
    try:
        validate(text)
    except ValidationError:
        return False
    return True


def is_repeated(number: str) -> bool:
    """Whether a compact number has a document's length and is one character over and over, check digits aside.

    >>> is_repeated("11111111111"), is_repeated("AAAAAAAAAAAA45"), is_repeated("11144477735")
    (True, True, False)
    """
    return len(number) in (_CPF_LENGTH, _CNPJ_LENGTH) and len(set(number[:-2])) == 1


def parse(text: str) -> Document:
    """The document written in `text`, which holds nothing else. Raises as `validate` does."""
    number = validate(text)
    return Document(_kind(number), number)


def format(document: Document | str) -> str:  # noqa: A001  the name is that of python-stdnum's functions
    """The document as Brazilians write it. Check digits are not verified, the length is.

    >>> format("12abc34501de35")
    '12.ABC.345/01DE-35'
    """
    number = _number(document)
    return str(cpf.format(number) if _kind(number) is DocumentKind.CPF else cnpj.format(number))


def mask(document: Document | str) -> str:
    """The document with only its middle groups shown, for screens, texts and logs.

    >>> mask("11222333000181")
    '**.222.333/****-**'
    """
    number = _number(document)
    if _kind(number) is DocumentKind.CPF:
        return f"***.{number[3:6]}.{number[6:9]}-**"
    return f"**.{number[2:5]}.{number[5:8]}/****-**"


def ends(document: Document | str) -> str:
    """The document with its middle hidden, enough for its owner to recognise it.

    >>> ends("52998224725"), ends("11222333000181")
    ('529.•••.•••-25', '11.•••.•••/0001-81')
    """
    written = format(document)
    if len(_number(document)) == _CPF_LENGTH:
        return f"{written[:4]}•••.•••{written[-3:]}"
    return f"{written[:3]}•••.•••{written[-8:]}"


def fingerprint(document: Document | str, key: bytes) -> str:
    """HMAC-SHA256 in hexadecimal, the same for every writing of a document: tells documents apart, names none.

    There are few enough CPFs to try them all, so it hides nothing from whoever has the `key`; an empty one is refused.

    >>> fingerprint("529.982.247-25", b"key") == fingerprint("52998224725", b"key")
    True
    """
    if not key:
        raise ValueError("a fingerprint needs a key")
    known = document if isinstance(document, Document) else parse(document)
    return hmac.new(key, f"{known.kind.value}:{known.value}".encode(), "sha256").hexdigest()


def _number(document: Document | str) -> str:
    number = document.value if isinstance(document, Document) else compact(document)
    if len(number) not in (_CPF_LENGTH, _CNPJ_LENGTH):
        raise InvalidLength
    return number


def _kind(number: str) -> DocumentKind:
    return DocumentKind.CPF if len(number) == _CPF_LENGTH else DocumentKind.CNPJ
