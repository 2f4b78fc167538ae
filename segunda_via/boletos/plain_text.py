"""Texts of a gateway (invoice numbers, names of people and companies) as plain text, before they stand anywhere.

They reach WhatsApp, tickets, desks, the screen and our own PDF, and whoever may type an invoice at the gateway may
write in them. Nothing of them may be read as formatting, as a link, or as something other than it looks like. Below,
texts of anybody without accents and case, as they are compared.

>>> plain("*URGENTE* pague em https://golpe.example/pix")
'URGENTE pague em'
>>> plain("Click.net Telecomunicações S.A."), plain("\\u202eTXT.15924715\\u200b")
('Click net Telecomunicações S.A.', 'TXT.15924715')
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 100
"""Characters of a name. What is longer is cut, and ends in "…"."""

_AS_THEY_ARE = frozenset("ªº…")
"""What NFKC would write out, although everybody reads it as it is."""

_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164")
"""Blanks that Unicode holds to be letters or symbols."""

_FORMATTING = re.compile(r"[*_~`<>\[\]\\|^]")
_AT_THE_START = re.compile(r"^[\s>#•·-]+")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.|\b(?:mailto|tel|sms|data|javascript|intent):)\S*", re.IGNORECASE)
_IP_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)")
_DOT_OF_A_DOMAIN = re.compile(r"(?<=\w)[.。](?=[^\W\d_]{2}|xn--)", re.IGNORECASE)


def plain(text: str, limit: int = LONGEST) -> str:
    """`text` on one line, in letters that are what they look like, without formatting and links. It may end up empty.

    An address with its scheme is left out; of a bare one (`golpe.example`, `203.0.113.7`, or a company's `Click.net`)
    the dots become spaces, so that no phone makes a link of it.
    """
    seen = _visible(text[: 20 * limit])
    seen = _ADDRESS.sub(" ", _FORMATTING.sub(" ", seen))
    seen = _IP_ADDRESS.sub(lambda found: found[0].replace(".", " "), seen)
    seen = _AT_THE_START.sub("", _DOT_OF_A_DOMAIN.sub(" ", seen))
    line = " ".join(seen.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def comparable(name: str) -> str:
    """A name as it is compared: plain, without accents and case, since banks and gateways write it differently.

    >>> comparable("Empresa  Teste *Ltda.*") == comparable("EMPRESA TESTÉ LTDA.")
    True
    """
    return folded(plain(name))


def folded(text: str) -> str:
    """`text` without accents, case and more than single spaces, to be searched for words or compared.

    >>> folded("  Cliente NÃO encontrado ")
    'cliente nao encontrado'
    """
    return " ".join(without_accents(text).casefold().split())


def without_accents(text: str) -> str:
    """`text` without accents and compatibility forms.

    >>> without_accents("NÃO, ２ª via")
    'NAO, 2a via'
    """
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _visible(text: str) -> str:
    """In composed letters, without control, zero-width and bidirectional characters and without piled-up marks."""
    if text.isascii() and text.isprintable():
        return text
    composed = unicodedata.normalize("NFC", text)
    folded = "".join(c if c in _AS_THEY_ARE else unicodedata.normalize("NFKC", c) for c in composed)
    return "".join(map(_shown, unicodedata.normalize("NFC", folded)))


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] == "Z" or character.isspace():
        return " "
    hidden = category[0] == "C" or category in {"Mn", "Me"} or character in _INVISIBLE
    return "" if hidden else character
