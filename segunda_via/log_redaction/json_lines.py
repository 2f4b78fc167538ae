"""One JSON object a line, for whoever collects logs: time, level, logger, event, and what the record carries besides.

Only the form changes: records are masked when they are made. Rasa's structlog hands over lines that are JSON already;
their fields are taken as they are.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime, timezone
from typing import Any

_USUAL = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {"message", "asctime", "taskName"}


def begin(log_format: str) -> None:
    """From now on, where `log_format` is "json": whatever handlers the process has. Doing it again changes nothing."""
    if log_format == "json":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonLines())


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            **{name: value for name, value in record.__dict__.items() if name not in _USUAL},
            **_fields(record.getMessage()),
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        trace = record.exc_text or (self.formatException(record.exc_info) if record.exc_info else None)
        if trace:
            line["exception"] = trace
        return json.dumps(line, ensure_ascii=False, default=str)


def _fields(message: str) -> dict[str, Any]:
    if message.startswith("{"):
        try:
            told = json.loads(message)
        except ValueError:
            pass
        else:
            if isinstance(told, dict) and "event" in told:
                return told
    return {"event": message}
