"""Keeps personal data and secrets out of the logs.

masks.py             `redact(text)`: what is recognised by its shape
records.py           under `logging`
structlog_events.py  under structlog
json_lines.py        the same lines as JSON, where SEGUNDA_VIA_LOG_FORMAT says so

`install()` covers what `segunda_via` logs, which is all that a plugin may decide in another bot's process.
`install(everything=True)` covers whatever the process logs: arguments, tracebacks and extra fields of every logger. The
stand-alone assistant and our own commands ask for that. It may be installed before or after handlers are set up, and
never raises. Where Rasa sets structlog up afterwards: `segunda_via.rasa_plugin.patches.redacted_logs`.
"""

from segunda_via.log_redaction import records
from segunda_via.log_redaction.masks import LONGEST, redact

__all__ = ["LONGEST", "install", "redact"]


def install(*, everything: bool = False) -> None:
    """Cover what `segunda_via` logs, or everything. Asked again it may cover more, never less."""
    records.install(everything=everything)
    if everything:
        from segunda_via.log_redaction import structlog_events  # with six megabytes that an action server can spare

        structlog_events.install()
