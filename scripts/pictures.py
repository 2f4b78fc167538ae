"""`make pictures`: takes the operator's guide's pictures of every page anew, in both sizes and both themes.

make pictures ARGS="fila flow"   only these

A real action server with a database of its own and the sandbox, in Debian's Chromium. What is shown is made up.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from scripts.processes import ROOT, Server, Servers, leave_on_signals, tie_to_parent
from scripts.progress import fail, say, step
from segunda_via.app import App
from segunda_via.attendance import Hours
from segunda_via.checks import Payee
from segunda_via.flow.event import Event
from segunda_via.flow.events import Flow
from segunda_via.menu import Menu, Option
from segunda_via.outcomes import Outcome
from segunda_via.settings import attendance, menu, queue, whatsapp
from segunda_via.settings import gateway as saved_gateway
from segunda_via.settings.environment import Environment
from segunda_via.teaching.effect import Change, Effect, Moved, Understood
from segunda_via.teaching.lessons import WRITTEN, lessons
from segunda_via.teaching.school import trainings

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
COMPANY, NAME, PASSWORD = "default", "maria", "cavalo bateria grampo"


class Studio:
    """The servers, and what an operator has done so far."""

    def __init__(
        self, actions: Server, sandbox: Server, app: App, browser: Browser, wanted: Collection[str]
    ) -> None:
        self.actions = actions
        self.sandbox = sandbox
        self.app = app
        self.browser = browser
        self.root = f"http://localhost:{actions.port}/configuracoes"
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
    link = f"/primeiro-acesso/{app.first_access.token(COMPANY)}"
    studio.take("primeiro-acesso", link, signed_in=False)
    app.operators.add(COMPANY, NAME, PASSWORD, by="primeiro acesso")
    studio.take("entrar", "", signed_in=False)
    studio.sign_in()
    studio.take_one("estado-vermelho", "", None, "computador", "claro")
    studio.take("integracao", PICTURES["integracao"])
    paste_token(studio)
    studio.take("conferir", PICTURES["conferir"])
    save_everything(studio)
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


def save_everything(studio: Studio) -> None:
    """What a company has saved and lived through after some weeks."""
    app = studio.app
    at, store = app.now(), app.settings
    seen = Payee(**studio.sandbox.read("/health")["payees"]["asaas"])
    saved_gateway.save(store, COMPANY, "asaas", studio.credentials(), seen, by=NAME, at=at)
    queue.save(store, COMPANY, queue.QueueSettings(), by=NAME, at=at)
    options = (
        Option("Horário de atendimento", text="De segunda a sexta, das 8h às 18h."),
        Option("Sem internet", queue="Suporte técnico"),
    )
    menu.save(store, COMPANY, Menu(options), by=NAME, at=at)
    morning, afternoon = ("08:00", "12:00"), ("13:00", "18:00")
    day = tuple((attendance.parsed(a), attendance.parsed(b)) for a, b in (morning, afternoon))
    hours = Hours(dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), day), True, "SC")
    queues = {"suporte_tecnico": "Suporte técnico", "negociar_divida": "Cobrança"}
    attendance.save(store, COMPANY, attendance.Attendance(queues, hours), by=NAME, at=at)
    twilio = studio.sandbox.read("/health")["twilio"]
    number = whatsapp.checked(
        {
            "account_sid": twilio["sid"],
            "auth_token": twilio["token"],
            "number": "+55 47 99999-0001",
            "webhook_url": "https://bot.suaempresa.com.br/webhooks/whatsapp/webhook",
        }
    )
    whatsapp.save(store, COMPANY, number, by=NAME, at=at)
    for days in range(30):
        live_a_day(app, days)
    for text in ("me manda o torpedo", "manda o torpedo ai", "quero o torpedo", "qual o dia da coleta"):
        app.week.note(COMPANY, text)
    teach(app)


def live_a_day(app: App, days: int) -> None:
    """What a day brings: more on working days, and now and then a person is needed."""
    draw = random.Random(days)  # noqa: S311  no secret
    today = app.now() - timedelta(days=days)
    moment = today
    flow = Flow(app.engine, app.keys, lambda: moment)
    for number in range(draw.randint(6, 9) if today.weekday() > 4 else draw.randint(16, 26)):
        who = f"whatsapp:+55479{days:04}{number:04}"
        moment = today - timedelta(minutes=7 * number)
        flow.record(Event.ASKED, COMPANY, who)
        if draw.random() < 0.05:
            flow.record(Event.ABANDONED, COMPANY, who)
            continue
        flow.record(Event.DOCUMENT_GIVEN, COMPANY, who)
        if draw.random() < 0.17:
            reason = draw.choice(["falar_com_atendente"] * 4 + ["suporte_tecnico"] * 2 + ["payee_bank", "unpayable"])
            flow.record(Event.HANDED_OVER, COMPANY, who, reason=reason)
            continue
        flow.record(Event.FOUND, COMPANY, who)
        amount = Decimal(draw.randint(60, 320)) + Decimal("0.90")
        took = int(1000 * draw.lognormvariate(0.5, 0.4))
        which = draw.choice([Outcome.OVERDUE, Outcome.OVERDUE, Outcome.NEXT_DUE])
        paid = {"gateway": "asaas", "amount": amount, "document": "52998224725", "outcome": which.value}
        flow.record(Event.DELIVERED, COMPANY, who, duration_ms=took, **paid)
        flow.record(Event.FINISHED, COMPANY, who)


def teach(app: App) -> None:
    """A phrase that was taught and trained, as the page tells of it; the examples themselves are left alone."""
    phrase, intent = "me vê o trem de pagar", "pedir_segunda_via"
    change = Change(phrase, intent, Understood("outro_assunto", 0.34), Understood(intent, 0.96))
    effect = Effect([change], [Moved("manda o trem aí", intent, "outro_assunto", intent)], 663)
    taught = {"company": COMPANY, "said": "0" * 64, "state": WRITTEN, "phrase": phrase, "intent": intent}
    with app.engine.begin() as connection:
        at = {"taught_at": app.now(), "taught_by": NAME, "trained_at": app.now()}
        connection.execute(sa.insert(lessons).values(**taught, **at))
        told = {"company": COMPANY, "trained_at": app.now(), "trained_by": NAME, "effect": effect.to_json()}
        connection.execute(sa.insert(trainings).values(told))


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
        "SEGUNDA_VIA_ACTION_SECRET": Fernet.generate_key().decode(),
    }
    app = App(Environment.read(told), home=folder)
    with Servers(folder / "log") as servers, sync_playwright() as playwright:
        command = [sys.executable, "-m"]
        sandbox = servers.start_on_free_port(
            "sandbox", 28285, lambda port: [*command, "sandbox", "--port", str(port)], kept
        )
        actions = servers.start_on_free_port(
            "actions",
            5055,
            lambda port: [*command, "rasa_sdk", "--actions", "actions", "--port", str(port)],
            {**kept, **told, "TWILIO_API_URL": f"{sandbox.address}/twilio"},
        )
        browser = playwright.chromium.launch(executable_path=chromium, args=["--disable-gpu"], chromium_sandbox=False)
        yield Studio(actions, sandbox, app, browser, wanted)
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
