"""Everything that Rasa's process logs is redacted, whenever Rasa sets its logging up.

Reason: `rasa run` and `rasa shell` call `structlog.configure()` when they start, which replaces the chain of processors
and with it the one that redacts; structlog has no hook to stay in it.
Remove when: Rasa's `configure_structlog` takes further processors, or leaves a chain alone that is already set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from segunda_via import log_redaction
from segunda_via.log_redaction import structlog_events
from segunda_via.rasa_plugin.patches import put_around

CONFIGURING = ("configure", "configure_once", "reset_defaults")
"""The functions of structlog that replace the chain."""


def install() -> None:
    """Redact whatever this process logs, from now on and after each of those functions."""
    log_redaction.install(everything=True)
    for name in CONFIGURING:
        put_around(structlog, name, _followed_by_redaction, by=__name__)


def _followed_by_redaction(configure: Callable[..., None]) -> Callable[..., None]:
    def configure_redacted(*args: Any, **kwargs: Any) -> None:
        configure(*args, **kwargs)
        structlog_events.install()

    return configure_redacted
