"""Choices: shown numbered, and understood when the number, or the words themselves, come back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"(?:op[cç][aã]o|n[uú]mero|a|o)?\s*(\d{1,2})\ufe0f?\u20e3?\s*[.):ªº-]?", re.IGNORECASE)


@dataclass(frozen=True)
class Choice:
    title: str
    payload: str


def read(buttons: Sequence[Mapping[str, object]]) -> tuple[Choice, ...]:
    """Rasa's buttons. One without a payload says its own title."""
    titled = [(str(each.get("title") or "").strip(), each.get("payload")) for each in buttons]
    return tuple(Choice(title, str(payload or title)) for title, payload in titled if title)


def numbered(text: str, choices: Sequence[Choice]) -> str:
    """
    >>> print(numbered("Como posso ajudar?", [Choice("Boleto", "/x"), Choice("Pessoa", "/y")]))
    Como posso ajudar?
    1. Boleto
    2. Pessoa
    """
    lines = [f"{number}. {choice.title}" for number, choice in enumerate(choices, 1)]
    return "\n".join(filter(None, [text.strip(), *lines]))


def chosen(said: str, payload: str, choices: Sequence[Choice]) -> Choice | None:
    """Which of the choices was meant: by the payload of a tapped button, by number, or by its words.

    >>> menu = [Choice("2ª via do boleto", "/x"), Choice("Atendente", "/y")]
    >>> [chosen(said, "", menu).payload for said in ("1", "2)", "opção 2", "1️⃣", "ATENDENTE")]
    ['/x', '/y', '/y', '/x', '/y']
    """
    if payload:
        for choice in choices:
            if payload in {choice.payload, choice.title}:
                return choice
    match = _NUMBER.fullmatch(said.strip())
    if match and 1 <= int(match[1]) <= len(choices):
        return choices[int(match[1]) - 1]
    return next((choice for choice in choices if _plain(choice.title) == _plain(said)), None)


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"\W+", " ", "".join(c for c in bare if not unicodedata.combining(c))).strip()
