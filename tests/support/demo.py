"""`make demo` as a process of its own, up to its hint, and what it leaves behind when it ends."""

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

from scripts.processes import ROOT
from scripts.train import ensure_model


@dataclass
class Demo:
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

    def tickets(self) -> list[dict[str, object]]:
        return list(httpx.get(f"{self.url}/phone/tickets").json()["tickets"])


@contextmanager
def running_demo(folder: Path, gateway: str = "asaas") -> Iterator[Demo]:
    ensure_model()
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.demo", "--gateway", gateway, "--data", str(folder)],
        cwd=ROOT,
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
    yield Demo(screen)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 128 + signal.SIGINT
    assert not list(folder.glob("endpoints-*.yml"))
    for port in re.findall(r"127\.0\.0\.1:(\d+)", screen):
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{port}/")
