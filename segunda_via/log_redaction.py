"""Keeps personal data and secrets out of the logs, whoever writes them.

`redact(text)` masks what is recognised by its shape: CPFs and CNPJs, phones, linhas digitáveis and barcodes, Pix codes,
tokens and passwords, media links, and what other programs quote whole (the body of a failed action call, SQL
parameters).

`install()` puts it under everything the process logs: a record factory covers every logger and handler of `logging`
(arguments, tracebacks and extra fields included), a processor covers structlog, where a value known to carry the
customer's words is replaced by its length, names being nothing that a pattern could find. Both hold whether Rasa
configures its logging before or after, and neither ever raises.

>>> redact("cpf:529.982.247-25 not found, Authorization: Bearer s3cr3t-t0k3n")
'cpf:<cpf> not found, Authorization: Bearer <token>'
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Callable, Collection, Mapping, MutableMapping
from types import TracebackType
from typing import Any, Final

import structlog

from segunda_via.boletos import documents

LONGEST: Final = 32_768
"""Characters of a text that are kept; the rest is cut off, so that no line costs more than this."""

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_IN, _OUT = r"(?<![\w.\-/])", r"(?![.\-/]?\d)"
"""Where a number begins and ends that is no part of a longer one."""
_AREA = "[1-9][1-9]"

# Every repetition is bounded or stands before something it cannot match: the time is linear in the text.
_MASKS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # What others quote whole: Rasa's ClientResponseError repeats the tracker, SQLAlchemy its parameters.
        (r"(\bbody=)b?['\"{].*", r"\1<left out>"),
        (r"(\[parameters: ).*", r"\1<left out>]"),
        (
            r"(Validating extracted slots: |these events: |Received NLG response: |of ignored event: ).*",
            r"\1<left out>",
        ),
        # A BR Code up to its checksum; a torn one, up to the end of the line.
        (r"000201(?:01021\d)?(?:2[6-9]|[34]\d|5[01])\d{2}00\d{2}.{0,999}?(?:6304[0-9A-Fa-f]{4}|$)", "<pix>"),
        (r"(/(?:media|primeiro-acesso)/)[\w\-=%.~]{8,}", r"\1<token>"),
        (r"(?i)\b(bearer|basic) +[\w\-.~+/=$:]{4,}", r"\1 <token>"),
        (r"\$?aac[th]_[\w\-.:$+/=]{8,}", "<token>"),
        (r"\beyJ[\w\-]{8,}(?:\.[\w\-]*){0,4}", "<token>"),
        (r"gAAAA[\w\-]{16,}={0,2}", "<token>"),
        (r"(?<![0-9A-Za-z])(?:SK)?[0-9a-f]{32}(?![0-9A-Za-z])", "<key>"),
        (
            r"(?i)((?:access[_-]?token|api[_-]?key|auth[_-]?token|token|secret|password|passwd|senha|credentials?)"
            r"\\?[\"']?[=:]\s?b?\\?[\"']?)[^\s\"'\\&,;<>(){}\[\]]{6,}",
            r"\1<secret>",
        ),
        # Digits in any grouping: 44 to 48 make a boleto, and so does what is left of one.
        (r"(?<!\d)\d(?:[ .\-\u00a0]{0,2}\d){39,}(?!\d)", "<boleto>"),
        # Phones: after a plus, as URLs write it too; with Brazil's 55; as Brazil writes them, with parentheses or a
        # dash. Ten or eleven digits alone are taken for a document below.
        (r"(?:[+＋]|%2[Bb])\d{8,15}(?!\d)", "<phone>"),
        (r"[+＋] ?(?=(?:[ .()\-]{0,2}\d){8,15}(?![ .\-/]?\d))\d(?:[ .()\-]{0,2}\d){7,14}", "<phone>"),
        (rf"(?<![\w.+\-])55{_AREA}(?:9\d{{8}}|[2-9]\d{{7}})(?!\w)", "<phone>"),
        (rf"{_IN}(?:55[ .\-]?)?\(0?{_AREA}\)[ .\-]{{0,2}}(?:9[ .\-]?)?\d{{4}}[ .\-]?\d{{4}}{_OUT}", "<phone>"),
        (rf"{_IN}(?:(?:55[ .\-])?0?{_AREA}[ .\-]?)?9[ .\-]?\d{{4}}-\d{{4}}{_OUT}", "<phone>"),
        (rf"{_IN}(?:55[ .\-])?0?{_AREA}[ .\-][2-5]\d{{3}}-\d{{4}}{_OUT}", "<phone>"),
        (r"(?<!\d)\d{2}[. ]?\d{3}[. ]?\d{3}[/ ]?\d{4}[- ]?\d{2}(?!\d)", "<cnpj>"),
        (r"[0-9A-Za-z]{2}\.[0-9A-Za-z]{3}\.[0-9A-Za-z]{3}/[0-9A-Za-z]{4}-\d{2}(?!\d)", "<cnpj>"),
        (r"(?<![\d+])\d{3}[. ]?\d{3}[. ]?\d{3}[-./ ]?\d{2}(?!\d)", "<cpf>"),  # after a plus it is a phone
    )
)
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


def redact(text: str) -> str:
    """`text` with everything masked that looks personal or secret; the rest stays as it is."""
    if len(text) > LONGEST:
        # What was torn by the cut may not be recognised any more.
        text = text[:LONGEST].rstrip("0123456789 .-/") + f" <{len(text) - LONGEST} characters cut off>"
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return _mask_documents(text)


def _mask_documents(text: str) -> str:
    """What the patterns left: documents spaced out, in full-width digits, or alphanumeric without punctuation."""
    for _ in range(3):  # a document that repeats is found once a turn
        found = [f for f in documents.find(text) if f.kind != "documento_invalido"]
        if not found:
            break
        for document in reversed(found):
            text = f"{text[: document.start]}<{document.kind}>{text[document.end :]}"
    return text


def install() -> None:
    """Cover everything this process logs. Doing it again changes nothing."""
    _install_record_factory()
    _install_structlog_processor()


# --- logging ------------------------------------------------------------------------------------------------------


def _install_record_factory() -> None:
    make = logging.getLogRecordFactory()
    if getattr(make, "redacts", False):
        return

    def make_redacted(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        try:
            _redact_record(record)
        except Exception:
            record.msg, record.args = "<a log record that could not be redacted>", None
            record.exc_info = record.exc_text = record.stack_info = None
        return record

    make_redacted.redacts = True  # type: ignore[attr-defined]  # a function is an object: the mark of `install`
    logging.setLogRecordFactory(make_redacted)


class _RedactedFields(dict[str, Any]):
    """A record's attributes. `extra` is written through here, after the factory has returned: Sanic's access lines."""

    def __setitem__(self, name: str, value: Any) -> None:
        try:
            value = _redact_value(value)
        except Exception:
            value = "<a field that could not be redacted>"
        super().__setitem__(name, value)


def _redact_record(record: logging.LogRecord) -> None:
    _redact_message(record)
    if record.exc_info:
        # Formatters print exc_text when it is there. Without exc_info, nobody can format it anew.
        record.exc_text = redact(_traceback(record.exc_info))
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


def _traceback(exc_info: _ExcInfo) -> str:
    return "".join(traceback.format_exception(*exc_info)).rstrip("\n")


# --- structlog ----------------------------------------------------------------------------------------------------


def _install_structlog_processor() -> None:
    _prepend_processor()
    # Rasa calls structlog.configure() when it starts, which replaces the chain; structlog has no hook to stay in it.
    for name in ("configure", "configure_once", "reset_defaults"):
        configure = getattr(structlog, name)
        if not getattr(configure, "redacts", False):
            setattr(structlog, name, _followed_by_prepending(configure))


def _followed_by_prepending(configure: Callable[..., None]) -> Callable[..., None]:
    def configure_redacted(*args: Any, **kwargs: Any) -> None:
        configure(*args, **kwargs)
        _prepend_processor()

    configure_redacted.redacts = True  # type: ignore[attr-defined]  # as above
    return configure_redacted


def _prepend_processor() -> None:
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
                event[key] = _redact_value(value)
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
        event["stack"] = _traceback(given)  # under "exception", the console renderer would complain of it
    if given or "exc_info" in event:
        event["exc_info"] = None  # its absence would invite structlog to fill it in


def _measure(value: object) -> str:
    if isinstance(value, (str, bytes)):
        return f"<{len(value)} chars>"
    if isinstance(value, (Mapping, Collection)):
        return f"<{len(value)} items>"
    return f"<{type(value).__name__}>"


def _redact_value(value: Any) -> Any:
    if value is None or isinstance(value, (bool, float)):
        return value
    if type(value) in (list, tuple):
        return type(value)(map(_redact_value, value))
    if type(value) is dict:
        return {key: _redact_value(item) for key, item in value.items()}
    text = value if isinstance(value, str) else repr(value)
    redacted = redact(text)
    return value if redacted == text else redacted
