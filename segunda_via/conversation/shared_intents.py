"""Intents that the skill shares with the bot, which may have names of its own for them: `affirm` for `afirmar`, say.

The bot's `config.yml` says which, to the importer; it travels as the value of the slot `segunda_via_intents`, so that
whatever reads a conversation knows it too. Inside, everything is called by the skill's own names. Pure.

>>> ours("affirm", {"afirmar": "affirm"}), theirs("afirmar", {"afirmar": "affirm"}), ours("negar", None)
('afirmar', 'affirm', 'negar')
"""

from __future__ import annotations

from collections.abc import Mapping

Names = Mapping[str, str]
"""{our name: the bot's}."""


def ours(intent: str, names: Names | None) -> str:
    """Our name of an intent that the bot calls `intent`."""
    return next((own for own, bots in (names or {}).items() if bots == intent), intent)


def theirs(intent: str, names: Names | None) -> str:
    """What the bot calls our `intent`."""
    return (names or {}).get(intent, intent)
