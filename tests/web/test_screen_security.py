"""What a stranger, another site, or a pasted script could try on the settings screen."""

from __future__ import annotations

import asyncio
import logging
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
from support.http import local_client
from web.operator import PASSWORD, ROOT, Operator, document

from sandbox.server import RunningSandbox
from segunda_via.app import App
from segunda_via.conversation import attendance_setting, queue_setting
from segunda_via.conversation.attendance_setting import ATTENDANCE_SETTING
from segunda_via.conversation.menu import Menu, Option
from segunda_via.conversation.menu_setting import MENU_SETTING
from segunda_via.conversation.queue_setting import QUEUE_SETTING
from segunda_via.settings.contacts import SUPPORT_SETTING
from segunda_via.web.pages import PAGES

SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
HEADER = "\r\nX-Evil: 1\r\n\r\n"


def posts() -> list[str]:
    return [f"{page.path}{below}" for page in PAGES for method, below in page.handlers if method == "POST"]


@pytest.mark.parametrize("path", [*posts(), "/sair"])
async def test_no_form_is_taken_without_its_token(operator: Operator, path: str) -> None:
    before = operator.client.cookies.get("sv_sessao", path=ROOT)
    for token in ("", "0" * 64):
        answer = await operator.client.post(f"{ROOT}{path}", data={"csrf": token})
        assert answer.status_code in {303, 403}
        assert answer.status_code == 403 or path == "/sair"
    operator.client.cookies.clear()
    operator.client.cookies.set("sv_sessao", before or "", path=ROOT)
    assert 'name="senha"' not in (await operator.get("/fila")).text, "nothing was signed out"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://["},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_a_form_of_another_site_is_refused_even_with_the_token(
    operator: Operator, headers: dict[str, str]
) -> None:
    await operator.get("/alertas")
    data = {"csrf": operator.hidden("csrf"), "contato": "alguém"}
    answer = await operator.client.post(f"{ROOT}/alertas", data=data, headers=headers)
    assert answer.status_code == 403


async def test_one_operators_token_is_not_anothers(app: App, operator: Operator) -> None:
    app.operators.add("default", "joao", PASSWORD, by="test")
    other = Operator(local_client(operator.client.base_url))
    await other.sign_in("joao")
    await other.get("/alertas")
    answer = await operator.client.post(f"{ROOT}/alertas", data={"csrf": other.hidden("csrf"), "contato": "x"})
    assert answer.status_code == 403
    await other.client.aclose()


async def test_every_answer_carries_the_strict_headers(operator: Operator) -> None:
    paths = [page.url for page in PAGES] + [f"{ROOT}/nada", f"{ROOT}/static/screen.css", f"{ROOT}/static/nada"]
    for path in paths:
        answer = await operator.client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        if "/static/" not in path:
            assert answer.headers["cache-control"] == "no-store"
            assert " style=" not in answer.text
            assert "<script>" not in answer.text
            assert "onclick" not in answer.text


class Forms(HTMLParser):
    """Every form of a page: where it is sent, what it carries along, and what can be typed or chosen in it."""

    def __init__(self, page: str, url: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], list[str]]] = []
        self._url = url
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.found.append((told.get("action") or self._url, {}, []))
        elif tag in {"input", "textarea", "select"} and self.found and told.get("name"):
            _, hidden, editable = self.found[-1]
            if told.get("type") == "hidden":
                hidden[str(told["name"])] = told.get("value") or ""
            else:
                editable.append(str(told["name"]))


EVERYWHERE = [
    *(page.path for page in PAGES),
    *(f"/integracao?gateway={name}" for name in ("sga", "cobre_facil", "mkc", "mkc&profile=mk_solutions")),
    *(f"/atendimento?plataforma={name}" for name in ("whaticket", "chatwoot", "webhook")),
    "/mensagens/editar?texto=utter_segunda_via_goodbye",
]


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_a_script_in_any_field_stays_text_and_a_header_no_header(app: App, operator: Operator, path: str) -> None:
    """In every field of every form, all at once and each alone, as it is refused or kept; hidden ones too."""
    app.http = httpx.AsyncClient(  # type: ignore[misc]  # in the place of the cached one: nobody is asked
        transport=httpx.MockTransport(lambda request: httpx.Response(503))
    )
    page = await operator.get(path)
    for action, hidden, editable in Forms(page.text, f"{ROOT}{path}").found:
        if action.endswith(("/sair", "/treinar")):
            continue
        written, alone = SCRIPT + HEADER, [each for each in (*editable, *hidden) if each != "csrf"]
        tries = [dict.fromkeys(editable, written), *({each: written} for each in alone)]
        for typed in tries:
            answer = await operator.client.post(action, data={**hidden, **typed}, follow_redirects=True)
            assert "<script>alert" not in answer.text, (action, list(typed))
            assert "<img src=x" not in answer.text, (action, list(typed))
            assert not any("x-evil" in each.headers for each in (answer, *answer.history)), (action, list(typed))
    later = await operator.get(path)
    assert "<script>alert" not in later.text
    assert "<img src=x" not in later.text


async def test_a_saved_script_is_shown_as_text_everywhere(app: App, operator: Operator) -> None:
    """Whatever an operator may save may be a script, and so may be what customers wrote."""
    at, store = app.now(), app.settings
    QUEUE_SETTING.save(store, "default", queue_setting.QueueSettings(SCRIPT, "#112233"), by=SCRIPT, at=at)
    MENU_SETTING.save(
        store, "default", Menu((Option("<b>x</b>", text=SCRIPT), Option("y", queue=SCRIPT))), by=SCRIPT, at=at
    )
    store.put("default", "keywords", {"phrases": [SCRIPT]}, by=SCRIPT, at=at)
    SUPPORT_SETTING.save(store, "default", SCRIPT, by=SCRIPT, at=at)
    named = attendance_setting.AttendanceSettings({"suporte_tecnico": SCRIPT})
    ATTENDANCE_SETTING.save(store, "default", named, by=SCRIPT, at=at)
    app.misunderstood_store.note("default", SCRIPT)
    shown = ""
    for path in EVERYWHERE:
        page = (await operator.get(path)).text
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
        assert "<b>x</b>" not in page, path
        shown += page
    assert shown.count("&lt;script&gt;alert(1)") > 20, "they were shown, as text"


@pytest.mark.parametrize("query", ["gateway", "profile", "plataforma"])
async def test_a_script_in_the_address_stays_text(operator: Operator, query: str) -> None:
    for path in ("/integracao", "/atendimento"):
        answer = await operator.client.get(f"{ROOT}{path}", params={query: SCRIPT})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


@pytest.mark.parametrize("name", ["../screen.py", "..%2f..%2fapp.py", "%2e%2e/headers.py", "/etc/passwd", "x%00.css"])
async def test_static_files_are_the_listed_ones(operator: Operator, name: str) -> None:
    answer = await operator.client.get(f"{ROOT}/static/{name}")
    assert answer.status_code in {400, 404}
    assert "import" not in answer.text


@pytest.mark.parametrize(
    ("name", "kind"),
    [("screen.css", "text/css"), ("screen.js", "text/javascript"), ("icon.svg", "image/svg+xml")],
)
async def test_a_static_file_may_be_kept_and_is_what_it_says(operator: Operator, name: str, kind: str) -> None:
    answer = await operator.client.get(f"{ROOT}/static/{name}")
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["cache-control"] == "public, max-age=300"
    again = await operator.client.get(f"{ROOT}/static/{name}", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["cache-control"] == "public, max-age=300"


LONGEST_FORM = 256 * 1024


@pytest.mark.parametrize("told", [True, False])
async def test_a_form_that_is_too_long_is_not_read(operator: Operator, told: bool) -> None:
    """Whether the head tells its length, or it comes in chunks, as of a program that writes on and on."""
    length = LONGEST_FORM + 1
    chunked = f"Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{'a' * length}"
    body = f"Content-Length: {length}\r\n\r\n" if told else chunked
    session = operator.client.cookies.get("sv_sessao", path=ROOT)
    address = operator.client.base_url
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(
        f"POST {ROOT}/fila HTTP/1.1\r\nHost: x\r\nCookie: sv_sessao={session}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\n{body}".encode()
    )
    answer = (await reader.read()).decode()
    writer.close()
    assert answer.startswith("HTTP/1.1 413")
    assert told or "grande demais" in answer


@pytest.mark.parametrize("sent", [{"data": {f"f{n}": "" for n in range(1001)}}, {"files": {"mensagem": b"a file"}}])
async def test_a_form_that_none_of_our_pages_sends_is_refused_in_words(
    operator: Operator, sent: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    answer = await operator.client.post(f"{ROOT}/fila", **sent)
    assert answer.status_code == 400
    assert "não pode ser lido" in answer.text
    assert "failed" not in caplog.text


async def test_who_leaves_in_the_middle_of_a_form_is_no_error(
    operator: Operator, caplog: pytest.LogCaptureFixture
) -> None:
    address = operator.client.base_url
    _, writer = await asyncio.open_connection(address.host, address.port)
    head = f"POST {ROOT}/entrar HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n"
    writer.write(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\nnome=ma".encode())
    await writer.drain()
    await asyncio.sleep(0.1)
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.1)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert (await operator.get()).status_code == 200


@pytest.mark.parametrize("host", ["[", "x/configuracoes/fila?", "a b", ""])
@pytest.mark.parametrize("path", ["/fila", "/fila/", "/nada"])
async def test_a_strange_host_leads_nowhere_and_breaks_nothing(operator: Operator, path: str, host: str) -> None:
    answer = await operator.client.get(f"{ROOT}{path}", headers={"host": host})
    assert answer.status_code in {200, 303, 400, 404}
    assert answer.headers.get("location", f"{ROOT}/fila") == f"{ROOT}/fila"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_another_method_is_refused_as_a_page(operator: Operator, method: str) -> None:
    answer = await operator.client.request(method, f"{ROOT}/fila")
    assert answer.status_code == 405
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_page_that_fails_says_so_and_the_log_where_but_not_what(
    app: App, operator: Operator, caplog: pytest.LogCaptureFixture
) -> None:
    cpf = "529.982.247-25"

    def fail() -> NoReturn:
        raise RuntimeError(cpf)

    app.now = fail  # type: ignore[assignment]
    answer = await operator.client.get(ROOT)
    assert answer.status_code == 500
    assert "O erro está no log do servidor" in answer.text
    assert "Traceback" not in answer.text
    assert "RuntimeError" in caplog.text
    assert "in fail" in caplog.text
    assert cpf not in caplog.text


def on_disk(folder: Path) -> str:
    return "".join(path.read_bytes().decode("latin1") for path in folder.glob("segunda_via.db*"))


async def test_secrets_are_in_no_page_no_log_and_no_readable_row(
    app: App, operator: Operator, sandbox: RunningSandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    credentials = sandbox.credentials("asaas")
    paid = document(sandbox)
    pages = [(await operator.get("/integracao")).text]
    pages.append((await operator.post("/integracao", gateway="asaas", **credentials)).text)
    assert "Empresa Teste" in pages[-1]
    pages.append((await operator.post("/integracao/recebedor", documento=paid)).text)
    pages.append((await operator.post("/integracao/confirmar", recebedor="1")).text)
    pages.append((await operator.post("/integracao", gateway="asaas", token="$aact_hmlg_wrongwrong")).text)
    pages += [(await operator.get(page.path)).text for page in PAGES]
    kept = on_disk(tmp_path)
    for secret in (credentials["token"], PASSWORD, "wrongwrong"):
        assert not any(secret in page for page in pages)
        assert secret not in caplog.text
        assert secret not in kept
    assert credentials["token"][-4:] in pages[1], "the last four are shown"
    assert paid not in caplog.text
