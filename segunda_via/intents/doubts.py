"""Messages that were answered, and perhaps wrongly: for the operator to look at beside those that were not understood.

Shown are guesses of low confidence, what became "another matter" or nothing of the company's, what the customer said
again in the same words, and what made them complain. Pure; reads the conversation's events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from segunda_via.intents.example_files import same_words
from segunda_via.intents.intent_catalogue import FALLBACK

UNSURE: Final = 0.7
"""Below it a guess is shown."""
CATCH_ALL: Final = frozenset({"outro_assunto", "fora_de_escopo"})
COMPLAINT: Final = "reclamar"


def doubtful(events: Sequence[Mapping[str, Any]]) -> str | None:
    """The message that is to be looked at after the latest one; None when there is none. What was not understood at
    all is noted elsewhere.
    """
    said = [event for event in events if event.get("event") == "user"][-2:]
    if not said:
        return None
    latest, text = said[-1], str(said[-1].get("text") or "")
    intent, confidence = _understood(latest)
    before = str(said[0].get("text") or "") if len(said) == 2 else ""
    if intent == COMPLAINT and before and _understood(said[0])[0] not in (None, FALLBACK, COMPLAINT):
        return before
    if intent in (None, FALLBACK) or (confidence == 1.0 and intent not in CATCH_ALL):
        return None
    repeated = len(text.split()) > 1 and same_words(text) == same_words(before)
    return text if repeated or intent in CATCH_ALL or confidence < UNSURE else None


def _understood(event: Mapping[str, Any]) -> tuple[str | None, float]:
    intent = (event.get("parse_data") or {}).get("intent") or {}
    return intent.get("name"), float(intent.get("confidence") or 0.0)
