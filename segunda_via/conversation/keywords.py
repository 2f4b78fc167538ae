"""Keywords: phrases that are certain. A message that is one of them asks for the boleto, whatever the model thinks.

The whole message must be the keyword; accents, case, punctuation, emoji and spacing do not count. The operator's list
replaces `DEFAULTS`, which are those of the product's founding document. Pure: the list is kept by `keyword_setting`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from segunda_via.boletos.plain_text import folded

DEFAULTS: Final = ("segunda via", "boleto", "segunda via boleto")

_WORD = re.compile(r"[^\W_]+")


def normalise(text: str) -> str:
    """The words of `text` and nothing else.

    >>> normalise("  *SEGUNDA-VIA*   do Carnê?! ")
    'segunda via do carne'
    >>> normalise("🙏")
    ''
    """
    # Loose accents, and what is not seen at all: joiners and direction marks come along when text is pasted.
    seen = "".join(char for char in text if unicodedata.category(char) not in {"Mn", "Me", "Cf"})
    return " ".join(_WORD.findall(folded(seen)))


def matches(message: str, keywords: Collection[str]) -> bool:
    """Whether the whole message is one of `keywords`.

    >>> matches("Segunda via, por favor", DEFAULTS), matches("SEGUNDA VIA!!! 🙏", DEFAULTS)
    (False, True)
    """
    said = normalise(message)
    return bool(said) and any(said == normalise(keyword) for keyword in keywords)
