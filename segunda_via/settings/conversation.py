"""How the assistant behaves in a conversation, saved under `conversation`.

What cannot be saved is a ConfigurationError, one line in Brazilian Portuguese.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from segunda_via.errors import ConfigurationError
from segunda_via.settings.store import SettingsStore

NAME = "conversation"
LONGEST_INACTIVITY = 24 * 60
LONGEST_SILENCE = 30 * 24


@dataclass(frozen=True)
class ConversationSettings:
    """`inactivity_minutes`: how long a question may stay unanswered before it is closed, 0 for ever. `offer_next`:
    whether the next open invoice is offered after a delivery. `silence_hours`: how long the assistant keeps silent at
    most after a desk took the conversation over.
    """

    inactivity_minutes: int = 30
    offer_next: bool = True
    silence_hours: int = 24

    @property
    def inactivity(self) -> timedelta | None:
        return timedelta(minutes=self.inactivity_minutes) if self.inactivity_minutes else None


def in_force(store: SettingsStore, company: str) -> ConversationSettings:
    """What counts; what was never saved is the default."""
    saved = store.get(company, NAME)
    if saved is None:
        return ConversationSettings()
    known = asdict(ConversationSettings())
    return ConversationSettings(**{name: saved.value.get(name, default) for name, default in known.items()})


def save(store: SettingsStore, company: str, conversation: ConversationSettings, *, by: str, at: datetime) -> None:
    """Save `conversation` after checking it."""
    if not 0 <= conversation.inactivity_minutes <= LONGEST_INACTIVITY:
        raise ConfigurationError(
            f"o tempo sem resposta deve ter de 1 a {LONGEST_INACTIVITY} minutos (0 para nunca encerrar)"
        )
    if not 1 <= conversation.silence_hours <= LONGEST_SILENCE:
        raise ConfigurationError(f"o silêncio após a transferência deve ter de 1 a {LONGEST_SILENCE} horas")
    store.put(company, NAME, asdict(conversation), by=by, at=at)
