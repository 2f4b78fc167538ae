"""The servers' logs as JSON: every line an object, masked as before."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from segunda_via import log_redaction
from segunda_via.log_redaction.json_lines import JsonLines

CPF = "529.982.247-25"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    make = logging.getLogRecordFactory()
    log_redaction.install(everything=True)
    logger, written = logging.Logger("some.library", logging.DEBUG), io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    yield logger, written
    logging.setLogRecordFactory(make)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_each_line_is_an_object_that_says_when_who_and_what(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    logger.info("a message for %s\nin two lines", CPF, extra={"ticket": 7})
    (line,) = lines(written)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info", "logger": "some.library", "event": "a message for <cpf>\nin two lines", "ticket": 7,
    }  # fmt: skip


def test_an_exception_is_a_masked_field(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    try:
        int(f"no such person: {CPF}")
    except ValueError:
        logger.exception("failed")
    (line,) = lines(written)
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("ValueError: invalid literal for int() with base 10: 'no such person: <cpf>'")


def test_what_structlog_made_json_of_is_not_wrapped_again(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    logger.warning(json.dumps({"event": "rasa.core.started", "port": 5005, "level": "WARNING"}))
    logger.warning('{"no": "event"}')
    logger.warning("{no json")
    first, second, third = lines(written)
    assert (first["event"], first["port"], first["level"]) == ("rasa.core.started", 5005, "warning")
    assert (second["event"], third["event"]) == ('{"no": "event"}', "{no json")


@pytest.mark.parametrize("told", ["text", "json"])
def test_the_public_server_writes_as_told(told: str, tmp_path: Path) -> None:
    """The command itself, which then logs instead of serving."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
    program = (
        "import logging, sys; from segunda_via.cli import serve; from segunda_via.server import serve as server;"
        f"server.serve = lambda root, listener: logging.getLogger('segunda_via.x').warning('{CPF} wrote');"
        "from segunda_via import log_redaction; log_redaction.install(everything=True);"
        "serve.command(port=0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**kept, "PYTHONPATH": str(ROOT), "SEGUNDA_VIA_LOG_FORMAT": told},
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = done.stderr.splitlines()
    assert CPF not in line
    if told == "json":
        assert json.loads(line)["event"] == "<cpf> wrote"
    else:
        assert line.endswith("WARNING segunda_via.x: <cpf> wrote")
