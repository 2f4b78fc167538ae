"""Mensagens and Painel in a real browser: the preview lives, the keyboard is enough, and nothing is in anyone's way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from support.browser import check_accessible
from support.screen_site import Site, running_site

from segunda_via import domain_file
from segunda_via.flow.event import Event
from segunda_via.flow.events import Flow
from segunda_via.texts import lay_over

pytestmark = pytest.mark.slow

OVERDUE = "utter_segunda_via_invoice_overdue"
EDITOR = f"/mensagens/editar?texto={OVERDUE}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("words")) as running:
        app = running.app
        for days in range(5):
            flow = Flow(app.engine, app.keys, lambda days=days: app.now() - timedelta(days=days))
            flow.record(Event.ASKED, "default", f"whatsapp:+{days}")
            flow.record(Event.DOCUMENT_GIVEN, "default", f"whatsapp:+{days}")
            sent = {"gateway": "asaas", "amount": Decimal("189.90"), "document": "52998224725"}
            flow.record(Event.DELIVERED, "default", f"whatsapp:+{days}", **sent)
            flow.record(Event.HANDED_OVER, "default", f"whatsapp:+{days}x", reason="falar_com_atendente")
        yield running


def test_the_preview_follows_what_is_typed_and_what_is_saved_is_said(site: Site, browser_page: Page) -> None:
    site.sign_in(browser_page)
    page = browser_page
    page.goto(f"{site.root}{EDITOR}")
    text, bubble = page.get_by_label("Texto", exact=True), page.locator(".bubble").first
    text.fill("*Fatura* vencida\n")
    expect(bubble.locator("b")).to_have_text("Fatura")
    expect(page.get_by_text("Falta no texto a variável {numero}")).to_be_visible()
    for name in ("numero", "vencimento", "valor"):
        page.get_by_role("button", name=f"Inserir {{{name}}}").click()
    expect(bubble).to_contain_text("15924715")
    expect(page.get_by_text("Falta no texto")).to_have_count(0)
    assert page.get_by_role("button", name="Ver como fica").is_hidden(), "the script does it"
    text.press("Tab")  # from here to the button that saves with the keyboard alone
    while page.evaluate("document.activeElement.textContent.trim()") != "Salvar":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Os clientes já leem o novo texto")
    laid = lay_over(domain_file.responses(), site.app.texts.in_force("default"))
    assert laid[OVERDUE][0]["text"] == "*Fatura* vencida\n{numero}{vencimento}{valor}"
    page.get_by_role("button", name="Voltar ao original").click()
    expect(page.get_by_text("o original", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    "browser_page", ["desktop", "desktop-dark", "phone", "phone-dark"], indirect=True, ids=lambda each: str(each)
)
def test_the_editor_and_a_full_panel_are_accessible_and_fit(site: Site, browser_page: Page) -> None:
    site.sign_in(browser_page)
    for path in ("/mensagens", EDITOR, "/painel", "/painel/lista?evento=delivered&periodo=mes"):
        browser_page.goto(f"{site.root}{path}")
        check_accessible(browser_page)
        wider = browser_page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, f"{path} scrolls sideways"
