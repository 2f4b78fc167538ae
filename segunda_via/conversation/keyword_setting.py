"""The operator's keywords, saved under `keywords` as `{"phrases": [...]}`; `conversation.keywords` tells what they do.

Never saved: the defaults count. Saved empty: there is no keyword. What cannot be a keyword is a ConfigurationError,
one line in Brazilian Portuguese; reserved words that an earlier version let through do not count.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from segunda_via.conversation import keywords, menu_setting, reserved_words
from segunda_via.errors import ConfigurationError
from segunda_via.intents import example_files
from segunda_via.settings.store import Saved, SettingsStore

NAME = "keywords"
INTENT = "pedir_segunda_via"
"""What a keyword means."""


def in_force(store: SettingsStore, company: str) -> tuple[str, ...]:
    """The list that counts, in the order in which it was written."""
    return _phrases(store.get(company, NAME))


def save(store: SettingsStore, company: str, typed: Iterable[str], *, by: str, at: datetime) -> None:
    """Save the list, each phrase once."""
    texts = [_checked(store, company, phrase) for phrase in typed]
    kept = {keywords.normalise(text): text for text in texts}
    store.put(company, NAME, {"phrases": list(kept.values())}, by=by, at=at)


def add(store: SettingsStore, company: str, phrase: str, *, by: str, at: datetime) -> bool:
    """Whether it was new. SavedMeanwhile when somebody else saved the list at the same moment."""
    text = _checked(store, company, phrase)
    saved = store.get(company, NAME)
    known = _phrases(saved)
    if keywords.matches(text, known):
        return False
    _over(store, saved).put(company, NAME, {"phrases": [*known, text]}, by=by, at=at)
    return True


def remove(store: SettingsStore, company: str, phrase: str, *, by: str, at: datetime) -> bool:
    """Whether it was there; SavedMeanwhile as `add`."""
    saved = store.get(company, NAME)
    known = _phrases(saved)
    kept = [each for each in known if not keywords.matches(phrase, [each])]
    if len(kept) == len(known):
        return False
    _over(store, saved).put(company, NAME, {"phrases": kept}, by=by, at=at)
    return True


def _checked(store: SettingsStore, company: str, phrase: str) -> str:
    text = example_files.checked(phrase)
    if not keywords.normalise(text):
        raise ConfigurationError("a palavra-chave deve ter letras ou números")
    meaning = reserved_words.meaning_of(text, menu_setting.in_force(store, company))
    if meaning is not None and meaning.intent != INTENT:
        raise ConfigurationError(f"“{text}” não serve de palavra-chave: {meaning.why}")
    return text


def _phrases(saved: Saved | None) -> tuple[str, ...]:
    if saved is None:
        return keywords.DEFAULTS
    return tuple(phrase for phrase in map(str, saved.value["phrases"]) if reserved_words.meaning_of(phrase) is None)


def _over(store: SettingsStore, read: Saved | None) -> SettingsStore:
    """What was `read` is what is saved over, and nothing else."""
    return store.unchanged_since(keywords=read.version if read else None)
