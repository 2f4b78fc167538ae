"""A queue is found by its exact name. What only looks like it is told apart so that a person sees the difference.

>>> exact("Segunda Via de Boleto", ["Suporte", "Segunda Via de Boleto"])
'Segunda Via de Boleto'
>>> near("Segunda Via de Boleto", ["segunda via de boleto ", "Suporte"])
['segunda via de boleto ']
>>> print(shown("Segunda  Via de Boleto "))
Segunda␠␠Via de Boleto␠
>>> print(difference("Segunda Via de Boleto", "segunda via de boléto "))
maiúsculas, acento, espaço no fim
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from segunda_via.boletos.plain_text import folded, without_accents

_MARKS = {" ": "␠", "\u00a0": "⍽", "\t": "⇥", "\n": "↵", "\u200b": "∅", "\u202f": "⍽"}
"""How white space is shown where it is not a single space between two words."""


def exact(name: str, names: Iterable[str]) -> str | None:
    """`name`, if it is among `names`, character by character."""
    return next((each for each in names if each == name), None)


def near(name: str, names: Iterable[str]) -> list[str]:
    """The names that a person would take for `name`, though they are others."""
    return [each for each in names if each != name and _as_taken(each) == _as_taken(name)]


def shown(name: str) -> str:
    """`name` with every white space made visible that is not a single plain space between two words."""

    def mark(found: re.Match[str]) -> str:
        text = found.group()
        inside = found.start() > 0 and found.end() < len(name)
        return text if text == " " and inside else "".join(_MARKS.get(c, f"U+{ord(c):04X}") for c in text)

    return re.sub(r"[\s\u200b]+", mark, name)


def difference(name: str, other: str) -> str:
    """In what `other` differs from `name`, in words."""
    found = []
    if _letters(other).casefold() == _letters(name).casefold() and _letters(other) != _letters(name):
        found.append("maiúsculas")
    if _accents(other) != _accents(name):
        found.append("acento")
    if other[:1].isspace() or other[:1] == "\u200b":
        found.append("espaço no começo")
    if other[-1:].isspace() or other[-1:] == "\u200b":
        found.append("espaço no fim")
    inner = re.findall(r"[\s\u200b]+", other.strip("\u200b").strip())
    if any(len(each) > 1 for each in inner):
        found.append("espaço duplo")
    if any(set(each) - {" "} for each in inner):
        found.append("espaço que não é o comum")
    return ", ".join(found) or "um caractere que se parece"


def complaint(name: str, names: Iterable[str]) -> str:
    """One line for the operator: the queue is missing, and what is there in its place."""
    lookalikes = near(name, names)
    if not lookalikes:
        return f"não há fila com o nome exato `{name}`"
    other = lookalikes[0]
    return (
        f"não há fila com o nome exato `{name}`, mas há `{shown(other)}` ({difference(name, other)}): "
        "renomeie-a na plataforma"
    )


def _as_taken(name: str) -> str:
    return folded(name.replace("\u200b", ""))


def _letters(name: str) -> str:
    return re.sub(r"[\s\u200b]", "", without_accents(name))


def _accents(name: str) -> list[str]:
    return [c for c in unicodedata.normalize("NFD", name) if unicodedata.combining(c)]
