"""The phone page in a real browser, in both sizes and themes: what a person sees, presses and hears read out.

The company behind it is a stand-in that speaks Twilio's API; `test_demo.py` puts the product itself there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import httpx
import pytest
from phone.company import Company
from playwright.sync_api import Page, expect
from support.browser import check_accessible

from sandbox.asaas import ISSUER
from sandbox.pdf import boleto_pdf
from sandbox.personas import persona
from sandbox.server import RunningSandbox
from sandbox.twilio import Timing
from segunda_via.boletos import linha_digitavel
from segunda_via.media import qr

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 23)
ANA = "whatsapp:+5547999990001"
CHARGE = persona("overdue", TODAY, ISSUER).charges[1]
PDF = f"boleto-{CHARGE.number}.pdf"
PIX, LINE = CHARGE.pix or "", linha_digitavel.format(CHARGE.linha_digitavel or "")
FOCUSED = "(one => `${one.id} ${one.tagName === 'BUTTON' ? one.textContent : ''}`)(document.activeElement)"
SIZES = ["phone", "desktop", "phone-dark", "desktop-dark"]


@pytest.fixture
def company() -> Iterator[Company]:
    company = Company(lambda told: said(company, told))
    company.files |= {
        "/qr.png": ("image/png", qr.render(PIX), 'inline; filename="qrcode-pix.png"'),
        "/boleto.pdf": ("application/pdf", boleto_pdf(CHARGE, "Cliente"), f'inline; filename="{PDF}"'),
    }
    yield company
    company.close()


def said(company: Company, told: dict[str, str]) -> list[dict[str, str]]:
    if told["NumMedia"] != "0" or not told["Body"]:
        return [{"Body": "Recebi, mas só consigo ler mensagens escritas."}]
    if not re.search(r"\d{3}\.\d{3}\.\d{3}-\d\d", told["Body"]):
        return [{"Body": "Digite seu *CPF ou CNPJ* para localizar sua fatura.\n_Só para isso._ <b>não é HTML</b>"}]
    return [
        {"Body": "📄 Fatura 68133674\nValor atualizado: R$ 358,40\n🔗 http://127.0.0.1:9/i/abc"},
        {"Body": PIX},
        {"Body": LINE},
        {"MediaUrl": f"{company.url}/qr.png"},
        {"MediaUrl": f"{company.url}/boleto.pdf"},
    ]


@pytest.fixture
def sandbox(company: Company) -> Iterator[RunningSandbox]:
    with RunningSandbox(today=lambda: TODAY, timing=Timing(0.02, 0.02)) as sandbox:
        company.connect(sandbox)
        yield sandbox


@pytest.fixture
def page(sandbox: RunningSandbox, browser_page: Page) -> Page:
    """A page that is closed before its sandbox: a stream that is cut would count as an error."""
    return browser_page


def open_phone(page: Page, sandbox: RunningSandbox) -> None:
    page.goto(f"{sandbox.base_url}/phone/")
    expect(page.get_by_role("heading", name="Empresa Teste")).to_be_visible()


def panel(page: Page) -> None:
    """Have the panel before the eyes: on a phone it lies behind a button."""
    button = page.get_by_role("button", name="Painel da demonstração")
    if button.is_visible():
        button.click()


@pytest.mark.parametrize("browser_page", SIZES, indirect=True)
def test_the_whole_conversation(page: Page, sandbox: RunningSandbox, company: Company) -> None:
    open_phone(page, sandbox)
    check_accessible(page)
    page.get_by_label("Mensagem").fill("quero meu boleto")
    page.get_by_role("button", name="Enviar").click()
    chat = page.get_by_role("log")
    expect(chat.locator("strong", has_text="CPF ou CNPJ")).to_be_visible()
    expect(chat.locator("em", has_text="Só para isso.")).to_be_visible()
    expect(chat.get_by_text("<b>não é HTML</b>")).to_be_visible()
    panel(page)
    page.get_by_role("button", name=re.compile("entrega completa")).click()
    expect(page.get_by_label("Mensagem")).to_have_value(re.compile(r"\d{3}\.\d{3}\.\d{3}-\d\d"))
    page.keyboard.press("Enter")

    expect(chat.get_by_role("img", name="QR code do Pix")).to_be_visible()
    document = chat.get_by_role("link", name=re.compile(PDF))
    expect(document).to_be_visible()
    assert httpx.get(f"{sandbox.base_url}{document.get_attribute('href')}").content.startswith(b"%PDF-")
    for button, code in (("Copiar Pix", PIX), ("Copiar linha digitável", LINE)):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        chat.get_by_role("button", name=button).click()
        expect(chat.get_by_role("button", name="Copiado ✓")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == code
        expect(chat.get_by_role("button", name=button)).to_be_visible()
    expect(chat.get_by_role("img", name="lida")).to_have_count(2)
    until_read(sandbox)
    check_accessible(page)
    page.reload()
    expect(chat.locator("li")).to_have_count(8)


def until_read(sandbox: RunningSandbox) -> None:
    """What is on the screen is read, and the company is told so."""
    with httpx.Client() as client:
        for _ in range(100):
            told = client.get(f"{sandbox.base_url}/phone/messages", params={"of": ANA}).json()
            if all(message["status"] == "read" for message in told):
                return
    raise AssertionError([message["status"] for message in told])


@pytest.mark.parametrize("browser_page", ["phone", "desktop"], indirect=True)
def test_by_keyboard_alone(page: Page, sandbox: RunningSandbox) -> None:
    open_phone(page, sandbox)

    def tab_to(name: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if name in page.evaluate(FOCUSED):
                return
        raise AssertionError(f"{name} cannot be reached by the Tab key")

    tab_to("text")
    page.keyboard.type("boleto")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").get_by_text("CPF ou CNPJ")).to_be_visible()
    if page.get_by_role("button", name="Painel da demonstração").is_visible():
        page.keyboard.press("Shift+Tab")
        for _ in range(10):
            if page.evaluate("document.activeElement.id") == "open-drawer":
                break
            page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Fechar painel")).to_be_focused()
    tab_to("entrega completa")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Mensagem")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="QR code do Pix")).to_be_visible()


@pytest.mark.parametrize("browser_page", ["phone", "desktop"], indirect=True)
def test_attachments_are_drawn_as_what_they_are(page: Page, sandbox: RunningSandbox, company: Company) -> None:
    open_phone(page, sandbox)
    names = ["Foto", "Áudio", "Local", "Contato", "Figurinha", "Documento", "Reação"]
    for count, name in enumerate(names, 1):
        page.get_by_role("button", name="Anexar").click()
        if count == 1:
            check_accessible(page)
        page.get_by_role("group", name="O que anexar").get_by_role("button", name=name).click()
        expect(page.locator(".bubble.mine")).to_have_count(count)
    chat = page.get_by_role("log")
    expect(chat.get_by_role("img", name="Foto")).to_be_visible()
    expect(chat.get_by_role("img", name="Figurinha")).to_be_visible()
    expect(chat.get_by_label("Mensagem de voz")).to_be_visible()
    expect(chat.get_by_role("link", name=re.compile("comprovante.pdf"))).to_be_visible()
    kinds = [form["MessageType"] for path, form, _ in company.told if path == "/webhook"]
    assert kinds == ["image", "audio", "location", "contacts", "sticker", "document", "reaction"]


@pytest.mark.parametrize("browser_page", SIZES, indirect=True)
def test_the_panel(page: Page, sandbox: RunningSandbox) -> None:
    open_phone(page, sandbox)
    panel(page)
    check_accessible(page)
    page.get_by_role("tab", name="Documentos").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name=re.compile("Twilio fora do ar")).click()
    expect(page.get_by_text("Em vigor: 503")).to_be_visible()
    check_accessible(page)
    (fault,) = httpx.get(f"{sandbox.base_url}/control/faults").json()
    assert (fault["gateway"], fault["kind"], fault["times"]) == ("twilio", "503", 5)
    page.get_by_role("button", name="Tudo normal de novo").click()
    expect(page.get_by_text("Nenhuma falha em vigor.")).to_be_visible()
    page.get_by_role("tab", name="Atendimentos").click()
    expect(page.get_by_text("não está ligado a um diário")).to_be_visible()
    check_accessible(page)
    page.get_by_role("tab", name="Bastidores").click()
    httpx.post(f"{sandbox.base_url}/phone/send", json={"from": ANA, "text": "oi"})
    expect(page.get_by_text("mensagem do cliente (text)")).to_be_visible()
    expect(page.get_by_text("status: delivered")).to_be_visible()
    check_accessible(page)


def test_each_customer_has_a_chat_of_their_own(page: Page, sandbox: RunningSandbox) -> None:
    open_phone(page, sandbox)
    page.get_by_label("Mensagem").fill("oi, sou a Ana")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble")).to_have_count(2)
    page.get_by_label("Quem escreve").select_option(label="Beto Exemplo")
    expect(page.locator(".bubble")).to_have_count(0)
    page.get_by_label("Quem escreve").select_option(label="Ana Exemplo")
    expect(page.get_by_text("oi, sou a Ana")).to_be_visible()


def test_a_quick_reply_is_tapped(page: Page, sandbox: RunningSandbox, company: Company) -> None:
    account = sandbox.twilio.account
    choices = [{"title": "2ª via do boleto", "id": "pedir"}, {"title": "Atendente", "id": "atendente"}]
    wanted = {"types": {"twilio/quick-reply": {"body": "Como posso ajudar?", "actions": choices}}}
    auth = (account.sid, account.token)
    sid = httpx.post(f"{sandbox.twilio_url}/v1/Content", json=wanted, auth=auth).json()["sid"]
    company.answers = lambda told: [{"ContentSid": sid}] if "ButtonPayload" not in told else [{"Body": "Certo!"}]
    open_phone(page, sandbox)
    page.get_by_label("Mensagem").fill("oi")
    page.keyboard.press("Enter")
    page.get_by_role("log").get_by_role("button", name="Atendente").click()
    expect(page.get_by_text("Certo!")).to_be_visible()
    form = [form for path, form, _ in company.told if path == "/webhook"][-1]
    assert (form["ButtonText"], form["ButtonPayload"]) == ("Atendente", "atendente")
    assert form["OriginalRepliedMessageSid"].startswith("SM")


def test_without_a_connection_nothing_arrives_until_it_is_back(page: Page, sandbox: RunningSandbox) -> None:
    open_phone(page, sandbox)
    page.get_by_role("tab", name="Falhas").click()
    connection = page.get_by_role("button", name=re.compile("Telefone sem internet"))
    connection.click()
    expect(page.get_by_text("Sem internet: as mensagens esperam")).to_be_visible()
    check_accessible(page)
    page.get_by_label("Mensagem").fill("oi")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble")).to_have_count(1)
    page.wait_for_timeout(500)
    expect(page.locator(".bubble")).to_have_count(1)
    connection.click()
    expect(page.locator(".bubble")).to_have_count(2)
