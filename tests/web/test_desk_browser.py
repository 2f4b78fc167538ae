"""Ticket desks set up from the screen in a real browser, against the simulated ones: Whaticket, Chatwoot, a webhook."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from support.browser import check_accessible
from support.receiver import receiving
from support.screen_site import Site, running_site

from sandbox.chatwoot import ChatwootSimulator
from sandbox.server import RunningSandbox
from sandbox.whaticket import PASSWORD, WhaticketSimulator
from segunda_via.desks import signature
from segunda_via.tickets import QUEUE

pytestmark = pytest.mark.slow

NOBODY = "http://127.0.0.1:9"
"""The port of `discard`, where nobody listens."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("desks")) as running:
        yield running


@pytest.fixture
def whaticket() -> WhaticketSimulator:
    return WhaticketSimulator()


@pytest.fixture
def chatwoot() -> ChatwootSimulator:
    return ChatwootSimulator()


@pytest.fixture
def desks(whaticket: WhaticketSimulator, chatwoot: ChatwootSimulator) -> Iterator[RunningSandbox]:
    with RunningSandbox(desks=(whaticket, chatwoot)) as running:
        yield running


@pytest.fixture
def page(site: Site, browser_page: Page) -> Iterator[Page]:
    """Signed in, and no desk chosen before or after."""
    browser_page.watch.allowed.append("400")  # type: ignore[attr-defined]  # the page's own status
    site.app.settings.remove("default", "desk")
    site.sign_in(browser_page)
    yield browser_page
    site.app.settings.remove("default", "desk")


def choose(site: Site, page: Page, desk: str, told: dict[str, str]) -> None:
    """Choose the desk's card, fill its fields, and press Salvar plataforma."""
    page.goto(f"{site.root}/atendimento")
    page.locator(".choice", has=page.get_by_text(desk.capitalize(), exact=True)).click()
    for name, value in told.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Salvar plataforma").click()


def light(page: Page, title: str) -> str:
    """The words of that light in the head."""
    return page.locator(".light", has=page.get_by_text(title, exact=True)).inner_text()


def test_from_a_whaticket_without_the_queue_to_one_that_has_it(
    site: Site, page: Page, desks: RunningSandbox, whaticket: WhaticketSimulator
) -> None:
    choose(site, page, "whaticket", desks.sandbox.desk_credentials(desks.base_url)["whaticket"])
    expect(page.get_by_role("status")).to_contain_text("Whaticket respondeu; falta a fila")
    assert "não existe com o nome exato" in light(page, "Fila")
    page.get_by_role("button", name="Conferir o nome").click()
    expect(page.get_by_role("alert")).to_contain_text(f"Não há fila com o nome exato {QUEUE}")
    check_accessible(page)
    page.get_by_role("button", name="Criar a fila").click()
    expect(page.get_by_role("status")).to_contain_text("existe na plataforma")
    created = whaticket.queues[-1]
    assert (created["name"], created["greetingMessage"]) == (QUEUE, "Digite seu CPF ou CNPJ para localizar sua fatura.")
    page.get_by_role("button", name="Conferir o nome").click()
    expect(page.get_by_role("status")).to_contain_text("A plataforma respondeu e tem a fila")
    assert light(page, "Fila").endswith(QUEUE)
    assert "respondeu há instantes" in light(page, "Atendimento")
    page.goto(f"{site.root}/atendimento")
    assert PASSWORD not in page.content()
    expect(page.get_by_label("Senha desse usuário")).to_have_attribute("placeholder", re.compile(r"Salvo \(…"))


@pytest.mark.parametrize(
    ("there", "shown", "difference"),
    [
        (f"{QUEUE} ", "Segunda Via de Boleto␠", "espaço no fim"),
        ("Segunda  Via de boleto", "Segunda␠␠Via de boleto", "maiúsculas, espaço duplo"),
        ("Segunda Via de\u00a0Boleto", "Segunda Via de⍽Boleto", "espaço que não é o comum"),
    ],
)
def test_a_queue_that_is_only_almost_called_so_is_made_visible(
    site: Site,
    page: Page,
    desks: RunningSandbox,
    whaticket: WhaticketSimulator,
    there: str,
    shown: str,
    difference: str,
) -> None:
    whaticket.add_queue(there)
    choose(site, page, "whaticket", desks.sandbox.desk_credentials(desks.base_url)["whaticket"])
    page.get_by_role("button", name="Conferir o nome").click()
    expect(page.get_by_role("alert").locator("code").nth(1)).to_have_text(shown)
    expect(page.get_by_role("alert")).to_contain_text(difference)
    assert "não existe" in light(page, "Fila")
    whaticket.queues[-1]["name"] = QUEUE
    page.get_by_role("button", name="Conferir o nome").click()
    expect(page.get_by_role("status")).to_contain_text("tem a fila")


def test_a_chatwoot_is_saved_and_its_team_is_found_whatever_its_case(
    site: Site, page: Page, desks: RunningSandbox, chatwoot: ChatwootSimulator
) -> None:
    chatwoot.add_team(QUEUE)
    choose(site, page, "chatwoot", desks.sandbox.desk_credentials(desks.base_url)["chatwoot"])
    expect(page.get_by_role("status")).to_contain_text("Salvo. Chatwoot respondeu.")
    assert light(page, "Fila").endswith(QUEUE)
    assert site.app.desk_settings("default").name == "chatwoot"


def test_a_webhook_is_pinged_signed_before_it_is_saved(site: Site, page: Page) -> None:
    secret = "um segredo bem comprido"
    with receiving() as receiver:
        choose(site, page, "webhook", {"base_url": receiver.url, "secret": secret})
        expect(page.get_by_role("status")).to_contain_text("Salvo. Webhook respondeu.")
        headers, body = receiver.requests[-1]
        page.goto(f"{site.root}/fila")
        page.get_by_role("button", name="Conferir o nome").click()
        expect(page.get_by_role("status")).to_contain_text("recebe o nome da fila em cada aviso")
    assert [event["event"] for event in receiver.events] == ["ticket.ping", "ticket.ping"]
    told = {name.lower(): value for name, value in headers.items()}[signature.HEADER.lower()]
    assert signature.verify(body, told, secret, now=site.app.now().timestamp())


@pytest.mark.parametrize(
    ("desk", "wrong", "words"),
    [
        ("whaticket", {"password": "outra senha"}, "Whaticket recusou o acesso"),
        ("whaticket", {"base_url": NOBODY}, "Whaticket não respondeu"),
        ("chatwoot", {"token": "outro-token-9999"}, "Chatwoot recusou o acesso"),
        ("chatwoot", {"base_url": NOBODY}, "Chatwoot não respondeu"),
        ("webhook", {"base_url": NOBODY, "secret": "um-segredo-bem-comprido"}, "Webhook não respondeu"),
    ],
)
def test_what_a_desk_refuses_is_explained_and_nothing_is_saved(
    site: Site, page: Page, desks: RunningSandbox, desk: str, wrong: dict[str, str], words: str
) -> None:
    right = desks.sandbox.desk_credentials(desks.base_url).get(desk, {})
    choose(site, page, desk, {**right, **wrong})
    expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.get_by_role("alert")).to_contain_text("Nada foi salvo")
    assert site.app.settings.get("default", "desk") is None
    shown = page.content()
    assert not any(secret in shown for secret in wrong.values() if secret != NOBODY)


def test_a_field_that_is_missing_or_malformed_is_marked(site: Site, page: Page) -> None:
    choose(site, page, "chatwoot", {"base_url": "http://chat.example.com", "account_id": "três"})
    for name, words in (("base_url", "https://"), ("account_id", "só o número"), ("token", "Preencha este campo")):
        field = page.locator(f"[name={name}]")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.locator(f"#d-{name}")).to_contain_text(words)
    check_accessible(page)
    choose(site, page, "chatwoot", {"base_url": NOBODY, "account_id": "3", "token": "token-de-teste-1"})
    expect(page.get_by_label("Endereço do Chatwoot")).to_have_value(NOBODY)  # what was typed is not lost
