"""Redaction under `logging`: a record factory, which every logger and handler of the process goes through."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType
from typing import Any

from segunda_via.log_redaction.masks import redact, redact_value

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

OURS = ("segunda_via", "sanic.access")
"""Loggers that are always covered, with those below them: our own, and the access lines, in which our routes' links
stand."""


class RedactingFactory:
    """Makes records as `make` does, and masks those of `OURS`, or of every logger. It never raises."""

    def __init__(self, make: Any, *, everything: bool) -> None:
        self._make = make
        self.everything = everything

    def __call__(self, name: str | None, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record: logging.LogRecord = self._make(name, *args, **kwargs)
        if self.everything or is_ours(name or ""):
            try:
                _redact_record(record)
            except Exception:
                record.msg, record.args = "<a log record that could not be redacted>", None
                record.exc_info = record.exc_text = record.stack_info = None
        return record


def is_ours(name: str) -> bool:
    """Whether that logger is always covered.

    >>> is_ours("segunda_via.app"), is_ours("segunda_via_bot"), is_ours("rasa.core")
    (True, False, False)
    """
    return any(name == ours or name.startswith(f"{ours}.") for ours in OURS)


def install(*, everything: bool) -> None:
    """Cover `OURS`, or everything. Asked again it may cover more, never less."""
    make = logging.getLogRecordFactory()
    if isinstance(make, RedactingFactory):
        make.everything |= everything
    else:
        logging.setLogRecordFactory(RedactingFactory(make, everything=everything))


class _RedactedFields(dict[str, Any]):
    """A record's attributes. `extra` is written through here, after the factory has returned: Sanic's access lines."""

    def __setitem__(self, name: str, value: Any) -> None:
        try:
            value = redact_value(value)
        except Exception:
            value = "<a field that could not be redacted>"
        super().__setitem__(name, value)


def _redact_record(record: logging.LogRecord) -> None:
    _redact_message(record)
    if record.exc_info:
        # Formatters print exc_text when it is there. Without exc_info, nobody can format it anew.
        record.exc_text = redact(traceback_text(record.exc_info))
        record.exc_info = None
    if record.stack_info:
        record.stack_info = redact(record.stack_info)
    record.__dict__ = _RedactedFields(record.__dict__)


def _redact_message(record: logging.LogRecord) -> None:
    try:
        message = record.getMessage()
    except Exception:  # arguments that do not fit: logging would print them all to stderr
        message = f"{record.msg} {record.args!r}"
        record.msg, record.args = redact(message), None
        return
    redacted = redact(message)
    if redacted == message:
        return
    if isinstance(record.args, tuple):
        # Some formatters take the arguments apart (uvicorn's access log): keep them, if that is enough.
        args = tuple(redact(arg) if isinstance(arg, str) else arg for arg in record.args)
        rendered = str(record.msg) % args
        if redact(rendered) == rendered:
            record.args = args
            return
    record.msg, record.args = redacted, None


def traceback_text(exc_info: _ExcInfo) -> str:
    return "".join(traceback.format_exception(*exc_info)).rstrip("\n")
