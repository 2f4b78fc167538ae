"""What an operator does on the other pages, and what holds for all of them."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from support.http import local_client
from web.conftest import OpenBrowser
from web.operator import NAME, PASSWORD, ROOT, Operator, fields, new_app, set_up

from sandbox.server import RunningSandbox
from sandbox.whaticket import WhaticketSimulator
from segunda_via.app import App
from segunda_via.conversation import keyword_setting, queue_setting
from segunda_via.conversation.keyword_setting import KEYWORD_SETTING
from segunda_via.conversation.menu_setting import MENU_SETTING
from segunda_via.conversation.queue_setting import QUEUE_SETTING
from segunda_via.desks.desk_setting import DESK_SETTING, DeskSettings
from segunda_via.settings import gateway as saving
from segunda_via.settings.contacts import SUPPORT_SETTING
from segunda_via.tickets import QUEUE
from segunda_via.web.pages import PAGES
from segunda_via.web.static_files import FOLDER


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
        QUEUE_SETTING.save(app.settings, "default", queue_setting.QueueSettings("Do João", "#112233"), by="joao", at=at)
        answer = await operator.post(
            path, versao=stale, nome="Segunda Via de Boleto", mensagem="Da Maria", cor="#445566"
        )
    elif path == "/flow/palavras":
        keyword_setting.add(app.settings, "default", "carnê", by="joao", at=at)
        answer = await operator.post(path, versao=stale, palavras="boleto")
    elif path == "/alertas":
        SUPPORT_SETTING.save(app.settings, "default", "João", by="joao", at=at)
        answer = await operator.post(path, versao_suporte=stale, versao_alertas="", contato="Maria", url="")
    else:
        await operator.post(path, versao=stale, **fields(sandbox, "asaas"))
        saving.save(app.settings, "default", "sga", {"token": "do joao"}, None, by="joao", at=at)
        answer = await operator.post("/integracao/confirmar", substituir="1")
        assert app.gateway_settings("default").name == "sga"
    assert answer.status_code == 409
    assert "enquanto você editava" in answer.text
    if path == "/fila":
        assert QUEUE_SETTING.in_force(app.settings, "default").message == "Do João"
        assert "Da Maria" in answer.text, "what was typed is not lost"


async def test_another_key_is_an_explanation_on_every_page_not_a_crash(
    app: App, tmp_path: Path, open_browser: OpenBrowser
) -> None:
    for name in ("gateway", "queue", "menu", "keywords", "desk", "attendance", "conversation", "whatsapp", "alerts"):
        app.settings.put("default", name, {}, by=NAME, at=app.now())
    other = new_app(tmp_path)
    operator = await open_browser(other)
    await operator.sign_in()
    for page in PAGES:
        answer = await operator.get(page.path)
        assert answer.status_code in {200, 503}, page.path
        assert "chave" in answer.text
    assert "cifrado com outra chave" in (await operator.get("/integracao")).text


async def test_menu_keywords_hours_and_whatsapp_are_saved(
    tmp_path: Path, open_browser: OpenBrowser, sandbox: RunningSandbox
) -> None:
    app = new_app(tmp_path, TWILIO_API_URL=sandbox.twilio_url)
    app.operators.add("default", NAME, PASSWORD, by="test")
    operator = await open_browser(app)
    await operator.sign_in()
    await operator.get("/flow")
    version = operator.hidden("versao", f"{ROOT}/flow/menu")
    saved = await operator.post("/flow/menu", versao=version, nome="Horários", tipo="text", destino="Das 8h às 18h.")
    assert "Menu salvo" in saved.text
    assert [option.label for option in MENU_SETTING.in_force(app.settings, "default").options] == ["Horários"]
    version = operator.hidden("versao", f"{ROOT}/flow/palavras")
    await operator.post("/flow/palavras", versao=version, palavras="boleto\ncarnê\nBOLETO")
    assert len(KEYWORD_SETTING.in_force(app.settings, "default")) == 2
    for reserved in ("não", "Sim!", "1", "horários"):
        version = operator.hidden("versao", f"{ROOT}/flow/palavras")
        refused = await operator.post("/flow/palavras", versao=version, palavras=f"boleto\n{reserved}")
        assert "não serve de palavra-chave" in refused.text
        assert reserved in refused.text, "what was typed stays"
    assert len(KEYWORD_SETTING.in_force(app.settings, "default")) == 2
    await operator.get("/atendimento")
    version = operator.hidden("versao", f"{ROOT}/atendimento/horarios")
    assert (
        "salvos"
        in (await operator.post("/atendimento/horarios", versao=version, horas_mon="08:00-12:00, 13h-18h")).text
    )
    await operator.get("/whatsapp")
    sid, token = sandbox.twilio.account.sid, sandbox.twilio.account.token
    address, number = "https://bot.example.com", sandbox.twilio.account.number
    page = await operator.post("/whatsapp", account_sid=sid, auth_token=token, number=number, public_url=address)
    assert token not in page.text
    assert "https://bot.example.com/webhooks/whatsapp/status" in page.text
    saved = app.whatsapp("default")
    assert saved is not None
    assert saved.number == number
    version = operator.hidden("versao", f"{ROOT}/whatsapp/modelos")
    refused = await operator.post("/whatsapp/modelos", versao=version, modelo_menu="AC123")
    assert "Content SID de Menu começa com HX" in refused.text
    content = "HX" + "0f" * 16
    await operator.post("/whatsapp/modelos", versao=version, modelo_menu=content, modelo_welcome="")
    saved = app.whatsapp("default")
    assert saved is not None
    assert (saved.number, saved.templates) == (number, {"menu": content})


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Segunda Via de Boleto ", "espaço no fim"),
        (" Segunda Via de Boleto", "espaço no começo"),
        ("segunda via de boleto", "maiúsculas"),
        ("Boletos", "é outro nome"),
    ],
)
async def test_the_queues_name_is_exact(app: App, operator: Operator, name: str, why: str) -> None:
    await operator.get("/fila")
    answer = await operator.post("/fila", versao="", nome=name, mensagem="Digite", cor="#112233")
    assert answer.status_code == 400
    assert f"({why})" in answer.text
    assert app.settings.get("default", "queue") is None


async def test_the_trail_says_who_saved_what(operator: Operator, sandbox: RunningSandbox) -> None:
    await set_up(operator, sandbox)
    trail = (await operator.get("/historico")).text
    assert "salvou o gateway" in trail
    assert "endereço, token" in trail
    assert "confirmou o recebedor" in trail
    assert NAME in trail


async def test_where_the_desk_gives_conversations_back_is_shown_once_it_may(
    tmp_path: Path, open_browser: OpenBrowser
) -> None:
    app = new_app(tmp_path, SEGUNDA_VIA_PUBLIC_URL="https://bot.example.com")
    app.operators.add("default", NAME, PASSWORD, by="test")
    operator = await open_browser(app)
    await operator.sign_in()
    address = 'value="https://bot.example.com/desk/whaticket" readonly'
    told = {"base_url": "https://api.example.com", "email": "a@example.com", "password": "segredo"}
    for secret in ("", "segredo da volta"):
        desk = DeskSettings("whaticket", {**told, "return_secret": secret})
        DESK_SETTING.save(app.settings, "default", desk, by=NAME, at=app.now())
        assert (address in (await operator.get("/atendimento")).text) == bool(secret)


async def test_no_page_is_heavy(operator: Operator) -> None:
    static = 0
    for file in FOLDER.iterdir():
        static += len((await operator.client.get(f"{ROOT}/static/{file.name}")).content)
    assert static > 1_000
    for page in PAGES:
        assert static + len((await operator.get(page.path)).content) < 150_000


async def test_the_environment_fixes_desk_and_number_too(tmp_path: Path, open_browser: OpenBrowser) -> None:
    app = new_app(
        tmp_path,
        SEGUNDA_VIA_TICKET_DESK="journal",
        TWILIO_ACCOUNT_SID="AC" + "0f" * 16,
        TWILIO_AUTH_TOKEN="segredo-da-twilio-99",
        TWILIO_WHATSAPP_NUMBER="+5511999998888",
        TWILIO_WEBHOOK_URL="https://bot.example.com/webhooks/whatsapp/webhook",
    )
    app.operators.add("default", NAME, PASSWORD, by="test")
    operator = await open_browser(app)
    await operator.sign_in()
    for page, path, form in (
        ("/atendimento", "/atendimento/plataforma", {"plataforma": "whaticket"}),
        ("/whatsapp", "/whatsapp", {"account_sid": "AC" + "11" * 16, "number": "+5511999997777"}),
    ):
        assert "pelo ambiente deste servidor" in (await operator.get(page)).text
        refused = await operator.post(path, **form)
        assert refused.status_code == 409
        assert "pelo ambiente deste servidor" in refused.text
    assert app.settings.get("default", "desk") is None
    assert app.settings.get("default", "whatsapp") is None


async def test_whom_to_ask_stands_on_every_page(app: App, operator: Operator) -> None:
    stranger = local_client(operator.client.base_url)
    for contact in ("Suporte da Logyca Tecnologia", "Zé do suporte, ramal 42"):
        if contact not in (await operator.get()).text:
            SUPPORT_SETTING.save(app.settings, "default", contact, by=NAME, at=app.now())
        for page in PAGES:
            assert f"Precisa de ajuda? {contact}" in (await operator.get(page.path)).text, page.path
        for path in ("", "/nada", f"/primeiro-acesso/{'0' * 64}"):
            assert f"Precisa de ajuda? {contact}" in (await stranger.get(f"{ROOT}{path}")).text, path
    await stranger.aclose()


async def test_the_teaching_documents_words_stand_on_the_screen(operator: Operator) -> None:
    assert "Se um novo token for gerado, ele substituirá o anterior" in (await operator.get("/integracao")).text
    page = (await operator.get("/fila")).text
    for _ in range(2):
        assert "Se houver um espaço incorreto, a integração não funcionará" in page
        assert "Adicionar Nova Fila" in page
        version = operator.hidden("versao")
        await operator.post("/fila", versao=version, nome=QUEUE, mensagem="Digite seu CPF.", cor="#112233")
        page = (await operator.get("/fila")).text


@pytest.mark.parametrize("there", [True, False])
async def test_queues_that_are_almost_the_queue_are_shown(app: App, operator: Operator, there: bool) -> None:
    simulator = WhaticketSimulator()
    with RunningSandbox(desks=(simulator,)) as running:
        told = running.sandbox.desk_credentials(running.base_url)["whaticket"]
        DESK_SETTING.save(app.settings, "default", DeskSettings("whaticket", told), by=NAME, at=app.now())
        names = ["segunda via de boleto ", "Segunda  Via de Boletó", *([QUEUE] if there else [])]
        simulator.queues = [{"id": n, "name": name, "color": "#0000FF"} for n, name in enumerate(names, 1)]
        await operator.get("/fila")
        page = html.unescape((await operator.post("/fila/conferir")).text)
    assert "segunda via de boleto␠" in page
    assert "maiúsculas, espaço no fim" in page
    assert "Segunda␠␠Via de Boletó" in page
    assert ("com o nome exato. Há outras quase iguais" in page) is there
    assert ("Criar a fila" in page) is not there


@pytest.mark.parametrize(
    ("path", "title"), [("/", "Estado"), ("/fila/", "Filas e Departamentos"), ("/integracao/?gateway=sga", "SGA")]
)
async def test_a_slash_too_many_is_no_error(operator: Operator, path: str, title: str) -> None:
    answer = await operator.get(path)
    assert answer.status_code == 200
    assert title in answer.text
    assert not answer.url.path.endswith("/")
    assert (await operator.get("/nada/")).status_code == 404


@pytest.mark.parametrize(
    ("path", "fields", "trail"),
    [
        ("/flow/menu", {"nome": "1"}, "Configurações → Atendimento"),
        ("/atendimento/horarios", {"horas_mon": "tarde"}, "Configurações → Atendimento"),
        ("/operadores/senha", {}, "Configurações → Sistema"),
        ("/whatsapp/modelos", {"modelo_menu": "AC1"}, "Configurações → Atendimento"),
        ("/testar", {"documento": "1"}, "Configurações → Integração"),
    ],
)
async def test_the_breadcrumb_does_not_shrink_after_a_post(
    operator: Operator, path: str, fields: dict[str, str], trail: str
) -> None:
    await operator.get(f"/{path.split('/')[1]}")
    page = (await operator.post(path, **fields)).text
    assert f'<p class="trail">{trail}</p>' in page
    assert page.count('aria-current="page"') == 2, "once in each navigation"


async def test_the_breadcrumb_leads_back(operator: Operator, sandbox: RunningSandbox) -> None:
    assert '→ <a href="/configuracoes/painel">Painel</a></p>' in (await operator.get("/painel/lista")).text
    await operator.get("/integracao")
    page = (await operator.post("/integracao", **fields(sandbox, "asaas"))).text
    assert 'Integração → <a href="/configuracoes/integracao">Segunda Via de Boleto</a></p>' in page


async def test_a_name_that_is_too_long_is_told_and_not_cut(app: App, operator: Operator) -> None:
    name = "Quero falar sobre a minha instalação"
    page = (await operator.get("/flow")).text
    assert "maxlength" not in page
    version = operator.hidden("versao", f"{ROOT}/flow/menu")
    refused = await operator.post("/flow/menu", versao=version, nome=name, tipo="text", destino="Oi.")
    assert refused.status_code == 400
    assert f"tem {len(name)} caracteres, e o WhatsApp mostra só 24" in refused.text
    assert f'value="{name}"' in refused.text, "what was typed is not lost"
    assert MENU_SETTING.in_force(app.settings, "default").options == ()
