"""What a message means for certain, whatever a classifier thinks of it: found by code, and only in situations of ours.

A keyword; nothing but a document while our form asks for one; a choice from our menu while it is on the screen. A bot
that takes the skill in has other forms and menus, whose answers these could be too: they are left alone. In the
stand-alone assistant nothing else can be meant, so there documents, numbers and labels are certain at any moment. Pure.

>>> keywords, menu = frozenset({"segunda via", "boleto"}), Menu()
>>> def means(text, *spans, **where): return certain_intent(text, spans, Situation(**where), menu, keywords)
>>> means("Segunda via!"), means("1"), means("1", menu_shown=True)
('pedir_segunda_via', None, 'pedir_segunda_via')
>>> means("boleto", other_form=True)  # how would you like to pay?
>>> means("é 529.982.247-25", (2, 16)), means("é 529.982.247-25", (2, 16), asking=True)
(None, 'informar_documento')
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from segunda_via.boletos.documents import OtherKind, others
from segunda_via.boletos.plain_text import folded
from segunda_via.conversation.keyword_setting import INTENT as ASKS
from segunda_via.conversation.keywords import normalise
from segunda_via.conversation.menu import BUILT_IN, Menu

DOCUMENT: Final = "informar_documento"
Span = tuple[int, int]
"""Start and end in a text."""

_WORD = re.compile(r"\w+")
_NAMES_THE_BOLETO = re.compile(r"\b(?:segunda|2a?|dois) via\b")
_ASKING_LABELS: Final = frozenset(normalise(option.label) for option in BUILT_IN if option.intent == ASKS)

# Words that say nothing beyond "here it is" when they stand beside a document.
_AROUND_A_DOCUMENT = frozenset(
    _WORD.findall(
        """
        a ai anota aqui as ate bem boa bom cadastro cliente cnpj com conta cpf da de desse deste dele dela dia do doc
        documento e eh eis empresa en era esse essa este esta favor foi fica io isso isto la logo mae manda meu minha
        moca moco n no nome noite nr num numero numeros o obg obrigada obrigado oi oie ok ola opa ou pai para pelo pf
        pfv pj por pra pro pronto sao segue sim so sou ta tai tarde tem titular toma tudo um vai
        """
    )
)
_AROUND_A_CODE = frozenset({"barra", "barras", "boleto", "cod", "codigo", "copia", "cola", "digitavel", "linha", "pix"})


@dataclass(frozen=True)
class Situation:
    """Where the conversation stands when the message comes."""

    asking: bool = False
    """Our form asks for the document."""
    other_form: bool = False
    """A form that is not ours asks for something."""
    menu_shown: bool = False
    """Our menu is what was said last."""
    alone: bool = False
    """The bot has no forms and no menu but ours: it is the stand-alone assistant."""


def certain_intent(
    text: str, documents: Collection[Span], situation: Situation, menu: Menu, keywords: Collection[str]
) -> str | None:
    """The certain intent of `text`; None when that is for a classifier to say.

    `documents` is where its documents stand; `keywords` are normalised.
    """
    said = normalise(text)
    if situation.other_form:
        return ASKS if _asks(said, keywords) and _NAMES_THE_BOLETO.search(said) else None
    if (situation.asking or situation.alone) and is_only_documents(text, documents):
        return DOCUMENT
    if situation.alone and (chosen := menu.intent_of(text)):
        return chosen
    if situation.menu_shown and (option := menu.labelled(text) or menu.numbered(text)):
        return option.intent
    return ASKS if _asks(said, keywords) else None


def is_only_documents(text: str, documents: Collection[Span]) -> bool:
    """Whether nothing is said in `text` but its `documents`, or payment codes, and what introduces them."""
    rest = text
    codes = [(other.start, other.end) for other in others(text) if other.kind is not OtherKind.PHONE]
    spans = [*documents, *codes]
    if not spans:
        return False
    for start, end in sorted(spans, reverse=True):
        rest = rest[:start] + " " + rest[end:]
    around = _AROUND_A_DOCUMENT | _AROUND_A_CODE if codes else _AROUND_A_DOCUMENT
    return all(word in around for word in _WORD.findall(folded(rest)))


def _asks(said: str, keywords: Collection[str]) -> bool:
    return said in keywords or said in _ASKING_LABELS
