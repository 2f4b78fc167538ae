"""An operator teaches a phrase while somebody is talking: understood in that very chat, nothing started again.

In a copy of the project, whose examples are cut short so that training takes seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from support.project import small_copy

pytestmark = pytest.mark.slow

PHRASE = "o jacaré já subiu na lagoa azul"
ENVIRONMENT = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "PROMPT_TOOLKIT_NO_CPR": "1", "COLUMNS": "500"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return small_copy(tmp_path)


def run(project: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=project, env=ENVIRONMENT, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def chat(project: Path) -> Iterator[pexpect.spawn]:
    run(project, "-m", "scripts.train")
    arguments = ["-m", "scripts.chat", "--data", str(project / "var" / "chat")]
    terminal = pexpect.spawn(
        sys.executable,
        arguments,
        cwd=str(project),
        env=ENVIRONMENT,  # type: ignore[arg-type]  # pexpect's stub wants os._Environ
        encoding="utf-8",
        dimensions=(50, 500),
        timeout=120,
    )
    terminal.expect_exact("Your input ->")
    yield terminal
    terminal.close(force=True)


def answer(chat: pexpect.spawn, text: str) -> str:
    chat.send(f"{text}\r")
    chat.expect_exact(text)
    chat.expect_exact("\x1b[?2004l")
    chat.expect_exact("Your input ->")
    return str(chat.before)


def test_a_phrase_is_understood_in_the_running_chat_once_it_was_taught(project: Path, chat: pexpect.spawn) -> None:
    assert "Digite seu CPF ou CNPJ" not in answer(chat, PHRASE)
    command = "from segunda_via.cli import main; main()"
    said = run(project, "-c", command, "phrases", "add", PHRASE, "--intent", "pedir_segunda_via")
    assert "depois  pedir_segunda_via" in said
    assert "modelo treinado" in said
    limit = time.monotonic() + 60
    while "Digite seu CPF ou CNPJ" not in answer(chat, PHRASE):
        assert time.monotonic() < limit
        time.sleep(1)
