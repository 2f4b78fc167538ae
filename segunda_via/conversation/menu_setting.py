"""What the operator adds to the menu, saved as `{"options": [{label, intent | text | queue}]}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from segunda_via.conversation import document_form, reserved_words
from segunda_via.conversation.keywords import normalise
from segunda_via.conversation.menu import BUILT_IN, BY_CODE, Menu, Option
from segunda_via.errors import ConfigurationError
from segunda_via.settings.setting import Setting

MOST = 8
"""Options beside the built-in two: a WhatsApp list holds ten."""
LONGEST_LABEL = 24
"""Characters of a line of a WhatsApp list."""
LONGEST_TEXT = 1000
LONGEST_QUEUE = 128

INTENTS = tuple(sorted((document_form.LEAVING | {"ja_paguei", "pedir_ajuda", "pedir_segunda_via"}) - {"cancelar"}))
"""Where an option may lead."""


def _read(saved: Mapping[str, Any]) -> Menu:
    known = ("label", "intent", "text", "queue")
    return Menu(tuple(Option(**{key: each.get(key) for key in known}) for each in saved["options"]))


def _write(menu: Menu) -> Mapping[str, Any]:
    """Texts are kept without blank lines, labels and queues as they are written."""
    _check(menu)
    options = [
        {
            key: value
            for key, value in (
                ("label", option.label.strip()),
                ("intent", option.intent),
                ("text", _in_one_message(option.text)),
                ("queue", option.queue),
            )
            if value
        }
        for option in menu.options
    ]
    return {"options": options}


def _check(menu: Menu) -> None:
    if len(menu.options) > MOST:
        raise ConfigurationError(f"o menu pode ter mais {MOST} opções além das duas fixas")
    taken = {normalise(option.label) for option in BUILT_IN}
    for option in menu.options:
        label = normalise(option.label)
        if not label:
            raise ConfigurationError("cada opção precisa de um nome, com letras ou números")
        if len(option.label.strip()) > LONGEST_LABEL:
            raise ConfigurationError(
                f"o nome “{option.label.strip()}” tem {len(option.label.strip())} caracteres, e o WhatsApp mostra só "
                f"{LONGEST_LABEL}: encurte-o"
            )
        if label in taken:
            raise ConfigurationError(f"já existe uma opção com o nome “{option.label.strip()}”")
        meaning = reserved_words.meaning_of(option.label)
        if meaning is not None and (meaning.intent in BY_CODE or meaning.intent != option.leads_to):
            raise ConfigurationError(f"“{option.label.strip()}” não serve de nome: {meaning.why}")
        taken.add(label)
        _check_target(option)


def _check_target(option: Option) -> None:
    name = option.label.strip()
    if sum(bool(target and target.strip()) for target in (option.intent, option.text, option.queue)) != 1:
        raise ConfigurationError(f"a opção “{name}” precisa de um só destino: assunto, texto ou fila")
    if option.intent and option.intent not in INTENTS:
        raise ConfigurationError(f"a opção “{name}” leva a um assunto que não existe: escolha um da lista")
    if option.text and len(option.text) > LONGEST_TEXT:
        raise ConfigurationError(f"o texto da opção “{name}” passa de {LONGEST_TEXT} caracteres")
    if option.queue and len(option.queue) > LONGEST_QUEUE:
        raise ConfigurationError(f"o nome da fila da opção “{name}” passa de {LONGEST_QUEUE} caracteres")


def _in_one_message(text: str | None) -> str | None:
    """Rasa's channels split a message at a blank line."""
    return re.sub(r"\n\s*\n", "\n", text.strip().replace("\r\n", "\n")) if text else None


MENU_SETTING = Setting("menu", Menu(), _read, _write)
"""Without anything saved: the built-in options alone."""
