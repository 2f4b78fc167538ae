"""`make pictures`: takes the operator's guide's pictures of every page anew, in both sizes and both themes.

make pictures ARGS="fila flow"   only these

A real public server with a database of its own and the sandbox, in Debian's Chromium. What is shown is made up.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from scripts import pictured
from scripts.pictured import COMPANY, NAME
from scripts.processes import ROOT, Server, Servers, leave_on_signals, public_server, tie_to_parent
from scripts.progress import fail, say, step
from segunda_via.app import App
from segunda_via.settings.environment import Environment

FOLDER = ROOT / "docs" / "imagens"
SIZES = {"computador": (1180, 720), "celular": (390, 844)}
THEMES = {"claro": "light", "escuro": "dark"}
PICTURES = {
    "entrar": "/entrar",
    "primeiro-acesso": "/primeiro-acesso",
    "estado": "",
    "painel": "/painel",
    "lista": "/painel/lista?evento=delivered&periodo=hoje",
    "nao-entendidas": "/painel/nao-entendidas",
    "integracao": "/integracao",
    "conferir": "/integracao/confirmar",
    "testar": "/testar",
    "fila": "/fila",
    "flow": "/flow",
    "atendimento": "/atendimento",
    "plataforma": "/atendimento?plataforma=whaticket",
    "whatsapp": "/whatsapp",
    "textos": "/mensagens",
    "mensagens": "/mensagens/editar?texto=utter_segunda_via_invoice_overdue",
    "alertas": "/alertas",
    "operadores": "/operadores",
    "historico": "/historico",
}
"""Each picture's name, and where its page stands."""
PASSWORD = "cavalo bateria grampo"  # noqa: S105  of nobody


class Studio:
    """The servers, and what an operator has done so far."""

    def __init__(self, server: Server, sandbox: Server, app: App, browser: Browser, wanted: Collection[str]) -> None:
        self.sandbox = sandbox
        self.app = app
        self.browser = browser
        self.root = f"http://localhost:{server.port}/configuracoes"
        self.wanted = wanted
        self.cookies: Any = None
        """Of the one session, once somebody signed in."""

    def take(self, name: str, path: str, act: Callable[[Page], None] | None = None, *, signed_in: bool = True) -> None:
        """The page at `path`, after `act`, in every size and theme."""
        for size in SIZES:
            for theme in THEMES:
                self.take_one(name, path, act, size, theme, signed_in=signed_in)

    def take_one(
        self,
        name: str,
        path: str,
        act: Callable[[Page], None] | None,
        size: str,
        theme: str,
        *,
        signed_in: bool = True,
    ) -> None:
        if self.wanted and name not in self.wanted:
            return
        with self.page(size, theme, self.cookies if signed_in else None) as page:
            page.goto(f"{self.root}{path}")
            if act is not None:
                act(page)
            page.wait_for_load_state("networkidle")
            page.evaluate("document.activeElement && document.activeElement.blur()")
            keep(page.screenshot(full_page=True), FOLDER / f"{name}-{size}-{theme}.png")

    @contextmanager
    def page(self, size: str = "computador", theme: str = "claro", cookies: Any = None) -> Iterator[Page]:
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "escuro" else "light",
            reduced_motion="reduce",
            locale="pt-BR",
            timezone_id="America/Sao_Paulo",
            storage_state=cookies,
        )
        yield context.new_page()
        context.close()

    def sign_in(self) -> None:
        with self.page() as page:
            page.goto(self.root)
            page.get_by_label("Nome").fill(NAME)
            page.get_by_label("Senha").fill(PASSWORD)
            page.get_by_role("button", name="Entrar").click()
            page.get_by_role("heading", name="Estado", level=1).wait_for()
            self.cookies = page.context.storage_state()

    def document(self) -> str:
        return next(str(each["document"]) for each in self.sandbox.read("/personas") if "completa" in each["shows"])

    def credentials(self) -> dict[str, str]:
        known: dict[str, dict[str, str]] = self.sandbox.read("/health")["gateways"]
        return known["asaas"]


def take_all(studio: Studio) -> None:
    app = studio.app
    app.first_access.prepare(COMPANY, studio.root)
    link = f"/primeiro-acesso/{app.first_access.token(COMPANY)}"
    studio.take("primeiro-acesso", link, signed_in=False)
    app.operators.add(COMPANY, NAME, PASSWORD, by="primeiro acesso")
    studio.take("entrar", "", signed_in=False)
    studio.sign_in()
    studio.take_one("estado-vermelho", "", None, "computador", "claro")
    studio.take("integracao", PICTURES["integracao"])
    paste_token(studio)
    studio.take("conferir", PICTURES["conferir"])
    pictured.live(app, studio.sandbox.read("/health"))
    studio.take("testar", PICTURES["testar"], lambda page: test(page, studio.document()))
    for name, path in PICTURES.items():
        if name not in {"entrar", "primeiro-acesso", "integracao", "conferir", "testar"}:
            studio.take(name, path)


def paste_token(studio: Studio) -> None:
    """Up to the page that asks for confirmation, with the payee read."""
    told = studio.credentials()
    with studio.page(cookies=studio.cookies) as page:
        page.goto(f"{studio.root}/integracao")
        page.get_by_label("Token da API").fill(told["token"])
        page.get_by_text("Avançado").click()
        page.get_by_label("Endereço da API").fill(told["base_url"])
        page.get_by_role("button", name="Salvar", exact=True).click()
        page.get_by_label("CPF ou CNPJ").fill(studio.document())
        page.get_by_role("button", name="Ler recebedor").click()
        page.get_by_label("Sim, esse recebedor é a minha empresa").wait_for()


def test(page: Page, document: str) -> None:
    page.get_by_label("CPF ou CNPJ").fill(document)
    page.get_by_role("button", name="Testar").click()
    page.get_by_alt_text("QR Code do Pix").wait_for()


def keep(png: bytes, path: Path) -> None:
    """In few colours: a picture of a page needs no more, and the repository stays small."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


@contextmanager
def studio(folder: Path, chromium: str, wanted: Collection[str]) -> Iterator[Studio]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
    told = {
        "SEGUNDA_VIA_DATABASE_URL": f"sqlite:///{folder / 'segunda_via.db'}",
        "SEGUNDA_VIA_SECRET_KEY": Fernet.generate_key().decode(),
    }
    with Servers(folder / "log") as servers, sync_playwright() as playwright:
        sandbox = servers.start_on_free_port(
            "sandbox", 28285, lambda port: [sys.executable, "-m", "sandbox", "--port", str(port)], kept
        )
        told["TWILIO_API_URL"] = f"{sandbox.address}/twilio"
        app = App(Environment.read(told), home=folder)
        server = servers.start_on_free_port("server", 8000, public_server, {**kept, **told}, path="/configuracoes")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--disable-gpu"], chromium_sandbox=False)
        yield Studio(server, sandbox, app, browser, wanted)
        browser.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="make pictures", description="Take the pictures of the operator's guide.")
    parser.add_argument("names", nargs="*", help=f"these alone, of {', '.join(PICTURES)}")
    wanted = parser.parse_args().names
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        fail("pictures: no Chromium on this machine (Debian: apt-get install chromium)")
    leave_on_signals()
    tie_to_parent()
    with (
        step("Taking every picture"),
        tempfile.TemporaryDirectory(prefix="pictures-") as folder,
        studio(Path(folder), chromium, wanted) as made,
    ):
        take_all(made)
    say(f"They stand in {FOLDER.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
