"""What an operator changes on the screen is what a customer meets on the phone: texts at once, phrases once trained.

Everything as `make demo` starts it, in a small copy of the project; two browsers, the operator's and the customer's.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import check_accessible
from support.demo import Demo, running_demo
from support.project import examples, small_copy

pytestmark = pytest.mark.slow

PHRASE = "blorg plimzim zunga"
ALIKE = "blorg plinzim zunga"
QUESTION = "Qual é o CPF ou CNPJ da conta?"
ANA, BETO, CARLA = "whatsapp:+5547999990001", "whatsapp:+5511988880002", "whatsapp:+5521977770003"
PATIENCE = 30_000
NAME_OF_FOCUSED = """() => {
    const at = document.activeElement;
    return at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText || "";
}"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    project = small_copy(tmp_path_factory.mktemp("project"))
    subprocess.run([sys.executable, "-m", "scripts.train"], cwd=project, check=True, capture_output=True)
    with running_demo(project / "var" / "demo", project=project) as running:
        yield running


@pytest.fixture
def operator(demo: Demo, browser_page: Page) -> Page:
    browser_page.watch.allowed.append("410")  # type: ignore[attr-defined]  # the link, once it is used up
    demo.enter(browser_page)
    return browser_page


class Phone:
    """A customer's: nobody has written from it before, so that everything on its screen is of this test."""

    def __init__(self, page: Page, customer: str) -> None:
        self.page = page
        page.get_by_label("Quem escreve").select_option(value=customer)
        self.bubbles = page.get_by_role("log").locator(".bubble:not(.mine)")
        expect(self.bubbles).to_have_count(0)

    def write(self, text: str) -> str:
        """The text of what is answered."""
        before = self.bubbles.count()
        self.page.get_by_label("Mensagem").fill(text)
        self.page.keyboard.press("Enter")
        expect(self.bubbles.nth(before)).to_be_visible(timeout=PATIENCE)
        return self.bubbles.nth(before).inner_text()

    def until_answered(self, text: str, wanted: str, *, afresh: str | None = None, seconds: float = 20) -> None:
        """Say it again and again until that is the answer, but not as often as would be answered no more.

        `afresh` is said in between, and leaves what the other answer began.
        """
        limit = time.monotonic() + seconds
        while wanted not in (answer := self.write(text)):
            assert time.monotonic() < limit, answer
            if afresh is not None:
                self.write(afresh)
            time.sleep(2)


@pytest.fixture
def phone_page(demo: Demo, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="pt-BR")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{demo.url}/phone/")
    yield page
    context.close()


def test_a_changed_text_is_read_in_the_phones_next_messages(demo: Demo, operator: Page, phone_page: Page) -> None:
    phone = Phone(phone_page, ANA)
    assert "Por nada!" in phone.write("obrigado")
    page, root = operator, demo.address("Settings are at")
    page.goto(f"{root}/mensagens/editar?texto=utter_segunda_via_you_are_welcome")
    page.get_by_label("Texto", exact=True).fill("Disponha, *sempre às ordens*! 💚")
    page.get_by_role("button", name="Salvar").click()
    expect(page.get_by_role("status")).to_contain_text("Os clientes já leem o novo texto")
    phone.until_answered("obrigado", "Disponha, sempre às ordens! 💚")
    expect(phone_page.get_by_role("log").locator("strong", has_text="sempre às ordens").first).to_be_visible()
    page.get_by_role("button", name="Voltar ao original").click()
    phone.until_answered("obrigado", "Por nada!")


def test_the_queues_changed_message_is_what_the_phone_is_asked(demo: Demo, operator: Page, phone_page: Page) -> None:
    page, root = operator, demo.address("Settings are at")
    page.goto(f"{root}/fila")
    page.get_by_label("Mensagem").fill(QUESTION)
    page.get_by_role("button", name="Salvar", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Salvo.")
    Phone(phone_page, BETO).until_answered("segunda via de boleto", QUESTION, afresh="cancela")
    page.goto(f"{root}/mensagens")
    expect(page.get_by_text(QUESTION)).to_be_visible()


def tab_to(page: Page, what: str) -> None:
    """With the Tab key alone, to the control of that name."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if what in page.evaluate(NAME_OF_FOCUSED):
            return
    raise AssertionError(f"{what} cannot be reached by the Tab key")


def test_what_was_not_understood_is_taught_with_the_keyboard_alone_and_then_understood(
    demo: Demo, operator: Page, phone_page: Page
) -> None:
    phone = Phone(phone_page, CARLA)
    for text in (PHRASE, PHRASE, ALIKE):
        assert "não entendi" in phone.write(text)
    page = operator
    tab_to(page, "Painel")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Painel", level=1)).to_be_visible()
    tab_to(page, "Ver e ensinar")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Não entendidas", level=1)).to_be_visible()
    expect(page.get_by_role("group").first).to_contain_text(PHRASE)
    check_accessible(page)
    tab_to(page, "O que o cliente queria")
    page.keyboard.type("Segunda via")
    tab_to(page, "Salvar")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("salva")
    tab_to(page, "Treinar agora")
    page.keyboard.press("Enter")
    progress = page.get_by_role("progressbar")
    expect(progress).to_be_visible()
    check_accessible(page)
    seen = {progress.get_attribute("value")}
    limit = time.monotonic() + 240
    while progress.count():
        assert time.monotonic() < limit
        with_value = page.evaluate("document.querySelector('progress') && document.querySelector('progress').value")
        seen |= {str(int(with_value))} if with_value is not None else set()
        time.sleep(0.5)
    assert len(seen) > 2, "the progress moved"
    expect(page.get_by_text("Modelo treinado.")).to_be_visible()
    expect(page.get_by_role("list", name="Frases treinadas")).to_contain_text("Segunda via de boleto")
    expect(page.get_by_text(re.compile(r"Das \d+ frases de teste"))).to_be_visible()
    check_accessible(page)
    phone.until_answered(PHRASE, "CPF ou CNPJ", seconds=60)

    page.get_by_role("button", name=f"Desfazer: {PHRASE}").click()
    expect(page.get_by_text("1 mudança espera o treino")).to_be_visible()
    assert PHRASE not in {each.text for each in examples(demo.project).all()}
