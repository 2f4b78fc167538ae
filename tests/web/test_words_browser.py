"""Mensagens and Painel in a real browser: the preview lives, the keyboard is enough, and nothing is in anyone's way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from support.browser import check_accessible
from support.screen_site import Site, running_site

from scripts.pictured import teach
from segunda_via.conversation import domain_file
from segunda_via.conversation.responses import lay_over
from segunda_via.metrics.event import MetricEvent
from segunda_via.metrics.recorder import MetricsRecorder

pytestmark = pytest.mark.slow

OVERDUE = "utter_segunda_via_invoice_overdue"
EDITOR = f"/mensagens/editar?texto={OVERDUE}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("words")) as running:
        app = running.app
        for days in range(5):
            flow = MetricsRecorder(app.engine, app.keys, lambda days=days: app.now() - timedelta(days=days))
            flow.record(MetricEvent.ASKED, "default", f"whatsapp:+{days}")
            flow.record(MetricEvent.DOCUMENT_GIVEN, "default", f"whatsapp:+{days}")
            sent = {"gateway": "asaas", "amount": Decimal("189.90"), "document": "52998224725"}
            flow.record(MetricEvent.DELIVERED, "default", f"whatsapp:+{days}", duration_ms=2_100, **sent)
            flow.record(MetricEvent.HANDED_OVER, "default", f"whatsapp:+{days}x", reason="falar_com_atendente")
        for text in ("cadê o torpedo", "Cadê o torpedo?", "cadê meu torpedo 529.982.247-25", "xis"):
            app.misunderstood_store.note("default", text)
        app.phrase_labels.ignore("default", "xis", by="maria")
        teach(app)
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
    laid = lay_over(domain_file.responses(), site.app.saved_responses.in_force("default"))
    assert laid[OVERDUE][0]["text"] == "*Fatura* vencida\n{numero}{vencimento}{valor}"
    page.get_by_role("button", name="Voltar ao original").click()
    expect(page.get_by_text("o original", exact=True)).to_be_visible()


def test_every_figure_is_reached_with_the_keyboard_and_what_is_drawn_is_said(site: Site, browser_page: Page) -> None:
    site.sign_in(browser_page)
    page = browser_page
    page.goto(f"{site.root}/painel")
    expect(page.get_by_role("img", name="Por dia, em 30 dias: 5 pedidos, 5 entregues")).to_be_visible()
    expect(page.get_by_role("img", name="Espera do documento à entrega")).to_be_visible()
    for _ in range(100):
        page.keyboard.press("Tab")
        if "Boletos entregues, 30 dias: 5" in (page.evaluate("document.activeElement.ariaLabel") or ""):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Boletos entregues", level=1)).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(6)


@pytest.mark.parametrize("browser_page", ["desktop-dark"], indirect=True)
def test_the_panel_is_printed_dark_on_white_without_what_is_only_for_the_screen(site: Site, browser_page: Page) -> None:
    site.sign_in(browser_page)
    browser_page.goto(f"{site.root}/painel")
    browser_page.emulate_media(media="print")
    for hidden in (browser_page.locator("form").last, browser_page.get_by_role("link", name="Ver e ensinar")):
        expect(hidden).to_be_hidden()
    expect(browser_page.get_by_role("img", name="Por dia").first).to_be_visible()
    tiles = browser_page.locator(".tile .figure").evaluate_all("all => all.map(e => e.scrollWidth - e.clientWidth)")
    assert tiles == [0, 0, 0, 0], "no figure runs into its neighbour"
    ink = "getComputedStyle(document.querySelector('.tile .figure a')).color"
    paper = "getComputedStyle(document.querySelector('.tile')).backgroundColor"
    assert (browser_page.evaluate(ink), browser_page.evaluate(paper)) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")


@pytest.mark.parametrize(
    "browser_page", ["desktop", "desktop-dark", "phone", "phone-dark"], indirect=True, ids=lambda each: str(each)
)
def test_the_editor_and_a_full_panel_are_accessible_and_fit(site: Site, browser_page: Page) -> None:
    site.sign_in(browser_page)
    listed = "/painel/lista?evento=delivered&periodo=mes"
    for path in ("/mensagens", EDITOR, "/painel", listed, "/painel/nao-entendidas"):
        browser_page.goto(f"{site.root}{path}")
        check_accessible(browser_page)
        wider = browser_page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, f"{path} scrolls sideways"
