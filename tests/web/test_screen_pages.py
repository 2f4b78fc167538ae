"""What an operator does on the pages, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from web.conftest import Serve
from web.operator import NAME, PASSWORD, ROOT, Operator, action_server, new_app

from sandbox.server import RunningSandbox, listing
from segunda_via import clock
from segunda_via.app import App
from segunda_via.doctor import Level
from segunda_via.health.watch import Watch
from segunda_via.settings import contacts, keywords, menu, queue, whatsapp
from segunda_via.settings import gateway as saving
from segunda_via.state import lights
from segunda_via.web.pages import PAGES

GATEWAYS = ("asaas", "sga", "cobre_facil", "mk_auth", "mk_solutions")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def _no_faults(sandbox: RunningSandbox) -> Iterator[None]:
    yield
    sandbox.reset()


def document(sandbox: RunningSandbox, shows: str = "entrega completa") -> str:
    return next(row["document"] for row in listing(sandbox.sandbox.today()) if shows in row["shows"])


def fields(sandbox: RunningSandbox, gateway: str) -> dict[str, str]:
    name = "mkc" if gateway.startswith("mk_") else gateway
    return {"gateway": name, **sandbox.credentials(gateway)}


async def set_up(operator: Operator, sandbox: RunningSandbox, gateway: str = "asaas") -> httpx.Response:
    await operator.get("/integracao")
    await operator.post("/integracao", versao=operator.hidden("versao"), **fields(sandbox, gateway))
    await operator.post("/integracao/recebedor", documento=document(sandbox))
    return await operator.post("/integracao/confirmar", recebedor="1", substituir="1")


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


async def test_a_test_counts_nobody_and_touches_no_ticket(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox)
    for row in listing(sandbox.sandbox.today())[:8]:
        if "demora" not in row["shows"]:
            await operator.post("/testar", documento=row["document"])
    assert app.journal.recent("default") == []
    assert app.limits.forget_before(app.today() + timedelta(days=1)) == 0


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


@pytest.mark.parametrize("path", ["/fila", "/flow/palavras", "/alertas", "/integracao"])
async def test_the_second_of_two_operators_is_told(
    app: App, operator: Operator, sandbox: RunningSandbox, path: str
) -> None:
    page = "/" + path.split("/")[1]
    await operator.get(page)
    form = f"{ROOT}{path}" if path.startswith("/flow") else ""
    stale = operator.hidden("versao_suporte" if path == "/alertas" else "versao", form)
    at = app.now()
    if path == "/fila":
        queue.save(app.settings, "default", queue.QueueSettings("Do João", "#112233"), by="joao", at=at)
        answer = await operator.post(
            path, versao=stale, nome="Segunda Via de Boleto", mensagem="Da Maria", cor="#445566"
        )
    elif path == "/flow/palavras":
        keywords.add(app.settings, "default", "carnê", by="joao", at=at)
        answer = await operator.post(path, versao=stale, palavras="boleto")
    elif path == "/alertas":
        contacts.save_support(app.settings, "default", "João", by="joao", at=at)
        answer = await operator.post(path, versao_suporte=stale, versao_alertas="", contato="Maria", url="")
    else:
        await operator.post(path, versao=stale, **fields(sandbox, "asaas"))
        saving.save(app.settings, "default", "sga", {"token": "do joao"}, None, by="joao", at=at)
        answer = await operator.post("/integracao/confirmar", substituir="1")
        assert app.gateway_settings("default").name == "sga"
    assert answer.status_code == 409
    assert "enquanto você editava" in answer.text
    if path == "/fila":
        assert queue.in_force(app.settings, "default").message == "Do João"
        assert "Da Maria" in answer.text, "what was typed is not lost"


async def test_a_rejected_token_is_red_for_every_process_at_once_and_told_once(
    app: App, operator: Operator, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    await set_up(operator, sandbox)
    told: list[str] = []
    other = App(app.environment, home=tmp_path)
    other.http = httpx.AsyncClient(  # type: ignore[misc]  # in the place of the cached one
        transport=httpx.MockTransport(lambda request: told.append(request.content.decode()) or httpx.Response(204))
    )
    contacts.save_alert_url(app.settings, "default", "https://hooks.example.com/x", by=NAME, at=app.now())
    sandbox.order("401")
    await app.deliver("default", "whatsapp:+5511999990000", document(sandbox))
    light = lights(other, "default")[0]
    assert light.level is Level.FAILURE
    assert "recusa o token" in light.detail
    watch = Watch(lambda: other)
    for _ in range(3):
        await watch._tell(other)
    assert len(told) == 1
    assert "gateway.rejected" in told[0]
    assert sandbox.credentials("asaas")["token"] not in told[0]
    sandbox.reset()
    await app.deliver("default", "whatsapp:+5511999990001", document(sandbox))
    assert lights(other, "default")[0].level is Level.OK
    await watch._tell(other)
    assert len(told) == 2
    assert "gateway.recovered" in told[1]


async def test_without_traffic_one_of_the_processes_checks_every_quarter_of_an_hour(
    app: App, operator: Operator, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    await set_up(operator, sandbox)
    other = App(app.environment, home=tmp_path)
    sandbox.sandbox.calls.clear()
    sandbox.order("401")
    await Watch(lambda: app).look()
    asked = len(sandbox.sandbox.calls.as_json())
    await Watch(lambda: other).look()
    assert asked
    assert len(sandbox.sandbox.calls.as_json()) == asked
    assert lights(other, "default")[0].level is Level.FAILURE
    await other.close()


async def test_what_was_pasted_and_not_confirmed_is_erased(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await operator.get("/integracao")
    await operator.post("/integracao", **fields(sandbox, "asaas"))
    assert app.settings.version("default", "draft 1") is not None
    await Watch(lambda: app).look()
    assert app.settings.version("default", "draft 1") is not None, "there is time to confirm it"
    app.now = lambda: clock.now() + timedelta(minutes=16)
    await Watch(lambda: app).look()
    assert app.settings.version("default", "draft 1") is None


async def test_the_environment_wins_and_the_screen_says_so(tmp_path: Path, serve: Serve) -> None:
    app = new_app(tmp_path, SEGUNDA_VIA_GATEWAY="asaas", SEGUNDA_VIA_CREDENTIALS='{"token": "$aact_prod_env"}')
    app.operators.add("default", NAME, PASSWORD, by="test")
    operator = Operator(await serve(action_server(app)))
    await operator.sign_in()
    await operator.get("/integracao")
    assert "fixado pelo ambiente" in operator.page
    assert (await operator.post("/integracao", gateway="sga", token="abcdefgh123")).status_code == 409
    assert app.settings.get("default", "gateway") is None


async def test_another_key_is_an_explanation_on_every_page_not_a_crash(app: App, tmp_path: Path, serve: Serve) -> None:
    for name in ("gateway", "queue", "menu", "keywords", "desk", "attendance", "conversation", "whatsapp", "alerts"):
        app.settings.put("default", name, {}, by=NAME, at=app.now())
    other = new_app(tmp_path)
    operator = Operator(await serve(action_server(other)))
    await operator.sign_in()
    for page in PAGES:
        answer = await operator.get(page.path)
        assert answer.status_code in {200, 503}, page.path
        assert "chave" in answer.text
    assert "cifrado com outra chave" in (await operator.get("/integracao")).text


async def test_menu_keywords_hours_and_whatsapp_are_saved(app: App, operator: Operator) -> None:
    await operator.get("/flow")
    version = operator.hidden("versao", f"{ROOT}/flow/menu")
    saved = await operator.post("/flow/menu", versao=version, nome="Horários", tipo="text", destino="Das 8h às 18h.")
    assert "Menu salvo" in saved.text
    assert [option.label for option in menu.in_force(app.settings, "default").options] == ["Horários"]
    version = operator.hidden("versao", f"{ROOT}/flow/palavras")
    await operator.post("/flow/palavras", versao=version, palavras="boleto\ncarnê\nBOLETO")
    assert len(keywords.in_force(app.settings, "default")) == 2
    await operator.get("/atendimento")
    version = operator.hidden("versao", f"{ROOT}/atendimento/horarios")
    assert (
        "salvos"
        in (await operator.post("/atendimento/horarios", versao=version, horas_mon="08:00-12:00, 13h-18h")).text
    )
    await operator.get("/whatsapp")
    sid, token = "AC" + "0f" * 16, "segredo-da-twilio-99"
    hook = "https://bot.example.com/webhooks/whatsapp/webhook"
    page = await operator.post(
        "/whatsapp", account_sid=sid, auth_token=token, number="+55 11 99999-8888", webhook_url=hook
    )
    assert token not in page.text
    assert "https://bot.example.com/webhooks/whatsapp/status" in page.text
    number = whatsapp.in_force(app.environment, app.settings, "default")
    assert number is not None
    assert number.number == "whatsapp:+5511999998888"


@pytest.mark.parametrize("name", ["Segunda Via de Boleto ", " Segunda Via de Boleto", "segunda via de boleto"])
async def test_the_queues_name_is_exact(app: App, operator: Operator, name: str) -> None:
    await operator.get("/fila")
    answer = await operator.post("/fila", versao="", nome=name, mensagem="Digite", cor="#112233")
    assert answer.status_code == 400
    assert app.settings.get("default", "queue") is None


async def test_the_trail_says_who_saved_what(operator: Operator, sandbox: RunningSandbox) -> None:
    await set_up(operator, sandbox)
    trail = (await operator.get("/historico")).text
    assert "salvou o gateway" in trail
    assert "credentials.token" in trail
    assert "confirmou o recebedor" in trail
    assert NAME in trail


async def test_no_page_is_heavy(operator: Operator) -> None:
    static = 0
    for name in ("screen.css", "screen.js", "icon.svg"):
        static += len((await operator.client.get(f"{ROOT}/static/{name}")).content)
    for page in PAGES:
        assert static + len((await operator.get(page.path)).content) < 150_000
