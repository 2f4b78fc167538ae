"""The settings screen as an operator meets it: a real public server with an empty database, and the sandbox."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from playwright.sync_api import Page

from scripts.processes import ROOT, Server, Servers, public_server
from segunda_via.app import App
from segunda_via.settings.environment import Environment
from support.databases import migrated_sqlite

NAME, PASSWORD = "maria", "cavalo bateria grampo"


@dataclass
class Site:
    server: Server
    sandbox: Server
    app: App
    """Another process's view of the same database."""

    @property
    def root(self) -> str:
        return f"http://localhost:{self.server.port}/configuracoes"

    def first_link(self) -> str:
        """As the server writes it, moments after it answers."""
        while (token := self.app.first_access.token("default")) is None:
            time.sleep(0.05)
        return f"{self.root}/primeiro-acesso/{token}"

    def credentials(self, gateway: str) -> dict[str, str]:
        known: dict[str, dict[str, str]] = self.sandbox.read("/health")["gateways"]
        return known[gateway]

    def document(self, shows: str = "entrega completa") -> str:
        return next(str(row["document"]) for row in self.sandbox.read("/personas") if shows in row["shows"])

    def sign_in(self, page: Page) -> None:
        if not self.app.operators.any("default"):
            self.app.operators.add("default", NAME, PASSWORD, by="test")
        page.goto(self.root)
        page.get_by_label("Nome").fill(NAME)
        page.get_by_label("Senha").fill(PASSWORD)
        page.get_by_role("button", name="Entrar").click()
        page.get_by_role("heading", name="Estado", level=1).wait_for()

    def choose_gateway(self, page: Page, gateway: str, **other: str) -> None:
        """Fill the gateway's form as an operator does, and press Salvar."""
        name, profile = ("mkc", gateway) if gateway.startswith("mk_") else (gateway, "")
        page.goto(f"{self.root}/integracao?gateway={name}" + (f"&profile={profile}" if profile else ""))
        if page.locator("summary:has-text('Avançado')").count():
            page.locator("details:has(summary:has-text('Avançado'))").evaluate("each => each.open = true")
        for field, value in {**self.credentials(gateway), **other}.items():
            if field != "profile":
                page.locator(f"[name={field}]:not([type=hidden])").fill(value)
        page.get_by_role("button", name="Salvar", exact=True).click()

    def confirm_payee_and_save(self, page: Page) -> None:
        page.get_by_label("CPF ou CNPJ").fill(self.document())
        page.get_by_role("button", name="Ler recebedor").click()
        confirm_what_was_read(page)


def confirm_what_was_read(page: Page) -> None:
    """Confirm the payee that was read, whichever way the page asks, replace the token, and save."""
    another = page.get_by_label("Para trocar o recebedor, digite")
    if another.count():  # the one that was confirmed for the gateway until now
        another.fill(another.evaluate("each => each.labels[0].innerText").partition("digite ")[2])
    elif page.get_by_label("Sim, esse recebedor é a minha empresa").count():
        page.get_by_label("Sim, esse recebedor é a minha empresa").check()
    replace = page.get_by_label("Entendi: substituir o token anterior")
    if replace.count():
        replace.check()
    page.get_by_role("button", name="Confirmar e salvar").click()


@contextmanager
def running_site(folder: Path, project: Path = ROOT) -> Iterator[Site]:
    """`folder` is where it keeps what it keeps, `project` where the server runs."""
    kept: dict[str, Any] = {k: v for k, v in os.environ.items() if not k.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
    told = {
        "SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(folder),
        "SEGUNDA_VIA_SECRET_KEY": Fernet.generate_key().decode(),
    }
    app = App(Environment.read(told), home=folder)
    with Servers(folder / "log", project) as servers:
        sandbox = servers.start_on_free_port(
            "sandbox", 28285, lambda port: [sys.executable, "-m", "sandbox", "--port", str(port)], kept
        )
        serving = {**kept, **told, "TWILIO_API_URL": f"{sandbox.address}/twilio"}
        server = servers.start_on_free_port("server", 28000, public_server, serving, path="/configuracoes")
        yield Site(server, sandbox, app)
