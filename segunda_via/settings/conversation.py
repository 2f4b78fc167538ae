"""How the assistant behaves in a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from segunda_via.errors import ConfigurationError
from segunda_via.settings.setting import Setting

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

    @property
    def silence(self) -> timedelta:
        return timedelta(hours=self.silence_hours)


def _read(saved: Mapping[str, Any]) -> ConversationSettings:
    """A field that an earlier version did not save is the default."""
    known = asdict(ConversationSettings())
    return ConversationSettings(**{name: saved.get(name, default) for name, default in known.items()})


def _write(conversation: ConversationSettings) -> Mapping[str, Any]:
    if not 0 <= conversation.inactivity_minutes <= LONGEST_INACTIVITY:
        raise ConfigurationError(
            f"o tempo sem resposta deve ter de 1 a {LONGEST_INACTIVITY} minutos (0 para nunca encerrar)"
        )
    if not 1 <= conversation.silence_hours <= LONGEST_SILENCE:
        raise ConfigurationError(f"o silêncio após a transferência deve ter de 1 a {LONGEST_SILENCE} horas")
    return asdict(conversation)


CONVERSATION_SETTING = Setting("conversation", ConversationSettings(), _read, _write)
