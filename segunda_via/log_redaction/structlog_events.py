"""Redaction under structlog, in which Rasa logs what customers write: a processor before all others.

A value that is known to carry the customer's words is replaced by its length, since a name has no shape to be found by.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, MutableMapping
from typing import Any, Final

import structlog

from segunda_via.log_redaction.masks import redact_value
from segunda_via.log_redaction.records import traceback_text

# The keys of rasa.utils.log_utils, and those under which the same values travel elsewhere.
_SPOKEN: Final = frozenset(
    {
        "text",
        "response_text",
        "user_text",
        "slot_values",
        "parse_data_text",
        "parse_data_entities",
        "prediction_events",
        "tracker_latest_message",
        "prefilled_slots",
        "message",
        "response",
        "slot_candidates",
        "rasa_event",
        "rasa_events",
        "tracker_states",
        "current_states",
        "old_states",
        "successes",
        "current_entity",
        "next_entity",
        "states",
        "entity",
        "token_text",
        "user_message",
        "json_message",
        "body",
        "entities",
        "events",
        "latest_message",
        "metadata",
        "payload",
        "request_body",
        "slot_value",
        "slots",
        "tracker",
    }
)


def install() -> None:
    """Put the processor before those of the chain in force. Doing it again changes nothing."""
    processors = structlog.get_config()["processors"]
    if redact_event in processors:
        return
    if isinstance(processors, list):
        processors.insert(0, redact_event)  # in place: loggers already in use hold this very list
    else:
        structlog.configure(processors=[redact_event, *processors])


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor. It also renders the traceback, since structlog's renderers add local variables to it."""
    try:
        _render_exception(event, _method)
        for key, value in event.items():
            if key in _SPOKEN and value is not None:
                event[key] = _measure(value)
            elif key not in {"exc_info", "stack_info"}:
                event[key] = redact_value(value)
    except Exception:
        event.clear()
        event["event"] = "<a log event that could not be redacted>"
    return event


def _render_exception(event: MutableMapping[str, Any], method: str) -> None:
    given = event.get("exc_info", method == "exception")
    if isinstance(given, BaseException):
        given = (type(given), given, given.__traceback__)
    elif given and not isinstance(given, tuple):
        given = sys.exc_info()
    if given and given[0] is not None:
        event["stack"] = traceback_text(given)  # under "exception", the console renderer would complain of it
    if given or "exc_info" in event:
        event["exc_info"] = None  # its absence would invite structlog to fill it in


def _measure(value: object) -> str:
    if isinstance(value, (str, bytes)):
        return f"<{len(value)} chars>"
    if isinstance(value, (Mapping, Collection)):
        return f"<{len(value)} items>"
    return f"<{type(value).__name__}>"
