"""The operator's keywords, saved under `keywords` as `{"phrases": [...]}`; what they do is `segunda_via.keywords`.

Never saved: the defaults count. Saved empty: there is no keyword. What cannot be a keyword is a ConfigurationError,
one line in Brazilian Portuguese.
"""

from __future__ import annotations

from datetime import datetime

from segunda_via import keywords
from segunda_via.errors import ConfigurationError
from segunda_via.settings.store import SettingsStore
from segunda_via.teaching import phrases

NAME = "keywords"


def in_force(store: SettingsStore, company: str) -> tuple[str, ...]:
    """The list that counts, in the order in which it was written."""
    saved = store.get(company, NAME)
    return keywords.DEFAULTS if saved is None else tuple(map(str, saved.value["phrases"]))


def add(store: SettingsStore, company: str, phrase: str, *, by: str, at: datetime) -> bool:
    """Whether it was new."""
    text = phrases.checked(phrase)
    if not keywords.normalise(text):
        raise ConfigurationError("a palavra-chave deve ter letras ou números")
    known = in_force(store, company)
    if keywords.matches(text, known):
        return False
    store.put(company, NAME, {"phrases": [*known, text]}, by=by, at=at)
    return True


def remove(store: SettingsStore, company: str, phrase: str, *, by: str, at: datetime) -> bool:
    """Whether it was there."""
    known = in_force(store, company)
    kept = [each for each in known if not keywords.matches(phrase, [each])]
    if len(kept) == len(known):
        return False
    store.put(company, NAME, {"phrases": kept}, by=by, at=at)
    return True
