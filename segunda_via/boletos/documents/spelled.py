"""Documents spelled in words, as people dictate them: "zero quatro dois, meia sete um …".

Digit by digit, with "meia" for six; tens and hundreds joined by "e", as they are said ("cinquenta e dois", "cento e
vinte e três"); "mil ao contrário" for the 0001 of a CNPJ; and what is said between them ("ponto", "traço", "barra").
Only what makes a valid document is read, and it has to be confirmed: words are easily heard otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from segunda_via.boletos.documents.document import is_valid

_SAID: Final[dict[int, tuple[str, ...]]] = {
    0: ("zero",),
    1: ("um", "uma"),
    2: ("dois", "duas"),
    3: ("tres",),
    4: ("quatro",),
    5: ("cinco",),
    6: ("seis", "meia"),
    7: ("sete",),
    8: ("oito",),
    9: ("nove",),
    10: ("dez",),
    11: ("onze",),
    12: ("doze",),
    13: ("treze",),
    14: ("quatorze", "catorze"),
    15: ("quinze",),
    16: ("dezesseis", "dezasseis"),
    17: ("dezessete", "dezassete"),
    18: ("dezoito",),
    19: ("dezenove", "dezanove"),
    20: ("vinte",),
    30: ("trinta",),
    40: ("quarenta",),
    50: ("cinquenta",),
    60: ("sessenta",),
    70: ("setenta",),
    80: ("oitenta",),
    90: ("noventa",),
    100: ("cem", "cento"),
    200: ("duzentos",),
    300: ("trezentos",),
    400: ("quatrocentos",),
    500: ("quinhentos",),
    600: ("seiscentos",),
    700: ("setecentos",),
    800: ("oitocentos",),
    900: ("novecentos",),
}
_VALUES: Final = {word: value for value, words in _SAID.items() for word in words}
_BACKWARDS = r"mil (?:ao )?contr(?:ario|a)"
_BETWEEN: Final = ("e", "ponto", "traco", "tracinho", "hifen", "barra", "virgula")
_FEWEST_WORDS = 6
_WORD: Final = "|".join([_BACKWARDS, r"\d{1,3}", *_VALUES, *_BETWEEN])
_ROW = re.compile(rf"(?<![0-9a-z])(?:(?:{_WORD})(?![0-9a-z])[\s.,;:/\-]{{0,3}}){{{_FEWEST_WORDS},}}")
_NUMBER = re.compile(rf"(?P<backwards>{_BACKWARDS})|(?P<digits>\d+)|(?P<word>[a-z]+)")


def spelled(chars: str) -> Iterator[tuple[int, int, str]]:
    """Where a document is spelled in folded text, and its digits.

    >>> [digits for *_, digits in spelled("cinco dois nove, nove oito dois, dois quatro sete, vinte e cinco")]
    ['52998224725']
    """
    for row in _ROW.finditer(chars):
        numbers = [match for match in _NUMBER.finditer(chars, *row.span()) if match.group() not in _BETWEEN]
        digits = _digits(row.group())
        if sum(match["word"] is not None for match in numbers) >= _FEWEST_WORDS // 2 and is_valid(digits):
            yield numbers[0].start(), numbers[-1].end(), digits


def _digits(row: str) -> str:
    """
    >>> _digits("cento e vinte e tres vinte tres"), _digits("meia 4 mil ao contrario"), _digits("trinta e um e dois")
    ('123203', '640001', '312')
    """
    said: list[str] = []
    joins_below = 0  # a smaller number joined by "e" belongs to the one before
    joined = False
    for match in _NUMBER.finditer(row):
        value = _VALUES.get(match.group())
        if value is not None:
            if joined and 0 < value < joins_below:
                said[-1] = str(int(said[-1]) + value)
            else:
                said.append(str(value))
            joins_below = _joins_below(value)
        elif match["backwards"] or match["digits"]:
            said.append(match["digits"] or "0001")
            joins_below = 0
        joined = match.group() == "e"
    return "".join(said)


def _joins_below(value: int) -> int:
    if value >= 100:
        return 100
    return 10 if value >= 20 else 0
