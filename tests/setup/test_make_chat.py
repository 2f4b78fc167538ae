"""`make chat` as a person meets it: in a terminal, from the command to the boleto, and nothing left behind.

Everything that `make chat` starts inherits a mark in its environment, by which the processes are found again.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pexpect
import pytest

from scripts.processes import ROOT
from segunda_via import app
from segunda_via.boletos import linha_digitavel, pix

pytestmark = pytest.mark.slow
PROMPT = "Your input ->"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Terminal:
    """A person at a terminal that runs `make chat`."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.mark = f"CHAT_TEST_MARK={uuid4().hex}"
        name, _, value = self.mark.partition("=")
        environment = {**os.environ, name: value, "PROMPT_TOOLKIT_NO_CPR": "1", "SEGUNDA_VIA_GATEWAY": "nonsense"}
        self.make = pexpect.spawn(
            "make",
            ["chat", f"ARGS=--data {data}"],
            cwd=str(ROOT),
            env=environment,  # type: ignore[arg-type]  # pexpect's stub wants os._Environ
            encoding="utf-8",
            dimensions=(50, 500),
            timeout=240,  # set-up and training included, should they be needed
        )

    def wait_for_prompt(self) -> str:
        """What stood on the screen before it."""
        self.make.expect_exact(PROMPT)
        return ESCAPES.sub("", self.make.before or "")

    def say(self, text: str) -> str:
        """What is answered, until the next prompt."""
        self.make.send(f"{text}\r")
        self.make.expect_exact(text)  # the prompt is drawn again with what was typed, and once more when it is sent
        self.make.expect_exact("\x1b[?2004l")
        return self.wait_for_prompt()

    def processes(self, program: str = "") -> list[int]:
        """Those that bear the mark, and the program's name in their command."""
        found = []
        for folder in Path("/proc").iterdir():
            try:
                marked = self.mark in (folder / "environ").read_text(errors="replace").split("\0")
                command = (folder / "cmdline").read_text(errors="replace").replace("\0", " ")
            except OSError:  # not a process, or gone meanwhile
                continue
            if marked and program in command:
                found.append(int(folder.name))
        return found

    def ended(self) -> bool:
        """Whether nothing is left, after a while at most."""
        limit = time.monotonic() + 15
        while self.processes() and time.monotonic() < limit:
            time.sleep(0.1)
        return not self.processes()

    def close(self) -> None:
        self.make.close(force=True)
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    person = Terminal(tmp_path)
    yield person
    person.close()


def test_the_boleto_arrives_and_the_ticket_finalises_itself(terminal: Terminal) -> None:
    screen = terminal.wait_for_prompt()
    noise = [
        line for line in screen.splitlines() if re.search(r"warning|deprecat|INFO|tensorflow|traceback", line, re.I)
    ]
    assert noise == []
    document = re.search(r"^  (\d{3}\.\d{3}\.\d{3}-\d\d) +CPF +venc", screen, re.MULTILINE)
    assert document is not None, screen

    question = terminal.say("oi, preciso da segunda via do meu boleto")
    assert "Digite seu CPF ou CNPJ para localizar sua fatura." in question
    bundle = terminal.say(document[1])
    assert re.search(r"R\$\s\d", bundle)
    lines = [line.strip() for line in bundle.splitlines()]
    assert any(pix.is_valid(line) for line in lines), bundle
    assert any(linha_digitavel.is_valid(line) for line in lines), bundle
    for label, magic in (("Image", b"\x89PNG"), ("Attachment", b"%PDF-")):
        link = re.search(rf"{label}: (\S+)", bundle)
        assert link is not None, bundle
        assert httpx.get(link[1]).content.startswith(magic)

    root = app.build({"SEGUNDA_VIA_DATABASE_URL": f"sqlite:///{terminal.data / 'segunda_via.db'}"})
    tickets = root.journal.recent("default", 10)
    root.engine.dispose()
    assert [(each.status, each.queue, each.outcome) for each in tickets] == [
        ("finished", "Segunda Via de Boleto", "overdue")
    ]

    terminal.make.send("/stop\r")
    terminal.make.expect(pexpect.EOF)
    assert terminal.make.wait() == 0
    assert terminal.ended()
    assert not list(terminal.data.glob("endpoints-*.yml"))


def test_the_menu_is_numbered_text_and_swallows_nothing(terminal: Terminal) -> None:
    terminal.wait_for_prompt()
    menu = terminal.say("oi")
    assert [line.strip() for line in menu.splitlines() if re.match(r"\s*\d\. ", line)] == [
        "1. Segunda Via de Boleto",
        "2. Falar com atendente",
    ]
    assert "Use arrow keys" not in menu
    assert "Digite seu CPF ou CNPJ" in terminal.say("preciso do meu boleto")
    assert "Como posso ajudar?" in terminal.say("menu")
    assert "Digite seu CPF ou CNPJ" in terminal.say("1")


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_a_key_at_the_prompt_ends_everything(terminal: Terminal, key: str) -> None:
    terminal.wait_for_prompt()
    time.sleep(1)  # the prompt is drawn a moment before keys are read
    terminal.make.send(key)
    terminal.make.expect(pexpect.EOF)
    assert terminal.make.wait() == 0
    assert terminal.ended()


def test_ctrl_c_while_it_starts_ends_everything(terminal: Terminal) -> None:
    terminal.make.expect_exact("sandbox        ready")
    terminal.make.sendintr()
    terminal.make.expect(pexpect.EOF)
    assert terminal.ended()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("program", ["make chat", "scripts.chat"])
def test_a_kill_ends_everything(terminal: Terminal, program: str, how: signal.Signals) -> None:
    terminal.wait_for_prompt()
    (pid,) = terminal.processes(program)
    os.kill(pid, how)
    assert terminal.ended()


def test_a_closed_terminal_ends_everything(terminal: Terminal) -> None:
    terminal.wait_for_prompt()
    terminal.make.ptyproc.fileobj.close()  # its side of the pseudo-terminal, and no signal beside
    assert terminal.ended()


def test_two_that_start_together_do_not_meet(tmp_path: Path) -> None:
    terminals = [Terminal(tmp_path / name) for name in ("one", "other")]
    try:
        for terminal in terminals:
            terminal.wait_for_prompt()
        for terminal in terminals:
            assert "Digite seu CPF ou CNPJ" in terminal.say("quero pagar meu boleto")
    finally:
        for terminal in terminals:
            terminal.close()


def test_taken_ports_are_stepped_over(tmp_path: Path) -> None:
    listeners = []
    for port in (5055, 8000, 8085):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen()
        except OSError:
            listener.close()  # somebody else has it, which will do as well
        else:
            listeners.append(listener)
    terminal = Terminal(tmp_path)
    try:
        screen = terminal.wait_for_prompt()
        ports = re.findall(r"ready at http://127\.0\.0\.1:(\d+)", screen)
        assert len(ports) == 3
        assert not {"5055", "8000", "8085"} & set(ports)
        assert "Digite seu CPF ou CNPJ" in terminal.say("quero pagar meu boleto")
    finally:
        terminal.make.close(force=True)
        for listener in listeners:
            listener.close()
    assert terminal.ended()
