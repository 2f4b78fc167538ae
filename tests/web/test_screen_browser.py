"""The settings screen in a real browser, from the first start to a tested delivery."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import PHONE, check_accessible
from support.screen_site import NAME, PASSWORD, Site, running_site

from segunda_via.boletos.checks import Payee
from segunda_via.conversation import queue_setting
from segunda_via.conversation.queue_setting import QUEUE_SETTING
from segunda_via.settings import gateway as saved_gateway
from segunda_via.settings import whatsapp
from segunda_via.settings.whatsapp import WHATSAPP_SETTING
from segunda_via.web.pages import PAGES

pytestmark = pytest.mark.slow

GATEWAYS = ("asaas", "sga", "cobre_facil", "mk_auth", "mk_solutions")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("screen")) as running:
        yield running


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Site]:
    with running_site(tmp_path) as running:
        yield running


def order(site: Site, fault: str) -> None:
    httpx.post(f"{site.sandbox.address}/control/faults", json={"fault": fault}).raise_for_status()


@pytest.fixture(autouse=True)
def _no_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "site" in request.fixturenames:
        httpx.post(f"{request.getfixturevalue('site').sandbox.address}/control/reset")


def test_from_the_first_start_to_a_tested_delivery(fresh: Site, browser_page: Page) -> None:
    page = browser_page
    page.goto(fresh.root)
    expect(page.get_by_text("Ainda não há operador")).to_be_visible()
    page.goto(fresh.first_link())
    page.get_by_label("Seu nome").fill("Maria")
    page.get_by_label("Senha", exact=True).fill(PASSWORD)
    page.get_by_label("Repita a senha").fill(PASSWORD)
    page.get_by_role("button", name="Criar e entrar").click()
    page.get_by_label("Páginas", exact=True).get_by_role("link", name="Segunda Via de Boleto").click()
    fresh.choose_gateway(page, "asaas")
    fresh.confirm_payee_and_save(page)
    page.get_by_label("CPF ou CNPJ").fill(fresh.document())
    page.get_by_role("button", name="Testar").click()
    expect(page.get_by_alt_text("QR Code do Pix")).to_be_visible()
    loaded = page.get_by_alt_text("QR Code do Pix").evaluate("each => each.complete && each.naturalWidth > 100")
    assert loaded


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_each_gateway_is_set_up_and_tested(site: Site, browser_page: Page, gateway: str) -> None:
    site.sign_in(browser_page)
    site.choose_gateway(browser_page, gateway)
    expect(browser_page.get_by_role("heading", name="respondeu")).to_be_visible()
    site.confirm_payee_and_save(browser_page)
    browser_page.get_by_label("CPF ou CNPJ").fill(site.document())
    browser_page.get_by_role("button", name="Testar").click()
    expect(browser_page.locator(".bubble.code").first).to_contain_text("000201")
    expect(browser_page.locator(".bubble.file")).to_be_visible()


def test_a_wrong_token_and_a_gateway_that_is_down_are_explained(site: Site, browser_page: Page) -> None:
    browser_page.watch.allowed.append("400")  # type: ignore[attr-defined]  # the page's own status
    site.sign_in(browser_page)
    site.choose_gateway(browser_page, "asaas", token="$aact_hmlg_outra_chave")
    expect(browser_page.get_by_role("alert").first).to_contain_text("recusou o token")
    order(site, "503")
    site.choose_gateway(browser_page, "asaas")
    expect(browser_page.get_by_role("alert").first).to_contain_text("não respondeu")


def test_an_expired_session_says_so_and_comes_back_to_the_page(site: Site, browser_page: Page) -> None:
    browser_page.watch.allowed.append("401")  # type: ignore[attr-defined]
    site.sign_in(browser_page)
    browser_page.goto(f"{site.root}/fila")
    for each in site.app.operators.all("default"):
        site.app.operator_sessions.end_all(each.id)
    browser_page.goto(f"{site.root}/fila")
    expect(browser_page.get_by_role("alert")).to_contain_text("Sua sessão terminou")
    browser_page.get_by_label("Nome").fill("maria")
    browser_page.get_by_label("Senha").fill(PASSWORD)
    browser_page.get_by_role("button", name="Entrar").click()
    expect(browser_page.get_by_role("heading", name="Filas e Departamentos")).to_be_visible()


def test_the_second_of_two_operators_is_told(site: Site, browser_page: Page) -> None:
    browser_page.watch.allowed.append("409")  # type: ignore[attr-defined]
    site.sign_in(browser_page)
    browser_page.goto(f"{site.root}/fila")
    QUEUE_SETTING.save(
        site.app.settings, "default", queue_setting.QueueSettings("Do João"), by="joao", at=site.app.now()
    )
    browser_page.get_by_label("Mensagem").fill("Da Maria")
    browser_page.get_by_role("button", name="Salvar").click()
    expect(browser_page.get_by_role("alert")).to_contain_text("oao salvou esta página")
    assert QUEUE_SETTING.in_force(site.app.settings, "default").message == "Do João"


NAME_OF_FOCUSED = """() => {
    const at = document.activeElement;
    return at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText || "";
}"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has that name has the focus, as somebody without a mouse does."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(NAME_OF_FOCUSED).strip().startswith(name):
            return
    raise AssertionError(f"{name} cannot be reached with the keyboard")


def test_with_the_keyboard_alone(site: Site, browser_page: Page) -> None:
    """From signing in over a pasted token to a tested delivery; the mouse is never touched."""
    page, told = browser_page, site.credentials("asaas")
    site.app.settings.remove("default", "gateway")
    if not site.app.operators.any("default"):
        site.app.operators.add("default", NAME, PASSWORD, by="test")
    page.goto(f"{site.root}/integracao?gateway=asaas")
    for label, typed in (("Nome", NAME), ("Senha", PASSWORD)):
        tab_to(page, label)
        page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1. Selecione o gateway")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Pular para o conteúdo"
    page.keyboard.press("Enter")
    tab_to(page, "Asaas")
    page.keyboard.press("Enter")
    expect(page.locator(".choice[aria-current]")).to_have_text("AsaasUm token da API")
    tab_to(page, "Token da API")
    page.keyboard.type(told["token"])
    tab_to(page, "Avançado")
    page.keyboard.press("Enter")
    tab_to(page, "Endereço da API")
    page.keyboard.type(told["base_url"])
    tab_to(page, "Salvar")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="respondeu")).to_be_visible()
    tab_to(page, "CPF ou CNPJ")
    page.keyboard.type(site.document())
    page.keyboard.press("Enter")
    expect(page.get_by_label("Sim, esse recebedor é a minha empresa")).to_be_visible()
    tab_to(page, "Sim, esse recebedor é a minha empresa")
    page.keyboard.press("Space")
    tab_to(page, "Confirmar e salvar")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Testar", level=1)).to_be_visible()
    tab_to(page, "CPF ou CNPJ")
    page.keyboard.type(site.document())
    page.keyboard.press("Enter")
    expect(page.get_by_alt_text("QR Code do Pix")).to_be_visible()


@pytest.mark.parametrize(
    "browser_page", ["desktop", "desktop-dark", "phone", "phone-dark"], indirect=True, ids=lambda each: str(each)
)
def test_every_page_is_accessible_and_fits(site: Site, browser_page: Page) -> None:
    browser_page.watch.allowed += ["400", "404", "410"]  # type: ignore[attr-defined]  # of pages that say so
    for path in ("", f"/primeiro-acesso/{'0' * 64}"):
        look(browser_page, f"{site.root}{path}")
    site.sign_in(browser_page)
    paths = [page.path for page in PAGES] + [f"/atendimento?plataforma={name}" for name in ("whaticket", "chatwoot")]
    for path in (*paths, "/integracao?gateway=mkc&profile=mk_solutions", "/nada"):
        look(browser_page, f"{site.root}{path}")
    site.choose_gateway(browser_page, "asaas", token="290.155.087-80")
    look(browser_page)
    site.choose_gateway(browser_page, "asaas")
    expect(browser_page.get_by_role("heading", name="respondeu")).to_be_visible()
    look(browser_page)
    site.confirm_payee_and_save(browser_page)
    for shows in ("entrega completa", "recebedor que não é a empresa"):
        browser_page.get_by_label("CPF ou CNPJ").fill(site.document(shows))
        browser_page.get_by_role("button", name="Testar").click()
        expect(browser_page.get_by_role("status")).to_be_visible()
        look(browser_page)


def look(page: Page, url: str | None = None) -> None:
    if url is not None:
        page.goto(url)
    check_accessible(page)
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0, f"{page.url} scrolls sideways"


def test_the_first_access_is_accessible_and_fits_on_a_phone(fresh: Site, browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    look(page, fresh.first_link())
    look(page, fresh.root)
    page.close()


def test_what_was_typed_is_not_left_behind_unsaved_in_silence(site: Site, browser_page: Page) -> None:
    page, asked = browser_page, []
    site.sign_in(page)
    page.goto(f"{site.root}/fila")
    page.get_by_label("Mensagem").click()
    page.keyboard.type(" Obrigado!")
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="Histórico").first.click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(page.get_by_label("Mensagem")).to_have_value(re.compile("Obrigado!"))
    page.get_by_role("button", name="Salvar").click()
    expect(page.get_by_role("status")).to_contain_text("Salvo")
    page.get_by_role("link", name="Histórico").first.click()
    expect(page.get_by_role("heading", name="Histórico", level=1)).to_be_visible()


def test_a_pasted_name_that_is_too_long_is_told_and_not_cut(site: Site, browser_page: Page) -> None:
    page = browser_page
    site.sign_in(page)
    page.goto(f"{site.root}/flow")
    name = page.locator("[name=nome]").last
    name.fill("Quero falar sobre a minha instalação")
    expect(name).to_have_value("Quero falar sobre a minha instalação")
    assert name.evaluate("each => each.validationMessage") == "Até 24 caracteres: este tem 36."
    page.get_by_role("button", name="Salvar menu").click()
    expect(page.get_by_role("heading", name="Flow Builder", level=1)).to_be_visible()
    name.fill("Instalação")
    assert name.evaluate("each => each.checkValidity()")


@pytest.mark.parametrize("browser_page", ["desktop", "phone-dark"], indirect=True, ids=lambda each: str(each))
def test_another_payee_and_a_tested_number_are_accessible_and_fit(site: Site, browser_page: Page) -> None:
    page, app = browser_page, site.app
    told = site.sandbox.read("/health")
    payee = Payee(**told["payees"]["asaas"])
    saved_gateway.save(app.settings, "default", "asaas", told["gateways"]["asaas"], payee, by=NAME, at=app.now())
    twilio = {"account_sid": told["twilio"]["sid"], "auth_token": told["twilio"]["token"]}
    number = whatsapp.checked({**twilio, "number": told["twilio"]["number"], "public_url": "http://127.0.0.1:9"})
    WHATSAPP_SETTING.save(app.settings, "default", number, by=NAME, at=app.now())
    site.sign_in(page)
    page.goto(f"{site.root}/testar")
    page.get_by_label("CPF ou CNPJ").fill(site.document("recebedor que não é a empresa"))
    page.get_by_role("button", name="Testar", exact=True).click()
    expect(page.get_by_role("heading", name="Outro recebedor")).to_be_visible()
    look(page)
    page.goto(f"{site.root}/whatsapp")
    page.get_by_role("button", name="Testar", exact=True).click()
    expect(page.get_by_role("heading", name="O teste")).to_be_visible()
    look(page)
