"""The queue as it is created at a desk, saved under `queue` as `{"message", "color"}`. Its name is `tickets.QUEUE`.
The message is the form's question as well: the text that customers read, and what the desk's queue is created with.

What cannot be is a ConfigurationError, one line in Brazilian Portuguese.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from segunda_via.conversation.response_rules import checked
from segunda_via.errors import ConfigurationError
from segunda_via.settings.store import SettingsStore

NAME = "queue"
MESSAGE = "Digite seu CPF ou CNPJ para localizar sua fatura."
COLOR = "#1F7A4D"


@dataclass(frozen=True)
class QueueSettings:
    """`message` greets who enters the queue, `color` (#RRGGBB) marks it, where the desk has such things."""

    message: str = MESSAGE
    color: str = COLOR


def in_force(store: SettingsStore, company: str) -> QueueSettings:
    """What was saved, or the seed's own."""
    saved = store.get(company, NAME)
    if saved is None:
        return QueueSettings()
    return QueueSettings(message=str(saved.value["message"]), color=str(saved.value["color"]))


def save(store: SettingsStore, company: str, settings: QueueSettings, *, by: str, at: datetime) -> None:
    message, color = checked(settings.message), settings.color.strip().upper()
    if not re.fullmatch(r"#[0-9A-F]{6}", color):
        raise ConfigurationError("a cor da fila deve ser como #1F7A4D")
    store.put(company, NAME, {"message": message, "color": color}, by=by, at=at)
