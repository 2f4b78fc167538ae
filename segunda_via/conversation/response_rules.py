"""What a text for customers may be: its variables, and nothing that would break a message.

A text is stored and checked as Rasa fills it in: `{name}` stands for a value. Rasa hands the text to `str.format`, so
every other brace is refused, and with it whatever would reach into objects. Pure. What cannot be is a
ConfigurationError, one line in Brazilian Portuguese.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from segunda_via.errors import ConfigurationError

LONGEST = 1024
"""Characters; the longest body that WhatsApp takes with buttons."""

_VARIABLE = re.compile(r"\{(\w+)\}")
_SEEN_ALTHOUGH_FORMAT = {"\u200d", *map(chr, range(0xE0020, 0xE0080))}
"""Joiners and tags hold emoji together."""


def variables(text: str) -> tuple[str, ...]:
    """The names of the variables in `text`, each once, in order.

    >>> variables("Fatura {numero}, {valor}: {numero}")
    ('numero', 'valor')
    """
    return tuple(dict.fromkeys(_VARIABLE.findall(text)))


def checked(text: str, required: Collection[str] = (), optional: Collection[str] = ()) -> str:
    """`text` as it is kept, without spaces around its lines; ConfigurationError says what is wrong with it.

    >>> checked(" Olá!  \\r\\nSua fatura {numero} ", {"numero"})
    'Olá!\\nSua fatura {numero}'
    """
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")]
    clean = "\n".join(lines)
    if not clean:
        raise ConfigurationError("o texto está vazio")
    if len(clean) > LONGEST:
        raise ConfigurationError(f"o texto tem {len(clean)} caracteres, e o limite é {LONGEST}")
    if any(map(_is_hidden, clean)):
        raise ConfigurationError("o texto tem um caractere invisível ou de controle: apague-o e digite de novo")
    if not all(map(_is_visible, lines)):
        raise ConfigurationError("o texto tem uma linha em branco: o WhatsApp receberia duas mensagens")
    if clean.startswith("/"):
        raise ConfigurationError("o texto não pode começar com “/”, que é um comando")
    _check_variables(clean, required, optional)
    return clean


def _check_variables(text: str, required: Collection[str], optional: Collection[str]) -> None:
    known = [*required, *(name for name in optional if name not in required)]
    offered = ", ".join(f"{{{name}}}" for name in known) or "nenhuma"
    for name in variables(text):
        if name not in known:
            raise ConfigurationError(f"a variável {{{name}}} não existe neste texto (as que existem: {offered})")
    if re.search(r"[{}]", _VARIABLE.sub("", text)):
        raise ConfigurationError(f"as chaves {{ e }} só podem envolver uma variável deste texto ({offered})")
    if "0[" in text:  # Rasa's own sign, by which it tells whether a variable was filled in
        raise ConfigurationError("o texto não pode ter “0[”: escreva com um espaço entre eles")
    missing = [name for name in required if name not in variables(text)]
    if missing:
        raise ConfigurationError(f"falta no texto a variável {{{missing[0]}}}")


def _is_hidden(char: str) -> bool:
    category = unicodedata.category(char)
    return (category in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} and char != "\n") or (
        category == "Cf" and char not in _SEEN_ALTHOUGH_FORMAT
    )


def _is_visible(line: str) -> bool:
    return any(unicodedata.category(char)[0] not in {"Z", "C", "M"} for char in line)
