"""The menu: its options, and which of them a message chooses.

Two options are the product's own and always come first; the operator adds others. An option leads to an intent, says a
text, or hands the conversation over to a queue. Labels choose whenever they are the whole message; numbers too, but
what a number means depends on what was asked, so that is for the dialogue to decide. Pure: where the operator's options
are kept is `segunda_via.conversation.menu_setting`.

>>> menu = Menu((Option("Horários", text="Das 8h às 18h."),))
>>> [option.label for option in menu.everything]
['Segunda Via de Boleto', 'Falar com atendente', 'Horários']
>>> menu.labelled("3 - HORARIOS").text, menu.numbered("opção 1").intent, menu.numbered("4")
('Das 8h às 18h.', 'pedir_segunda_via', None)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from segunda_via.conversation.keywords import normalise

SHOW: Final = "pedir_menu"
CHOOSE: Final = "escolher_opcao"
BY_CODE: Final = frozenset({SHOW, CHOOSE})
"""The intents that no example teaches: they are certain, or are not there at all."""

QUEUE_INTENT: Final = "outro_assunto"
"""What an option that leads to a queue means to the rules."""

_NUMBERS = {"um": 1, "uma": 1, "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5, "seis": 6, "sete": 7}
_ORDINALS = {"primeira": 1, "segunda": 2, "terceira": 3, "quarta": 4, "quinta": 5, "sexta": 6, "setima": 7}
_NUMBER = re.compile(
    r"(?:(?:quero |escolho )?(?:a |o )?(?:opcao |numero |item )?(\d{1,2})(?: por favor| pfv?)?)"
    r"|(?:(?:quero |escolho )?(?:a |o )?(?:opcao|numero|item) (\w+))"
    r"|(?:(?:quero |escolho )?(?:a )?(\w+) opcao)"
)
_MENU = frozenset({"menu", "cardapio", "opcoes"})
_AROUND_MENU = frozenset(
    """
        a abre abrir ai ao as cade de do e eu favor inicial inicio ir la manda mande me mostra mostrar mostre no
        novamente novo o ola oi os outra outras outro para pfv por pra principal pro quais quero queria sao tem
        ver vez volta voltar volte todas
    """.split()  # noqa: SIM905  as a text it is read, as a list of 50 it is not
)


@dataclass(frozen=True)
class Option:
    """One line of the menu; exactly one of `intent`, `text` and `queue` is set."""

    label: str
    intent: str | None = None
    text: str | None = None
    queue: str | None = None

    @property
    def leads_to(self) -> str:
        """The intent of choosing it."""
        if self.intent:
            return self.intent
        return QUEUE_INTENT if self.queue else CHOOSE


BUILT_IN: Final = (
    Option("Segunda Via de Boleto", intent="pedir_segunda_via"),
    Option("Falar com atendente", intent="falar_com_atendente"),
)


@dataclass(frozen=True)
class Menu:
    """`options` are the operator's, in order, after the built-in ones."""

    options: tuple[Option, ...] = ()

    @property
    def everything(self) -> tuple[Option, ...]:
        return BUILT_IN + self.options

    def labelled(self, message: str) -> Option | None:
        """The option whose label the whole message is, with or without its number before it."""
        said = normalise(message)
        for number, option in enumerate(self.everything, 1):
            label = normalise(option.label)
            if said in (label, f"{number} {label}"):
                return option
        return None

    def numbered(self, message: str) -> Option | None:
        """The option whose number the whole message is."""
        number = number_of(message)
        return self.everything[number - 1] if number and number <= len(self.everything) else None

    def intent_of(self, message: str) -> str | None:
        """The certain intent of a message that asks for the menu or chooses from it; None for every other."""
        if asks_for_menu(message):
            return SHOW
        if option := self.labelled(message):
            return option.leads_to
        return CHOOSE if self.numbered(message) else None


def number_of(message: str) -> int | None:
    """The number that a message consists of, 0 and below aside.

    >>> number_of("2️⃣"), number_of("a opção dois"), number_of("primeira opção"), number_of("segunda via"), number_of("0")
    (2, 2, 1, None, None)
    """
    match = _NUMBER.fullmatch(normalise(message))
    if match is None:
        return None
    if match[1]:
        return int(match[1]) or None
    return _NUMBERS.get(match[2] or "") or _ORDINALS.get(match[3] or match[2] or "")


def asks_for_menu(message: str) -> bool:
    """Whether a message asks to see the menu, and nothing else.

    >>> [asks_for_menu(each) for each in ("MENU!", "volta pro menu, por favor", "quais as opções?", "menu do plano")]
    [True, True, True, False]
    """
    words = normalise(message).split()
    return any(word in _MENU for word in words) and all(word in _MENU or word in _AROUND_MENU for word in words)
