"""The words around a number that say what it is: "cpf 529…", "meu zap é 119…", "protocolo 202…".

The nearest word before a number counts; failing that, one shortly after it ("529… é meu cpf"). A word that already
labelled another number does not label the next. Works on folded text (`reading`) through windows of bounded size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from segunda_via.documents.document import Kind

_BEFORE, _AFTER = 44, 24
_FULL_NUMBER = 8
"""Digits from which a number between a word and ours is what the word was about."""

_DOCUMENT = r"cpf|cnpj|(?<![a-z])(?:cfp|cgc|cnpf|cpnj|cnjp|documentos?|docs?|dcto|identificacao)(?![a-z])"
_PHONE = (
    r"(?<![a-z])(?:tel|telefones?|fones?|wh?ats?(?:z?app?)?|wpp|zap|zapzap|cel|celular|celulares|contatos?"
    r"|ramal|ligar?|ligue|sms|ddd)(?![a-z])"
)
_OTHER = (
    r"(?<![a-z])(?:protocolo|chamado|ticket|rastreio|rastreamento|cep|rg|cnh|pis|pasep|nis|renavam|imei|cartao"
    r"|agencia|conta corrente|nosso numero|nfe?|nota fiscal)(?![a-z])"
)
_WORD = re.compile(rf"(?P<document>{_DOCUMENT})|(?P<phone>{_PHONE})|(?P<other>{_OTHER})")
_FILLERS = re.compile(
    r"(?:[\s:;=#*\-]|n[o.]|(?<![a-z])(?:e|eh|o|a|do|da|de|num|nr|numero|seria|fica|titular|cliente|sao|segue|aqui|meu"
    r"|ta|esta|celular|fixo|dele|dela|[mp]ai|mae|esposa|marido|app)(?![a-z]))*"
)
_CHANNEL = re.compile(r"(?<![a-z])(?:no|pelo|por|via|pro|nesse|neste|esse|este|ao|para o)(?: meu)? $")


class Label(Enum):
    NONE = "none"
    DOCUMENT = "document"
    PHONE = "phone"
    OTHER = "other"
    """A protocol, a CEP, a card, another register's number."""


@dataclass(frozen=True)
class Context:
    label: Label = Label.NONE
    adjacent: bool = False
    """Nothing but filler words stands between the word and the number."""
    channel: bool = False
    """The phone word names a way ("me manda no zap"), not the number itself."""
    kind: Kind | None = None
    """Which document the word names."""


def context(chars: str, start: int, end: int) -> Context:
    """What the words around `chars[start:end]` say of it."""
    before = chars[max(0, start - _BEFORE) : start]
    nearest: re.Match[str] | None = None
    for nearest in _WORD.finditer(before):  # noqa: B007  only the last match is wanted
        pass
    if nearest is not None:
        between = before[nearest.end() :]
        if sum(char.isdigit() for char in between) < _FULL_NUMBER:
            return Context(
                label=_label(nearest),
                adjacent=_FILLERS.fullmatch(between) is not None,
                channel=_CHANNEL.search(before[: nearest.start()]) is not None,
                kind=_kind(nearest),
            )
    after = chars[end : end + _AFTER]
    following = _WORD.search(after)
    # "cpf" before another number is about that one
    if following is not None and not any(char.isdigit() or char == "\0" for char in after):
        adjacent = _FILLERS.fullmatch(after[: following.start()]) is not None
        return Context(label=_label(following), adjacent=adjacent, kind=_kind(following))
    return Context()


def _label(match: re.Match[str]) -> Label:
    return Label[(match.lastgroup or "").upper()]


def _kind(match: re.Match[str]) -> Kind | None:
    word = match.group()
    if word in ("cpf", "cfp"):
        return Kind.CPF
    return Kind.CNPJ if word[0] == "c" and match.lastgroup == "document" else None
