"""Integração and Testar: from what is pasted to a tested delivery, against the sandbox."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from web.conftest import OpenBrowser
from web.operator import NAME, PASSWORD, Operator, document, fields, new_app, set_up

from sandbox.server import RunningSandbox, listing
from segunda_via import clock
from segunda_via.app import App
from segunda_via.boletos.outcome import Outcome
from segunda_via.operations.health_watch import HealthWatch
from segunda_via.settings import gateway as saving
from segunda_via.settings.conversation import CONVERSATION_SETTING, ConversationSettings
from segunda_via.storage.database import lookups, receivers

GATEWAYS = ("asaas", "sga", "cobre_facil", "mk_auth", "mk_solutions")


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_from_a_token_to_a_tested_delivery(
    app: App, operator: Operator, sandbox: RunningSandbox, gateway: str
) -> None:
    saved = await set_up(operator, sandbox, gateway)
    assert "Salvo." in saved.text
    assert app.gateway_settings("default").payee, "who receives the money was confirmed"
    tested = await operator.post("/testar", documento=document(sandbox))
    assert "bubble code" in tested.text
    assert "000201" in tested.text
    picture = tested.text.partition('<img src="')[2].partition('"')[0]
    answer = await operator.client.get(picture)
    assert answer.headers["content-type"] == "image/png"
    paper = tested.text.partition('bubble file">')[2].partition('href="')[2].partition('"')[0]
    assert (await operator.client.get(paper)).content.startswith(b"%PDF")


async def test_a_test_counts_the_operator_alone_and_touches_no_ticket(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox)
    for row in listing(sandbox.sandbox.today())[:8]:
        if "demora" not in row["shows"]:
            await operator.post("/testar", documento=row["document"])
    assert app.journal.recent("default") == []
    with app.engine.connect() as connection:
        assert len(connection.execute(sa.select(lookups.c.sender).distinct()).all()) == 1
        assert connection.execute(sa.select(receivers)).all() == []


def bubbles(page: str) -> list[str]:
    """What the phone of the page shows, in order, without its markup."""
    phone = page.partition('<section class="phone"')[2].partition("</section>")[0]
    found = re.findall(r"<li[^>]*>(.*?)</li>", phone, re.S)
    return [re.sub(r"<[^>]+>", "", html.unescape(each)).strip() for each in found]


@pytest.mark.parametrize("offers", [True, False])
async def test_a_test_shows_the_very_bundle_with_the_offer_of_the_next_invoice(
    app: App, operator: Operator, sandbox: RunningSandbox, offers: bool
) -> None:
    await set_up(operator, sandbox)
    CONVERSATION_SETTING.save(app.settings, "default", ConversationSettings(offer_next=offers), by=NAME, at=app.now())
    shown = bubbles((await operator.post("/testar", documento=document(sandbox))).text)
    assert ("Quer receber a próxima?" in shown[-1]) is offers
    assert ("em aberto" in shown[0]) is not offers, "the others are told once"
    assert len(shown) == (6 if offers else 5)


async def test_a_test_shows_what_else_the_customer_reads(app: App, operator: Operator, sandbox: RunningSandbox) -> None:
    await set_up(operator, sandbox)
    unknown = bubbles((await operator.post("/testar", documento="52998224725")).text)
    assert len(unknown) == 2
    wrong = bubbles((await operator.post("/testar", documento=document(sandbox, "recebedor que não é a empresa"))).text)
    assert "atendente" in wrong[-1] or "pessoa" in wrong[-1]


async def test_what_does_not_add_up_is_explained_and_not_shown(operator: Operator, sandbox: RunningSandbox) -> None:
    await set_up(operator, sandbox)
    tested = await operator.post("/testar", documento=document(sandbox, "recebedor que não é a empresa"))
    assert "não é o recebedor confirmado" in tested.text or "não é o do recebedor" in tested.text
    assert "000201" not in tested.text


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("Client_Id_1234567890", "Client ID do MK-AUTH"),
        ("aact_hmlg_000segundavia", "altou o $ do começo"),
        ("https://www.asaas.com", "endereço de site"),
        ("290.155.087-80", "CPF ou CNPJ"),
        ("AC" + "0" * 32, "Twilio"),
        ("", "Preencha"),
    ],
)
async def test_what_was_pasted_wrongly_is_recognised(operator: Operator, pasted: str, words: str) -> None:
    await operator.get("/integracao")
    answer = await operator.post("/integracao", gateway="asaas", token=pasted)
    assert answer.status_code == 400
    assert words in answer.text


async def test_a_token_with_spaces_quotes_and_line_breaks_is_mended(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    told = fields(sandbox, "asaas")
    token = told.pop("token")
    await operator.get("/integracao")
    mended = await operator.post("/integracao", token=f' access_token: "{token[:12]}\n {token[12:]}"\u200b ', **told)
    assert "retirad" in mended.text
    await operator.post("/integracao/confirmar")
    assert app.gateway_settings("default").credentials["token"] == token


@pytest.mark.parametrize(("fault", "words"), [("401", "recusou o token"), ("503", "não respondeu")])
async def test_nothing_is_saved_when_the_gateway_says_no(
    app: App, operator: Operator, sandbox: RunningSandbox, fault: str, words: str
) -> None:
    sandbox.order(fault)
    await operator.get("/integracao")
    answer = await operator.post("/integracao", **fields(sandbox, "asaas"))
    assert words in answer.text
    assert app.settings.get("default", "gateway") is None


async def test_a_new_token_replaces_the_old_one_which_can_come_back(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox, "asaas")
    await operator.get("/integracao")
    await operator.post("/integracao", versao=operator.hidden("versao"), **fields(sandbox, "sga"))
    assert "substitui o anterior" in operator.page
    unsure = await operator.post("/integracao/confirmar")
    assert unsure.status_code == 400
    await operator.post("/integracao/confirmar", substituir="1")
    assert app.gateway_settings("default").name == "sga"
    assert not app.gateway_settings("default").payee, "it was confirmed for the account before"
    await operator.get("/integracao")
    assert "pode ser restaurado" in operator.page
    await operator.post("/integracao/restaurar")
    assert app.gateway_settings("default").name == "asaas"
    assert app.gateway_settings("default").payee
    assert saving.previous(app.settings, "default", app.now() + timedelta(hours=25)) is None


async def test_a_kept_secret_does_not_go_to_another_address(
    operator: Operator, sandbox: RunningSandbox, app: App
) -> None:
    await set_up(operator, sandbox)
    sandbox.sandbox.calls.clear()
    answer = await operator.post("/integracao", gateway="asaas", token="", base_url="https://evil.example/v3")
    assert answer.status_code == 400
    assert "Preencha" in answer.text


async def test_what_was_pasted_and_not_confirmed_is_erased(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await operator.get("/integracao")
    await operator.post("/integracao", **fields(sandbox, "asaas"))
    assert app.settings.version("default", "draft 1") is not None
    await HealthWatch(lambda: app).look()
    assert app.settings.version("default", "draft 1") is not None, "there is time to confirm it"
    app.now = lambda: clock.now() + timedelta(minutes=16)
    await HealthWatch(lambda: app).look()
    assert app.settings.version("default", "draft 1") is None


async def test_the_environment_wins_and_the_screen_says_so(tmp_path: Path, open_browser: OpenBrowser) -> None:
    app = new_app(tmp_path, SEGUNDA_VIA_GATEWAY="asaas", SEGUNDA_VIA_CREDENTIALS='{"token": "$aact_prod_env"}')
    app.operators.add("default", NAME, PASSWORD, by="test")
    operator = await open_browser(app)
    await operator.sign_in()
    await operator.get("/integracao")
    assert "fixado pelo ambiente" in operator.page
    assert (await operator.post("/integracao", gateway="sga", token="abcdefgh123")).status_code == 409
    assert app.settings.get("default", "gateway") is None
    assert "fixado pelo ambiente" in (await operator.post("/integracao/restaurar")).text


async def test_the_documents_warnings_stand_on_the_page(operator: Operator, sandbox: RunningSandbox) -> None:
    page = (await operator.get("/integracao")).text
    assert "se você já tem um token gerado em outra plataforma, use esse mesmo token" in page
    await set_up(operator, sandbox)
    await operator.get("/integracao")
    asked = await operator.post("/integracao", versao=operator.hidden("versao"), **fields(sandbox, "sga"))
    assert "O novo token <b>substitui o anterior</b> (Asaas, salvo em" in asked.text
    assert f"por {NAME}" in asked.text


@pytest.mark.parametrize(
    ("token", "words"),
    [("$aact_prod_000segundavia", "de outro ambiente"), ("$aact_hmlg_naoexiste", "recusou o token")],
)
async def test_a_key_of_another_environment_is_told_from_a_wrong_one(
    app: App, operator: Operator, sandbox: RunningSandbox, token: str, words: str
) -> None:
    await operator.get("/integracao")
    answer = await operator.post("/integracao", **{**fields(sandbox, "asaas"), "token": token})
    assert words in answer.text
    assert "Nada foi salvo" in answer.text
    assert app.settings.get("default", "gateway") is None


async def test_a_permission_that_is_missing_is_shown_before_saving(operator: Operator, sandbox: RunningSandbox) -> None:
    sandbox.order("403", path="/customers")
    await operator.get("/integracao")
    answer = await operator.post("/integracao", **fields(sandbox, "asaas"))
    assert "Empresa Teste" in answer.text
    assert "não tem permissão de consultar clientes e cobranças" in answer.text


async def test_what_cannot_be_restored_or_confirmed_any_more_is_no_success(operator: Operator) -> None:
    await operator.get("/integracao")
    for path in ("/integracao/restaurar", "/integracao/confirmar", "/testar/recebedor"):
        page = (await operator.post(path)).text
        assert 'class="notice warning" role="status"' in page, path


async def test_another_process_delivers_with_what_was_saved_a_moment_ago(
    app: App, operator: Operator, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    other = App(app.environment, home=tmp_path)
    before = await other.deliver("default", "whatsapp:+5511999990000", document(sandbox))
    assert before.outcome is Outcome.NOT_CONFIGURED
    await set_up(operator, sandbox)
    after = await other.deliver("default", "whatsapp:+5511999990001", document(sandbox))
    assert after.outcome is Outcome.OVERDUE
    await other.close()


@pytest.mark.parametrize(
    ("gateway", "wrong", "named"),
    [
        ("sga", "senha", "o token, o usuário ou a senha"),
        ("cobre_facil", "secret", "o App ID ou o Secret"),
        ("mk_auth", "client_secret", "o Client ID ou o Client Secret"),
        ("mk_solutions", "password", "o token ou a contrassenha"),
    ],
)
async def test_what_was_refused_is_named_and_the_rest_need_not_be_pasted_again(
    app: App, operator: Operator, sandbox: RunningSandbox, gateway: str, wrong: str, named: str
) -> None:
    told = fields(sandbox, gateway)
    await operator.get("/integracao")
    refused = await operator.post("/integracao", **{**told, wrong: "errado-mas-inteiro-00"})
    assert refused.status_code == 400
    assert f"recusou {named}" in refused.text
    assert "errado-mas-inteiro-00" not in refused.text, "a secret is never shown again"
    secrets = {name for name in told if name in {"token", "senha", "app_id", "secret", "client_id", "client_secret"}}
    blank = dict.fromkeys(secrets - {wrong}, "")
    mended = await operator.post("/integracao", **{**told, **blank}, colado=operator.hidden("colado"))
    assert "respondeu" in mended.text
    await operator.post("/integracao/confirmar")
    kept = app.gateway_settings("default").credentials
    assert {name: kept[name] for name in told if name != "gateway"} == {k: v for k, v in told.items() if k != "gateway"}


async def test_a_field_of_the_wrong_shape_keeps_the_others(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    told = fields(sandbox, "cobre_facil")
    await operator.get("/integracao")
    refused = await operator.post("/integracao", **{**told, "secret": "curto"})
    assert "curto demais para ser o Secret" in refused.text
    assert "Colado agora" in refused.text
    assert "respondeu" in (await operator.post("/integracao", **{**told, "app_id": ""}, colado="1")).text


async def test_a_page_opened_anew_knows_nothing_of_what_was_refused(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox)
    right = app.gateway_settings("default").credentials["token"]
    await operator.post("/integracao", **{**fields(sandbox, "asaas"), "token": "$aact_hmlg_naoexiste"})
    page = (await operator.get("/integracao")).text
    assert "Salvo (…" in page
    assert "Colado agora" not in page
    await operator.post("/integracao", **{**fields(sandbox, "asaas"), "token": ""})
    await operator.post("/integracao/confirmar")
    assert app.gateway_settings("default").credentials["token"] == right
