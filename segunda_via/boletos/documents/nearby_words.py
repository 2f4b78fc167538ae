"""The words around a number that say what it is: "cpf 529…", "meu zap é 119…", "protocolo 202…".

The nearest word before a number counts; failing that, one shortly after it ("529… é meu cpf"). A word that already
labelled another number does not label the next. Works on `FoldedText` through windows of bounded size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from segunda_via.boletos.documents.document import DocumentKind

_BEFORE, _AFTER = 44, 24
_FULL_NUMBER = 8
"""Digits from which a number between a word and ours is what the word was about."""

_DOCUMENT = (
    r"cpf ?(?:/|-|e|ou) ?rg(?![a-z])|cpf|cnpj"
    r"|(?<![a-z])(?:cfp|cgc|cnpf|cpnj|cnjp|documentos?|docs?|dcto|identificacao)(?![a-z])"
)
_PHONE = (
    r"(?<![a-z])(?:tel|telefones?|fones?|wh?ats?(?:z?app?)?|wpp|zap|zapzap|cel|celular|celulares|contatos?"
    r"|ramal|ligar?|ligue|sms|ddd)(?![a-z])"
)
_OTHER = (
    r"(?<![a-z])(?:protocolo|chamado|ticket|rastreio|rastreamento|cep|rg|cnh|pis|pasep|nis|nit|titulo(?: de eleitor"
    r"| eleitoral)?|ctps|carteira de trabalho|passaporte|sus|cns|renavam|imei|cartao|agencia|conta corrente"
    r"|nosso numero|matricula|pedido|nfe?|nota fiscal)(?![a-z])"
)
_WORD = re.compile(rf"(?P<document>{_DOCUMENT})|(?P<phone>{_PHONE})|(?P<other>{_OTHER})")
_FILLERS = re.compile(
    r"(?:[\s:;=#*\-]|n[o.]|(?<![a-z])(?:e|eh|o|a|do|da|de|num|nr|numero|seria|fica|titular|cliente|sao|segue|aqui|meu"
    r"|ta|esta|celular|fixo|dele|dela|[mp]ai|mae|esposa|marido|app)(?![a-z]))*"
)
_ENDS_ON_A_NUMBER = re.compile(rf"\d{_FILLERS.pattern}$")
# greetings and pointing words, back to where a clause begins: "oi, é esse: 848…", but not "paguei 848…"
_HANDING_WORD = (
    r"(?<![a-z])(?:oi|oie|ola|opa|bom|boa|dia|tarde|noite|e|eh|esse|essa|este|esta|isso|ai|aqui|ta|segue|toma|anota"
    r"|pronto|sim|ok|o|meu|n|no|nr|num|numero)(?![a-z])"
)
_HANDING = re.compile(rf"(?:^|[\n,.;!?])[\s,.;:!?\-]*{_HANDING_WORD}(?:[\s,.;:!?\-]|{_HANDING_WORD})*$")
_HANDED = re.compile(
    r"[^0-9a-z\0]{0,12}$|\s{0,3}[\n,.;!?]|\s{1,3}(?:obrigad[oa]|obg|por favor|pfv?|ta|ok|viu|ai|aqui)(?![a-z])"
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
    kind: DocumentKind | None = None
    """Which document the word names."""
    word: str = ""
    """As it is written, folded."""


def context(chars: str, start: int, end: int) -> Context:
    """What the words around `chars[start:end]` say of it."""
    before = chars[max(0, start - _BEFORE) : start]
    nearest = _last_word(before)
    if nearest is not None:
        between = before[nearest.end() :]
        if sum(char.isdigit() for char in between) < _FULL_NUMBER:
            return Context(
                label=_label(nearest),
                adjacent=_FILLERS.fullmatch(between) is not None,
                channel=_CHANNEL.search(before[: nearest.start()]) is not None,
                kind=_kind(nearest),
                word=nearest.group(),
            )
    after = chars[end : end + _AFTER]
    following = _WORD.search(after)
    # "cpf" before another number is about that one
    if following is not None and not any(char.isdigit() or char == "\0" for char in after):
        adjacent = _FILLERS.fullmatch(after[: following.start()]) is not None
        return Context(label=_label(following), adjacent=adjacent, kind=_kind(following), word=following.group())
    return Context()


def claimed(chars: str, start: int) -> bool:
    """Whether a word for a document stands directly before `start`, and does not close an earlier number.

    >>> claimed("meu cpf e 529", 10), claimed("52998224725 e meu cpf 119", 22)
    (True, False)
    """
    before = chars[max(0, start - _BEFORE) : start]
    nearest = _last_word(before)
    return (
        nearest is not None
        and _label(nearest) is Label.DOCUMENT
        and _FILLERS.fullmatch(before, nearest.end()) is not None
        and _ENDS_ON_A_NUMBER.search(before[: nearest.start()]) is None
    )


def handed_over(chars: str, start: int, end: int) -> bool:
    """Whether `chars[start:end]` is what a clause hands over, and the clause says nothing more.

    >>> handed_over("quero pagar. e esse: 529", 21, 24), handed_over("e esse 529 que veio", 7, 10)
    (True, False)
    """
    introduced = _HANDING.search(chars, max(0, start - _BEFORE), start) is not None
    return introduced and _HANDED.match(chars, end) is not None


def _last_word(before: str) -> re.Match[str] | None:
    last: re.Match[str] | None = None
    for last in _WORD.finditer(before):  # noqa: B007  only the last match is wanted
        pass
    return last


def _label(match: re.Match[str]) -> Label:
    return Label[(match.lastgroup or "").upper()]


def _kind(match: re.Match[str]) -> DocumentKind | None:
    word = match.group()
    if word.startswith(("cpf", "cfp")):
        return DocumentKind.CPF
    return DocumentKind.CNPJ if word[0] == "c" and match.lastgroup == "document" else None
