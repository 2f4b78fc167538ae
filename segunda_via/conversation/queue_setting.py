"""The queue as it is created at a desk. Its name is `tickets.QUEUE`.

The message is the form's question as well: the text that customers read, and what the desk's queue is created with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from segunda_via.conversation.response_rules import checked
from segunda_via.errors import ConfigurationError
from segunda_via.settings.setting import Setting

MESSAGE = "Digite seu CPF ou CNPJ para localizar sua fatura."
COLOR = "#1F7A4D"


@dataclass(frozen=True)
class QueueSettings:
    """`message` greets who enters the queue, `color` (#RRGGBB) marks it, where the desk has such things."""

    message: str = MESSAGE
    color: str = COLOR


def _read(saved: Mapping[str, Any]) -> QueueSettings:
    return QueueSettings(message=str(saved["message"]), color=str(saved["color"]))


def _write(queue: QueueSettings) -> Mapping[str, Any]:
    message, color = checked(queue.message), queue.color.strip().upper()
    if not re.fullmatch(r"#[0-9A-F]{6}", color):
        raise ConfigurationError("a cor da fila deve ser como #1F7A4D")
    return asdict(QueueSettings(message, color))


QUEUE_SETTING = Setting("queue", QueueSettings(), _read, _write)
