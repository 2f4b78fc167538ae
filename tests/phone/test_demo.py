"""`make demo` as a person meets it: the command, a phone in the browser, the product behind it, nothing left over."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from support.browser import check_accessible
from support.demo import Demo, running_demo

from scripts.processes import ROOT
from segunda_via.boletos import linha_digitavel, pix
from segunda_via.settings import public_address
from segunda_via.settings.cached import SECONDS

pytestmark = pytest.mark.slow

ANA, BETO = "whatsapp:+5547999990001", "whatsapp:+5511988880002"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def write(page: Page, text: str) -> None:
    page.get_by_label("Mensagem").fill(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("browser_page", "customer"), [("phone", BETO), ("desktop", ANA)], indirect=["browser_page"])
def test_the_boleto_arrives_on_the_phone_in_order_and_the_ticket_finishes(
    demo: Demo, browser_page: Page, customer: str
) -> None:
    page = browser_page
    page.set_default_timeout(30_000)
    page.goto(f"{demo.url}/phone/")
    opener = page.get_by_role("button", name="Painel da demonstração")
    narrow = opener.is_visible()
    if narrow:
        opener.click()
    page.get_by_label("Quem escreve").select_option(value=customer)
    if narrow:
        page.get_by_role("button", name="Fechar painel").click()
    write(page, "oi, preciso da segunda via do meu boleto")
    chat = page.get_by_role("log")
    expect(chat.get_by_text("Digite seu CPF ou CNPJ para localizar sua fatura.")).to_be_visible(timeout=30_000)
    write(page, "290.155.087-80")
    expect(chat.get_by_role("link", name=re.compile(r"boleto-\d+\.pdf"))).to_be_visible(timeout=30_000)
    expect(chat.get_by_role("img", name="QR code do Pix")).to_be_visible()
    check_accessible(page)
    hidden = "document.querySelector('.phone').scrollHeight - document.querySelector('.phone').clientHeight"
    assert page.evaluate(hidden) == 0, "only the chat scrolls, never the phone's head out of its frame"

    bundle = [message for message in demo.chat(customer) if not message["mine"]][1:6]
    bodies = [str(message["body"]) for message in bundle]
    assert bodies[0].startswith("📄 Fatura")
    assert pix.is_valid(bodies[1])
    assert linha_digitavel.is_valid(bodies[2])
    types = [message["media"][0]["type"] for message in bundle[3:]]  # type: ignore[index]
    assert types == ["image/png", "application/pdf"]
    limit = time.monotonic() + 20
    while not any(t["who"] == f"cliente …{customer[-4:]}" and t["status"] == "finished" for t in demo.tickets()):
        assert time.monotonic() < limit, demo.tickets()
        time.sleep(0.2)


@pytest.mark.parametrize("browser_page", ["phone"], indirect=True)
def test_a_menu_with_a_template_is_buttons_that_lead_on(demo: Demo, browser_page: Page) -> None:
    twilio = httpx.get(f"{demo.url}/health").json()["twilio"]
    titles = ("2ª via do boleto", "Falar com atendente")
    actions = [{"title": title, "id": str(number)} for number, title in enumerate(titles, 1)]
    made = {"types": {"twilio/quick-reply": {"body": "{{1}}", "actions": actions}}}
    content = httpx.post(f"{twilio['url']}/v1/Content", json=made, auth=(twilio["sid"], twilio["token"])).json()["sid"]
    page = browser_page
    page.set_default_timeout(30_000)
    demo.enter(page)
    page.goto(f"{demo.address('Settings are at')}/whatsapp")
    page.get_by_label("Content SID: Boas-vindas").fill(content)
    page.get_by_role("button", name="Salvar modelos").click()
    expect(page.get_by_text("O próximo menu já sai com botões.")).to_be_visible()
    check_accessible(page)
    time.sleep(SECONDS + 1)

    page.goto(f"{demo.url}/phone/")
    write(page, "oi")
    chat = page.get_by_role("log")
    expect(chat.get_by_text("Como posso ajudar?")).to_be_visible()
    check_accessible(page)
    chat.get_by_role("button", name=titles[0]).click()
    expect(chat.get_by_text("Digite seu CPF ou CNPJ para localizar sua fatura.")).to_be_visible()


def test_a_webhook_that_comes_twice_is_one_message(demo: Demo) -> None:
    customer = "whatsapp:+5521977770003"
    httpx.post(f"{demo.url}/phone/send", json={"from": customer, "text": "oi"}, timeout=30)
    answer = httpx.post(f"{demo.url}/phone/repeat", json={"of": customer}, timeout=30)
    assert answer.json()["webhook"]["status"] == 204
    limit = time.monotonic() + 20
    while len(demo.chat(customer)) < 2:
        assert time.monotonic() < limit
        time.sleep(0.1)
    time.sleep(2)
    assert len([message for message in demo.chat(customer) if not message["mine"]]) == 1


def test_nobody_speaks_for_a_customer_without_the_signature(demo: Demo) -> None:
    """The same webhook, signed with another token."""
    twilio = httpx.get(f"{demo.url}/health").json()["twilio"]
    auth = (twilio["sid"], twilio["token"])
    (sender,) = httpx.get(f"{twilio['url']}/v2/Channels/Senders", auth=auth).json()["senders"]
    form = {"MessageSid": "SM" + "0" * 32, "From": ANA, "To": twilio["number"], "Body": "boleto", "NumMedia": "0"}
    answer = httpx.post(sender["webhook"]["callback_url"], data=form, headers={"X-Twilio-Signature": "forjada"})
    assert answer.status_code == 403


def test_the_operators_check_finds_everything_right(demo: Demo, tmp_path: Path) -> None:
    twilio = httpx.get(f"{demo.url}/health").json()["twilio"]
    auth = (twilio["sid"], twilio["token"])
    (sender,) = httpx.get(f"{twilio['url']}/v2/Channels/Senders", auth=auth).json()["senders"]
    told = {
        "TWILIO_ACCOUNT_SID": twilio["sid"],
        "TWILIO_AUTH_TOKEN": twilio["token"],
        "TWILIO_WHATSAPP_NUMBER": twilio["number"],
        "SEGUNDA_VIA_PUBLIC_URL": sender["webhook"]["callback_url"].removesuffix(public_address.WEBHOOK),
        "TWILIO_API_URL": twilio["url"],
        "SEGUNDA_VIA_DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}",
    }
    command = [str(Path(sys.executable).with_name("segunda-via")), "twilio", "check"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **told}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 7
    assert all(line.startswith("✓") for line in lines), done.stdout
