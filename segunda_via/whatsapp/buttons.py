"""Choices: shown numbered, and understood when the number, or the words themselves, come back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from segunda_via.boletos.plain_text import folded

_NUMBER = re.compile(r"(?:op[cç][aã]o|n[uú]mero|a|o)?\s*(\d{1,2})\ufe0f?\u20e3?\s*[.):ªº-]?", re.IGNORECASE)

LONGEST_TITLE = 20


@dataclass(frozen=True)
class ButtonChoice:
    title: str
    payload: str


def read(buttons: Sequence[Mapping[str, object]]) -> tuple[ButtonChoice, ...]:
    """Rasa's buttons. One without a payload says its own title."""
    titled = [(str(each.get("title") or "").strip(), each.get("payload")) for each in buttons]
    return tuple(ButtonChoice(title, str(payload or title)) for title, payload in titled if title)


def numbered(text: str, choices: Sequence[ButtonChoice]) -> str:
    """
    >>> print(numbered("Como posso ajudar?", [ButtonChoice("Boleto", "/x"), ButtonChoice("Pessoa", "/y")]))
    Como posso ajudar?
    1. Boleto
    2. Pessoa
    """
    lines = [f"{number}. {choice.title}" for number, choice in enumerate(choices, 1)]
    return "\n".join(filter(None, [text.strip(), *lines]))


def short(title: str) -> str:
    """A title as a button bears it: WhatsApp takes 20 characters.

    >>> short("Falar com atendente"), short("Segunda Via de Boleto")
    ('Falar com atendente', 'Segunda Via de Bole…')
    """
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1].rstrip()}…"


def chosen(said: str, payload: str, choices: Sequence[ButtonChoice]) -> ButtonChoice | None:
    """Which of the choices was meant: by the payload of a tapped button (its own, or its number), by words, by number.

    >>> menu = [ButtonChoice("2ª via do boleto", "/x"), ButtonChoice("Atendente", "/y")]
    >>> [chosen(said, "", menu).payload for said in ("1", "2)", "opção 2", "1️⃣", "ATENDENTE")]
    ['/x', '/y', '/y', '/x', '/y']
    >>> chosen("Fale conosco", "2", menu).payload
    '/y'
    """
    exact = (choice for choice in choices if payload and payload in {choice.payload, choice.title})
    worded = (choice for choice in choices if _words(choice.title) == _words(said))
    number = _NUMBER.fullmatch((payload or said).strip())
    numbered = choices[int(number[1]) - 1 : int(number[1])] if number and int(number[1]) else ()
    return next(chain(exact, worded, numbered), None)


def _words(text: str) -> str:
    return re.sub(r"\W+", " ", folded(text)).strip()
