"""A new operator with nothing but what `make demo` prints: from its hint to a bundle on the phone, each gateway."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from support.browser import check_accessible
from support.demo import Demo, running_demo
from support.screen_site import confirm_what_was_read

pytestmark = pytest.mark.slow

CARDS = {
    "asaas": ("Asaas", None),
    "sga": ("SGA", None),
    "cobre_facil": ("Cobre Fácil", None),
    "mk_auth": ("MKC", "MK-AUTH"),
    "mk_solutions": ("MKC", "MK Solutions"),
}
CUSTOMERS = ("whatsapp:+5547999990001", "whatsapp:+5511988880002", "whatsapp:+5521977770003")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def document(demo: Demo) -> str:
    """The first one that the hint offers."""
    found = re.search(r"^  (\d\S+) ", demo.screen, re.MULTILINE)
    assert found is not None, demo.screen
    return found[1]


def read_tokens(demo: Demo, page: Page, title: str) -> dict[str, str]:
    """What stands on the page of tokens under that gateway, by the labels of its fields."""
    page.goto(demo.address("tokens to paste there"))
    block = page.locator(f"h2:text-is('{title}') + dl")
    labels = [each.removesuffix(" (em Avançado)") for each in block.locator("dt").all_inner_texts()]
    return dict(zip(labels, block.locator("dd").all_inner_texts(), strict=True))


def paste_and_save(demo: Demo, page: Page, gateway: str) -> None:
    card, profile = CARDS[gateway]
    told = read_tokens(demo, page, f"{card}, {profile}" if profile else card)
    page.goto(demo.address("Settings are at"))
    page.get_by_label("Páginas", exact=True).get_by_role("link", name="Segunda Via de Boleto").click()
    for name in (card, profile):
        if name:
            page.locator(".choice", has=page.get_by_text(name, exact=True)).click()
    for label, value in told.items():
        field = page.get_by_label(re.compile(rf"^{re.escape(label)}"))
        if not field.is_visible():
            page.get_by_text("Avançado", exact=True).click()
        field.fill(value)
    page.get_by_role("button", name="Salvar", exact=True).click()
    page.get_by_label("CPF ou CNPJ").fill(document(demo))
    page.get_by_role("button", name="Ler recebedor").click()
    confirm_what_was_read(page)


def try_out(demo: Demo, page: Page) -> None:
    page.get_by_label("CPF ou CNPJ").fill(document(demo))
    page.get_by_role("button", name="Testar").click()
    expect(page.get_by_alt_text("QR Code do Pix")).to_be_visible()
    expect(page.get_by_text("Boleto em PDF")).to_be_visible()


def receive_on_the_phone(demo: Demo, page: Page, customer: str) -> None:
    page.goto(demo.address("The phone is at"))
    page.get_by_label("Quem escreve").select_option(value=customer)
    chat = page.get_by_role("log")
    before = chat.get_by_role("link", name=re.compile(r"boleto-\d+\.pdf")).count()
    asked = chat.get_by_text("Digite seu CPF ou CNPJ").count()
    page.get_by_label("Mensagem").fill("oi, preciso da segunda via do meu boleto")
    page.keyboard.press("Enter")
    expect(chat.get_by_text("Digite seu CPF ou CNPJ")).to_have_count(asked + 1, timeout=30_000)
    page.get_by_label("Mensagem").fill(document(demo))
    page.keyboard.press("Enter")
    expect(chat.get_by_role("link", name=re.compile(r"boleto-\d+\.pdf"))).to_have_count(before + 1, timeout=30_000)


@pytest.mark.parametrize("gateway", list(CARDS))
def test_from_the_hint_to_a_bundle_on_the_phone(demo: Demo, browser_page: Page, gateway: str) -> None:
    browser_page.watch.allowed.append("410")  # type: ignore[attr-defined]  # the link, once it is used up
    demo.enter(browser_page)
    paste_and_save(demo, browser_page, gateway)
    try_out(demo, browser_page)
    receive_on_the_phone(demo, browser_page, CUSTOMERS[list(CARDS).index(gateway) % len(CUSTOMERS)])


@pytest.mark.parametrize("browser_page", ["desktop", "phone-dark"], indirect=True)
def test_the_page_of_tokens_is_accessible_and_fits(demo: Demo, browser_page: Page) -> None:
    browser_page.goto(demo.address("tokens to paste there"))
    check_accessible(browser_page)
    assert browser_page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
