"""WhatsApp: what is written is read as it was meant, Twilio is asked before it is saved, and a button asks it again."""

from __future__ import annotations

from pathlib import Path

import pytest
from web.conftest import OpenBrowser
from web.operator import NAME, PASSWORD, Operator, new_app

from sandbox.server import RunningSandbox
from sandbox.twilio.account import make_sid
from segunda_via.app import App
from segunda_via.operations.probes.probe import Level, known
from segunda_via.operations.probes.registry import PROBES
from segunda_via.settings import whatsapp
from segunda_via.settings.whatsapp import WHATSAPP_SETTING
from segunda_via.web import unsaved_form

BOT = "https://bot.empresa.com.br"
HOOK = f"{BOT}/webhooks/whatsapp/webhook"


@pytest.fixture
def app(tmp_path: Path, sandbox: RunningSandbox) -> App:
    made = new_app(tmp_path, TWILIO_API_URL=sandbox.twilio_url)
    made.operators.add("default", NAME, PASSWORD, by="test")
    return made


@pytest.fixture(autouse=True)
def account(sandbox: RunningSandbox) -> object:
    """The account at Twilio, as it was before the test."""
    told = sandbox.twilio.account
    before = (told.number, told.status, told.sender_status)
    yield told
    told.number, told.status, told.sender_status = before


def form(sandbox: RunningSandbox, **other: str) -> dict[str, str]:
    account = sandbox.twilio.account
    told = {"account_sid": account.sid, "auth_token": account.token, "number": account.number, "public_url": BOT}
    return {**told, **other}


async def post(operator: Operator, **fields: str) -> tuple[int, str]:
    await operator.get("/whatsapp")
    answer = await operator.post("/whatsapp", versao=operator.hidden("versao", "/configuracoes/whatsapp"), **fields)
    return answer.status_code, answer.text


def saved(app: App) -> whatsapp.WhatsAppNumber | None:
    return app.whatsapp("default")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://bot.empresa.com.br", BOT),
        ("https://bot.empresa.com.br/", BOT),
        ("bot.empresa.com.br", BOT),
        (HOOK, BOT),
        (f"{HOOK}?a=b", BOT),
        ("https://bot.empresa.com.br/webhooks/whatsapp/status/", BOT),
        ("https://bot.empresa.com.br/configuracoes/whatsapp", BOT),
        ("https://empresa.com.br/bot", "https://empresa.com.br/bot"),
    ],
)
async def test_one_address_is_asked_for_and_the_others_are_shown(
    app: App, operator: Operator, sandbox: RunningSandbox, written: str, address: str
) -> None:
    status, page = await post(operator, **form(sandbox, public_url=written))
    assert status == 200
    number = saved(app)
    assert number is not None
    assert number.public_url == address
    for path in ("webhook", "status"):
        assert f'value="{address}/webhooks/whatsapp/{path}" readonly' in page


@pytest.mark.parametrize("written", ["ftp://bot.empresa.com.br", "https://maria:x@bot.empresa.com.br", "meu servidor"])
async def test_what_is_no_address_is_refused_and_not_lost(
    app: App, operator: Operator, sandbox: RunningSandbox, written: str
) -> None:
    status, page = await post(operator, **form(sandbox, public_url=written))
    assert status == 400
    assert "deve ser um endereço como https://bot.suaempresa.com.br" in page.lower()
    assert written in page
    assert saved(app) is None


@pytest.mark.parametrize("kept", [True, False])
async def test_a_webhook_of_its_own_is_kept_unless_the_operator_says_otherwise(
    app: App, operator: Operator, sandbox: RunningSandbox, kept: bool
) -> None:
    own = "https://proxy.empresa.com.br/entrada"
    told = form(sandbox, webhook_url=own)
    app.settings.put("default", WHATSAPP_SETTING.name, told, by="before", at=app.now())
    assert f'value="{own}" readonly' in (await operator.get("/whatsapp")).text
    status, _ = await post(operator, **form(sandbox, **({"manter_enderecos": "1"} if kept else {})))
    assert status == 200
    number = saved(app)
    assert number is not None
    assert number.webhook_url == (own if kept else HOOK)
    assert ("Manter o webhook" in (await operator.get("/whatsapp")).text) == kept


async def test_an_address_that_the_environment_fixes_is_shown_and_counts(
    tmp_path: Path, open_browser: OpenBrowser, sandbox: RunningSandbox
) -> None:
    app = new_app(tmp_path, TWILIO_API_URL=sandbox.twilio_url, SEGUNDA_VIA_PUBLIC_URL=BOT)
    app.operators.add("default", NAME, PASSWORD, by="test")
    operator = await open_browser(app)
    await operator.sign_in()
    assert f'value="{BOT}"' in (await operator.get("/whatsapp")).text
    status, page = await post(operator, **form(sandbox, public_url="https://outro.empresa.com.br"))
    assert status == 200
    assert f'value="{HOOK}" readonly' in page


@pytest.mark.parametrize(
    "written", ["(47) 99999-0001", "47 99999 0001", "5547999990001", "047 99999-0001", "+55 47 99999‑0001"]
)
async def test_a_brazilian_number_is_taken_as_people_write_it(
    app: App, operator: Operator, sandbox: RunningSandbox, written: str
) -> None:
    sandbox.twilio.account.number = "whatsapp:+5547999990001"
    status, page = await post(operator, **form(sandbox, number=written))
    assert status == 200, page
    number = saved(app)
    assert number is not None
    assert number.number == "whatsapp:+5547999990001"
    light = next(each for each in known(PROBES, app, "default") if each.title == "WhatsApp")
    assert light.level is Level.OK, "Twilio has just answered"


@pytest.mark.parametrize("written", ["99999-0001", "(47) 9999", "meu número"])
async def test_a_number_that_is_none_is_explained(operator: Operator, sandbox: RunningSandbox, written: str) -> None:
    status, page = await post(operator, **form(sandbox, number=written))
    assert status == 400
    assert "como (47) 99999-0001" in page
    assert written in page, "what was typed is not lost"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"auth_token": "0" * 32}, "recusou o Account SID ou o Auth Token"),
        ({"account_sid": make_sid("AC", "somebody else")}, "recusou o Account SID ou o Auth Token"),
        ({"number": "+55 47 98888-0001"}, "não é um número de WhatsApp desta conta"),
    ],
)
async def test_twilio_is_asked_before_anything_is_saved(
    app: App, operator: Operator, sandbox: RunningSandbox, wrong: dict[str, str], words: str
) -> None:
    account = sandbox.twilio.account
    account.number = "whatsapp:+5547999990001"
    status, page = await post(operator, **form(sandbox, **wrong))
    assert status == 400
    assert words in page
    assert "Nada foi salvo" in page
    assert saved(app) is None
    assert account.token not in page


async def test_only_what_was_wrong_has_to_be_written_again(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    account = sandbox.twilio.account
    account.number = "whatsapp:+5547999990001"
    _, page = await post(operator, **form(sandbox, number="+55 47 98888-0001"))
    assert f"Colado agora (…{account.token[-4:]})" in page
    status, page = await post(operator, **form(sandbox, auth_token="", colado=operator.hidden("colado")))
    assert status == 200, page
    number = saved(app)
    assert number is not None
    assert number.auth_token == account.token
    assert app.settings.version("default", f"{unsaved_form.DRAFT}whatsapp 1") is None, (
        "what was pasted is not kept twice"
    )


@pytest.mark.parametrize(
    ("fault", "words"),
    [("suspended", "conta da Twilio está suspensa"), ("503", "a Twilio"), ("cut", "não respondeu")],
)
async def test_an_account_that_cannot_be_used_is_not_saved(
    app: App, operator: Operator, sandbox: RunningSandbox, fault: str, words: str
) -> None:
    if fault == "suspended":
        sandbox.twilio.account.status = fault
    else:
        sandbox.order(fault, gateway="twilio")
    status, page = await post(operator, **form(sandbox))
    assert status == 400
    assert words in page.lower() or words in page
    assert saved(app) is None


async def test_a_senders_list_that_is_not_answered_is_a_doubt_and_no_refusal(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    sandbox.twilio.account.number = "whatsapp:+5547999990001"
    sandbox.order("503", gateway="twilio", path="/Senders")
    status, page = await post(operator, **form(sandbox))
    assert status == 200
    assert "não disse se" in page
    assert saved(app) is not None


async def test_the_button_tests_account_number_and_addresses(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    account = sandbox.twilio.account
    account.number = "whatsapp:+5547999990001"
    hook = "http://127.0.0.1:9/webhooks/whatsapp/webhook"
    await post(operator, **form(sandbox, public_url="http://127.0.0.1:9"))
    page = (await operator.post("/whatsapp/testar")).text
    found = ("<b>Conta</b>", "aceitos pela Twilio", "<b>Webhook</b>", "ainda não chama", f"deveria chamar {hook}")
    for words in (*found, "não respondeu"):
        assert words in page, words
    assert "<b>Endereço público</b>" in page
    assert "ConnectError" not in page
    account.sender_status = "OFFLINE"
    assert "o número está fora do ar (desligado)" in (await operator.post("/whatsapp/testar")).text.lower()


async def test_without_a_number_there_is_nothing_to_test(operator: Operator) -> None:
    await operator.get("/whatsapp")
    assert "O WhatsApp não está configurado" in (await operator.post("/whatsapp/testar")).text
