"""*Treinar agora* in a real browser: its progress, a running Rasa server that takes the model up, and a failure."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from support.browser import check_accessible
from support.project import examples, small_copy
from support.screen_site import Site, running_site

from scripts.processes import Server, Servers

pytestmark = pytest.mark.slow

TOKEN = "a-token-of-the-api"

PHRASE = "o jacaré já subiu na lagoa azul"
PATIENCE = 180_000
"""Milliseconds for a training."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return small_copy(tmp_path / "project")


@pytest.fixture
def site(project: Path, tmp_path: Path) -> Iterator[Site]:
    """The public server runs in the project that is trained."""
    with running_site(tmp_path, project) as running:
        yield running


@contextmanager
def rasa_server(project: Path, logs: Path) -> Iterator[Server]:
    """With a model of the project as it stands now."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
    subprocess.run([sys.executable, "-m", "scripts.train"], cwd=project, env=kept, check=True, capture_output=True)
    command = [sys.executable, "-m", "scripts.rasa_run", "--model", "models"]
    command += ["--interface", "127.0.0.1", "--enable-api", "--auth-token", TOKEN, "--port"]
    with Servers(logs, project) as servers:
        yield servers.start_on_free_port("rasa", 25705, lambda port: [*command, str(port)], kept, path="/")


def understood(server: Server, text: str) -> str:
    answer = httpx.post(f"{server.address}/model/parse?token={TOKEN}", json={"text": text}, timeout=30)
    return str(answer.json()["intent"]["name"])


def trainings(project: Path) -> int:
    """How many trainings of that project go on."""
    found = 0
    for folder in Path("/proc").iterdir():
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            found += b"scripts.train" in command and (folder / "cwd").readlink() == project
        except OSError:  # not a process, or gone meanwhile
            continue
    return found


def test_a_click_trains_once_and_the_running_server_takes_it_up(site: Site, project: Path, browser_page: Page) -> None:
    site.sign_in(browser_page)
    with rasa_server(project, site.server.log.parent) as server:
        assert understood(server, PHRASE) != "pedir_segunda_via"
        examples(project).add(PHRASE, "pedir_segunda_via")
        other = browser_page.context.new_page()
        for page in (browser_page, other):
            page.goto(f"{site.root}/flow")
        for page in (browser_page, other):
            page.get_by_role("button", name="Treinar agora").click()
            expect(page.get_by_label("Treinando…")).to_be_visible()
        check_accessible(browser_page)
        assert trainings(project) == 1
        begun = float(other.get_by_label("Treinando…").get_attribute("value") or 0)
        expect(other.get_by_label("Treinando…")).not_to_have_attribute("value", str(int(begun)), timeout=PATIENCE)
        for page in (browser_page, other):
            expect(page.get_by_role("status")).to_contain_text("Modelo treinado", timeout=PATIENCE)
        limit = time.monotonic() + 60
        while understood(server, PHRASE) != "pedir_segunda_via":
            assert time.monotonic() < limit, "the server did not take the model up"
            time.sleep(0.5)


def test_a_training_that_fails_says_so_and_where_to_look(site: Site, project: Path, browser_page: Page) -> None:
    site.sign_in(browser_page)
    with (project / "data" / "nlu" / "conversa.yml").open("a", encoding="utf-8") as file:
        file.write("\n- intent: [\n")
    browser_page.goto(f"{site.root}/flow")
    browser_page.get_by_role("button", name="Treinar agora").click()
    expect(browser_page.get_by_role("alert")).to_contain_text("var/log/train.log", timeout=PATIENCE)
    assert (project / "var" / "log" / "train.log").read_text("utf-8")
    expect(browser_page.get_by_role("button", name="Treinar agora")).to_be_visible()
