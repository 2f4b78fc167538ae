"""Keywords: phrases that are certain. A message that is one of them asks for the boleto, whatever the model thinks.

The whole message must be the keyword; accents, case, punctuation, emoji and spacing do not count. The operator's list
replaces `DEFAULTS`, which are those of the product's founding document. Pure: the list is kept by `keyword_setting`;
`KeywordCache` reads it again after a few seconds, so that a new keyword works without training or restarting.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Collection
from typing import Final

from segunda_via.boletos.plain_text import folded

DEFAULTS: Final = ("segunda via", "boleto", "segunda via boleto")

_WORD = re.compile(r"[^\W_]+")
_log = logging.getLogger(__name__)


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


class KeywordCache:
    """The list in force, read again when it is older than `ttl` seconds. `now` is a clock in seconds that never goes
    back. It never raises: when `read` fails, the last list known counts (`DEFAULTS` at first) for another `ttl`.
    """

    def __init__(self, read: Callable[[], Collection[str]], now: Callable[[], float], ttl: float = 5.0) -> None:
        self._read = read
        self._now = now
        self._ttl = ttl
        self._known: frozenset[str] = frozenset(map(normalise, DEFAULTS))
        self._stale_at: float | None = None
        self._failing = False

    def matches(self, message: str) -> bool:
        """Whether the whole message is a keyword."""
        said = normalise(message)
        if not said:
            return False
        if self._stale_at is None or self._now() >= self._stale_at:
            self._refresh()
        return said in self._known

    def _refresh(self) -> None:
        try:
            self._known = frozenset(map(normalise, self._read()))
            self._failing = False
        except Exception as error:  # a customer is waiting: whatever is wrong with the settings, they are answered
            if not self._failing:  # once, not every few seconds
                _log.warning("keywords: the settings cannot be read (%s); the last list counts", type(error).__name__)
            self._failing = True
        self._stale_at = self._now() + self._ttl  # also counted from a failure that was slow
