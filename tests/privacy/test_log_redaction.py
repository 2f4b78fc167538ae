"""`install` under everything that logs: logging, structlog, Rasa's set-up and the SDK's."""

from __future__ import annotations

import asyncio
import copy
import io
import json
import logging
import logging.handlers
import os
import pty
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from segunda_via.log_redaction.structlog_events import redact_event
from segunda_via.rasa_plugin.patches import redacted_logs

CPF = "529.982.247-25"
PHONE = "+5547999990001"
TOKEN = "Bearer abcdefgh12345"


@pytest.fixture
def installed() -> Iterator[None]:
    """Everything is redacted, Rasa's set-up included; undone afterwards."""
    make, processors = logging.getLogRecordFactory(), list(structlog.get_config()["processors"])
    names = ("configure", "configure_once", "reset_defaults")
    functions = {name: getattr(structlog, name) for name in names}
    redacted_logs.install()
    yield
    logging.setLogRecordFactory(make)
    for name, function in functions.items():
        setattr(structlog, name, function)
    structlog.reset_defaults()
    structlog.configure(processors=processors)


@pytest.fixture
def log(installed: None) -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger of its own, and what a plain handler writes of it."""
    logger, written = logging.Logger("some.library", logging.DEBUG), io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(handler)
    yield logger, written
    handler.close()


Log = tuple[logging.Logger, io.StringIO]


def test_messages_and_arguments_of_every_kind(log: Log) -> None:
    logger, written = log
    logger.info("cpf %s", CPF)
    logger.info("cpf %d of %s", 52998224725, "x")
    logger.info("cpf %(cpf)s", {"cpf": CPF})
    logger.info({"cpf": CPF})
    logger.info("list %r", [CPF, TOKEN])
    logger.info("bytes %r", CPF.encode())
    logger.info(f"cpf {CPF}")
    logger.info(ValueError(CPF))
    logger.info("100% sure")
    assert CPF not in written.getvalue()
    assert "52998224725" not in written.getvalue()
    assert written.getvalue().splitlines()[0] == "INFO cpf <cpf>"
    assert "100% sure" in written.getvalue()


def test_a_conversations_id_is_logged_without_its_phones(log: Log) -> None:
    logger, written = log
    conversation = f"whatsapp:+14155238886:whatsapp:{PHONE}"
    logger.handlers[0].setFormatter(logging.Formatter("%(message)s %(request)s"))
    line, request = "Issuing ticket for conversation '%s'.", f"GET /{conversation}/tracker"
    logger.debug(line, conversation, extra={"request": request})
    try:
        {}[conversation]
    except KeyError:
        logger.exception("failed", extra={"request": conversation.replace("+", "%2B")})
    assert "14155238886" not in written.getvalue()
    assert PHONE.removeprefix("+") not in written.getvalue()
    assert written.getvalue().startswith("Issuing ticket for conversation 'whatsapp:<phone>:whatsapp:<phone>'. GET /")


def test_arguments_that_do_not_fit_are_not_spilt(log: Log, capfd: pytest.CaptureFixture[str]) -> None:
    logger, written = log
    logger.info("two %s %s", CPF)
    logger.info("number %d", CPF)
    logger.info("%", CPF)
    everything = written.getvalue() + "".join(capfd.readouterr())
    assert CPF not in everything
    assert everything.count("<cpf>") == 3


def test_an_argument_whose_repr_fails_does_no_harm(log: Log) -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError(CPF)

        __repr__ = __str__

    logger, written = log
    logger.info("broken %s", Broken())
    logger.info(Broken())
    logger.info("fine")
    assert CPF not in written.getvalue()
    assert written.getvalue().endswith("INFO fine\n")


def test_tracebacks_with_their_causes(log: Log) -> None:
    logger, written = log
    try:
        try:
            {}[CPF]
        except KeyError as error:
            raise ValueError(f"token {TOKEN}") from error
    except ValueError:
        logger.exception("failed")
        logger.error("failed", exc_info=True)
        logger.error("failed", exc_info=ValueError(CPF), stack_info=True)
    text = written.getvalue()
    assert CPF not in text
    assert "abcdefgh" not in text
    assert text.count("Traceback (most recent call last)") == 4  # two chains of two; the third error was never raised
    assert "KeyError: '<cpf>'" in text
    assert "test_tracebacks_with_their_causes" in text


def test_extra_fields_are_covered(log: Log) -> None:
    logger, written = log
    logger.handlers[0].setFormatter(logging.Formatter("%(request)s %(data)s %(status)d"))
    logger.info("", extra={"request": "GET http://host/media/gAAAAABcdefghijk", "data": {"a": [CPF]}, "status": 200})
    assert written.getvalue() == "GET http://host/media/<token> {'a': ['<cpf>']} 200\n"


def test_formatters_that_take_arguments_apart_still_can(log: Log) -> None:
    logger, _ = log
    seen: list[logging.LogRecord] = []
    logger.addFilter(lambda record: seen.append(record) is None)
    logger.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:5", "GET", "/media/gAAAAABcdefghijk", "1.1", 200)
    assert seen[0].args == ("127.0.0.1:5", "GET", "/media/<token>", "1.1", 200)


def test_other_handlers_and_formatters(log: Log) -> None:
    class Everything(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            shown = {k: v for k, v in record.__dict__.items() if k not in {"pathname", "filename"}}
            return repr(shown) + (self.formatException(record.exc_info) if record.exc_info else "")

    logger, written = log
    logger.handlers[0].setFormatter(Everything())
    queued: queue.Queue[logging.LogRecord] = queue.Queue()
    logger.addHandler(logging.handlers.QueueHandler(queued))
    try:
        int(CPF)
    except ValueError:
        logger.exception("cpf %s", CPF, extra={"who": CPF})
    copied = copy.copy(queued.get())
    assert CPF not in written.getvalue() + repr(copied.__dict__)
    assert "<cpf>" in written.getvalue()


def test_loggers_made_before_and_after_and_in_other_threads(installed: None, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        logging.getLogger("rasa.core.processor").warning(CPF)
        logging.getLogger(f"made.{os.getpid()}").warning(CPF)
        logging.warning(CPF)
        thread = threading.Thread(target=lambda: logging.warning(CPF))
        thread.start()
        thread.join()
    assert caplog.messages == ["<cpf>"] * 4


async def test_what_asyncio_logs_of_a_lost_task(installed: None, caplog: pytest.LogCaptureFixture) -> None:
    async def lose() -> None:
        raise ValueError(CPF)

    task = asyncio.get_running_loop().create_task(lose())
    await asyncio.sleep(0)
    del task
    import gc

    gc.collect()
    assert "Task exception was never retrieved" in caplog.text
    assert CPF not in caplog.text


def test_installing_again_changes_nothing(installed: None) -> None:
    make, configure = logging.getLogRecordFactory(), structlog.configure
    processors = list(structlog.get_config()["processors"])
    redacted_logs.install()
    assert logging.getLogRecordFactory() is make
    assert structlog.configure is configure
    assert structlog.get_config()["processors"] == processors
    assert processors.count(redact_event) == 1


def _fail_with_locals() -> None:
    local = "mariA"[::-1].title() + "ria"  # a value that no line of source holds
    raise ValueError(local[:0] + CPF)


def test_structlog_as_it_comes(installed: None, capsys: pytest.CaptureFixture[str]) -> None:
    logger = structlog.get_logger()
    logger.info("processor.message.parse", parse_data_text="sou Maria", slot_values={"nome": "Maria"}, count=3, who=CPF)
    logger.info("x", text=None, rasa_events=["Maria", "José"], user_message=object())
    try:
        _fail_with_locals()
    except ValueError:
        logger.exception("failed", text="Maria")
    shown = capsys.readouterr().out
    assert "Maria" not in shown
    assert "Airamria" not in shown
    assert CPF not in shown
    for expected in (
        "processor.message.parse",
        "<9 chars>",
        "<1 items>",
        "<2 items>",
        "<object>",
        "count",
        "<cpf>",
        "ValueError",
    ):
        assert expected in shown


def test_structlog_configured_after_and_loggers_already_in_use(installed: None) -> None:
    events: list[structlog.typing.EventDict] = []

    def keep(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        events.append(dict(event))
        raise structlog.DropEvent

    for configure in (structlog.configure, structlog.configure_once):
        structlog.reset_defaults()
        configure(processors=[keep], cache_logger_on_first_use=True)
        structlog.get_logger().info("e", text="Maria", arg=CPF)
    structlog.configure(processors=(keep,))  # a chain that cannot be extended in place
    structlog.get_logger().info("e", text="Maria", arg=CPF)
    assert events == [{"event": "e", "text": "<5 chars>", "arg": "<cpf>"}] * 3


def test_a_structlog_value_that_breaks_loses_its_line_and_nothing_else(installed: None) -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError(CPF)

    event = redact_event(None, "info", {"event": "x", "value": Broken()})
    assert event == {"event": "<a log event that could not be redacted>"}


RASA = """
import logging, os, sys
sys.argv, (order, kind) = ["rasa"], sys.argv[1:]
# In pieces: a traceback shows lines of source, and must show no value of a variable.
CPF, MARIA, TOKEN = "529.982" + ".247-25", "Mar" + "ia Exemplo", "Bearer " + "abcdefgh" + "12345"
from segunda_via.rasa_plugin.patches import redacted_logs
if order == "before": redacted_logs.install()
import structlog
early = structlog.get_logger("rasa.core.early")
if kind == "rasa":
    import rasa.utils.io
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.endpoints import ClientResponseError
    from rasa.utils.log_utils import configure_structlog
    configure_logging_and_warnings(logging.DEBUG, None, warn_only_once=True, filter_repeated_logs=True)
    rasa.utils.io.configure_colored_logging("DEBUG")
    configure_structlog(logging.DEBUG)
else:
    from rasa_sdk import utils
    utils.configure_colored_logging(logging.DEBUG)
    utils.configure_file_logging(logging.getLogger("rasa_sdk"), os.environ["LOG_FILE"], logging.DEBUG, None)
    utils.update_sanic_log_level()
early.debug("early.line", text="x")
if order == "after": redacted_logs.install()
early.debug("processor.message.parse", parse_data_text="sou " + MARIA, parse_data_entities=[{"value": CPF}])
late = structlog.get_logger("rasa.core.late")
late.debug("processor.slots.log", slot_values="nome: " + MARIA, len_extraction_events=2)
late.info("odd.key", arg="cpf " + CPF, headers={"Authorization": TOKEN})
PHONE = "+554799" + "9990001"
early.debug("lock", sender_id="whatsapp:" + PHONE)
logging.getLogger("rasa.core.lock_store").debug(f"Issuing ticket for conversation 'whatsapp:{PHONE}'.")
def fail():
    customer = MARIA
    if kind == "rasa":
        body = '{"error": "x", "request_body": {"text": "sou %s, %s"}}' % (MARIA, CPF)
        raise ClientResponseError(500, "Internal Server Error", body)
    raise ValueError("customer " + CPF)
try: fail()
except Exception:
    late.exception("interpolator.interpolate.text", response="oi, " + MARIA)
    logging.getLogger("rasa.core.processor").exception("Encountered an exception while running an action.")
    logging.getLogger("rasa_sdk.endpoint").error(msg="Exception occurred", exc_info=sys.exc_info()[1])
logging.getLogger("rasa.core.actions.action").debug("Validating extracted slots: " + str({"nome": MARIA}))
logging.getLogger("rasa_sdk.executor").info("cpf %s", CPF)
"""


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize(("kind", "terminal"), [("rasa", False), ("rasa", True), ("sdk", False)])
@pytest.mark.slow
def test_rasas_own_logging_whenever_it_is_set_up(order: str, kind: str, terminal: bool, tmp_path: Path) -> None:
    log_file = tmp_path / "sdk.log"
    script = tmp_path / "talkative.py"
    script.write_text(RASA)
    environment = os.environ | {"RASA_TELEMETRY_ENABLED": "false", "LOG_FILE": str(log_file), "COLUMNS": "200"}
    shown = _run([sys.executable, str(script), order, kind], environment | {"PYTHONPATH": str(Path.cwd())}, terminal)
    if kind == "sdk":
        shown += log_file.read_text()
    assert "Maria" not in shown
    assert CPF not in shown
    assert PHONE not in shown
    assert "abcdefgh" not in shown
    for expected in (
        "Issuing ticket for conversation 'whatsapp:<phone>'.",
        "processor.message.parse",
        "<17 chars>",
        "processor.slots.log",
        "in fail",
        "Validating extracted slots: <left out>",
    ):
        assert expected in shown
    if kind == "rasa":
        assert shown.count("500, Internal Server Error, body=<left out>") == 3
        assert "Encountered an exception while running an action." in shown
    if kind == "rasa" and not terminal:
        parsed = [json.loads(line[line.index("{") :]) for line in shown.splitlines() if "rasa.core.late" in line]
        assert {
            "event": "processor.slots.log",
            "slot_values": "<19 chars>",
            "len_extraction_events": 2,
            "level": "debug",
        } in parsed
        assert "in fail" in parsed[2]["stack"]


HOST = """
import logging, sys
importing, asks = sys.argv[1:]
__import__(importing)
if asks == "everything":
    from segunda_via import log_redaction
    log_redaction.install(everything=True)
CPF = "529.982" + ".247-25"
logging.basicConfig(level="INFO", stream=sys.stdout, format="%(name)s %(message)s")
for name in ("segunda_via", "segunda_via.actions.guard", "sanic.access", "segunda_via_bot", "host.bot"):
    logging.getLogger(name).info("cpf %s", CPF)
import structlog
structlog.get_logger().info("host.event", text="oi")
"""
OURS = {"segunda_via", "segunda_via.actions.guard", "sanic.access"}
EVERYTHING = {*OURS, "segunda_via_bot", "host.bot"}


@pytest.mark.parametrize(
    ("importing", "asks", "covered"),
    [
        ("segunda_via.actions", "", OURS),
        ("segunda_via.rasa_plugin", "", OURS),
        ("segunda_via.actions", "everything", EVERYTHING),
        ("actions", "", EVERYTHING),
    ],
)
@pytest.mark.slow
def test_in_another_bots_process_its_own_logs_are_left_alone_unless_it_asks(
    importing: str, asks: str, covered: set[str], tmp_path: Path
) -> None:
    script = tmp_path / "host.py"
    script.write_text(HOST)
    environment = os.environ | {"PYTHONPATH": str(Path.cwd()), "NO_COLOR": "1"}
    shown = _run([sys.executable, str(script), importing, asks], environment, terminal=False)
    lines = dict(line.split(" ", 1) for line in shown.splitlines() if " cpf " in line)
    assert {name for name, line in lines.items() if line == "cpf <cpf>"} == covered
    assert {name for name, line in lines.items() if CPF in line} == EVERYTHING - covered
    assert ("<2 chars>" in shown) is (covered == EVERYTHING)


def _run(command: list[str], environment: dict[str, str], terminal: bool) -> str:
    """What the script wrote to stdout and stderr; with a terminal for stderr, Rasa prints for humans."""
    if not terminal:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout + done.stderr
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, env=environment, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    written = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # the terminal is closed with its last process
            break
        if not chunk:
            break
        written += chunk
    os.close(ours)
    assert process.wait(60) == 0, written.decode()
    return written.decode()
