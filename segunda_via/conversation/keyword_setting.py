"""The operator's keywords, saved as `{"phrases": [...]}`; `conversation.keywords` tells what they do.

Never saved: the defaults count. Saved empty: there is no keyword. Reserved words that an earlier version let through do
not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from segunda_via.conversation import keywords, reserved_words
from segunda_via.conversation.menu_setting import MENU_SETTING
from segunda_via.errors import ConfigurationError
from segunda_via.intents import example_files
from segunda_via.settings.setting import Setting
from segunda_via.settings.store import SettingsStore

INTENT = "pedir_segunda_via"
"""What a keyword means."""

Phrases = tuple[str, ...]


class _KeywordSetting(Setting[Phrases]):
    """In the order in which they were written. What the menu's options are called is no keyword."""

    def save(self, store: SettingsStore, company: str, value: Phrases, *, by: str, at: datetime) -> None:
        """Save the list, each phrase once."""
        texts = [_checked(store, company, phrase) for phrase in value]
        kept = {keywords.normalise(text): text for text in texts}
        super().save(store, company, tuple(kept.values()), by=by, at=at)


def _read(saved: Mapping[str, Any]) -> Phrases:
    return tuple(phrase for phrase in map(str, saved["phrases"]) if reserved_words.meaning_of(phrase) is None)


def _write(phrases: Phrases) -> Mapping[str, Any]:
    return {"phrases": list(phrases)}


KEYWORD_SETTING = _KeywordSetting("keywords", keywords.DEFAULTS, _read, _write)


def add(store: SettingsStore, company: str, phrase: str, *, by: str, at: datetime) -> bool:
    """Whether it was new. SavedMeanwhile when somebody else saved the list at the same moment."""
    text = _checked(store, company, phrase)

    def with_it(known: Phrases) -> Phrases:
        return known if keywords.matches(text, known) else (*known, text)

    return KEYWORD_SETTING.change(store, company, with_it, by=by, at=at)


def remove(store: SettingsStore, company: str, phrase: str, *, by: str, at: datetime) -> bool:
    """Whether it was there; SavedMeanwhile as `add`."""

    def without_it(known: Phrases) -> Phrases:
        return tuple(each for each in known if not keywords.matches(phrase, [each]))

    return KEYWORD_SETTING.change(store, company, without_it, by=by, at=at)


def _checked(store: SettingsStore, company: str, phrase: str) -> str:
    text = example_files.checked(phrase)
    if not keywords.normalise(text):
        raise ConfigurationError("a palavra-chave deve ter letras ou números")
    meaning = reserved_words.meaning_of(text, MENU_SETTING.in_force(store, company))
    if meaning is not None and meaning.intent != INTENT:
        raise ConfigurationError(f"“{text}” não serve de palavra-chave: {meaning.why}")
    return text
