"""`make demo` as a process of its own, up to its hint; how an operator enters; what is left behind when it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from scripts.processes import ROOT
from scripts.train import ensure_model

OPERATOR, PASSWORD = "Maria", "cavalo bateria grampo"


@dataclass
class Demo:
    project: Path
    screen: str
    """What stood on the terminal."""

    def address(self, hint: str) -> str:
        """What the terminal says after that hint."""
        found = re.search(rf"{re.escape(hint)} +(http\S+)", self.screen)
        assert found is not None, self.screen
        return found[1]

    @property
    def url(self) -> str:
        """The sandbox's address."""
        return self.address("The phone is at").partition("/phone")[0]

    def chat(self, customer: str) -> list[dict[str, object]]:
        return list(httpx.get(f"{self.url}/phone/messages", params={"of": customer}).json())

    def enter(self, page: Page) -> None:
        """To the overview: by the first-access link, or by name and password once that is used up."""
        page.goto(self.address("the first time, open"))
        if page.get_by_label("Seu nome").count():
            page.get_by_label("Seu nome").fill(OPERATOR)
            page.get_by_label("Senha", exact=True).fill(PASSWORD)
            page.get_by_label("Repita a senha").fill(PASSWORD)
            page.get_by_role("button", name="Criar e entrar").click()
        else:
            page.goto(self.address("Settings are at"))
            page.get_by_label("Nome").fill(OPERATOR)
            page.get_by_label("Senha").fill(PASSWORD)
            page.get_by_role("button", name="Entrar").click()
        expect(page.get_by_role("heading", name="Estado", level=1)).to_be_visible()

    def tickets(self) -> list[dict[str, object]]:
        return list(httpx.get(f"{self.url}/phone/tickets").json()["tickets"])


@contextmanager
def running_demo(folder: Path, gateway: str = "asaas", project: Path = ROOT) -> Iterator[Demo]:
    """In `project`, a copy of which must hold a model; what it saves goes into `folder`."""
    if project == ROOT:
        ensure_model()
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.demo", "--gateway", gateway, "--data", str(folder)],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    screen = ""
    for line in process.stdout:
        screen += line
        if "To leave" in line:
            break
    yield Demo(project, screen)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 128 + signal.SIGINT
    assert not list(folder.glob("endpoints-*.yml"))
    for port in re.findall(r"127\.0\.0\.1:(\d+)", screen):
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{port}/")
