"""The names of the slots, as the domain has them. Actions write slots; what a customer types never does by itself."""

from __future__ import annotations

from typing import Final

DOCUMENT: Final = "segunda_via_document"
SUGGESTION: Final = "segunda_via_suggestion"
SPELLED: Final = "segunda_via_spelled"
CHOICE: Final = "segunda_via_choice"
SEARCHES: Final = "segunda_via_searches"
OUTCOME: Final = "segunda_via_outcome"
FATE: Final = "segunda_via_fate"
REASON: Final = "segunda_via_reason"
MASKED: Final = "segunda_via_masked"
INTERRUPTED: Final = "segunda_via_interrupted"
INTENTS: Final = "segunda_via_intents"
"""Set by the importer alone: {our name of an intent: the bot's}."""

PREFIX: Final = "segunda_via_"
"""Every slot of ours begins so, and no other slot is ever written."""

REQUESTED: Final = "requested_slot"
"""Rasa's own: the slot that the form asks for."""

ENDED: Final = (OUTCOME, FATE)
"""What a delivery leaves. Empty, nothing has ended: rules finish and hand over by the fate alone."""
