"""Getting in: the first link, the password, the session, and everybody who must not."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from support.clock import RunningClock
from support.http import local_client
from web.conftest import OpenBrowser
from web.operator import NAME, PASSWORD, ROOT, Operator, new_app

from segunda_via.app import App
from segunda_via.operators.sessions import IDLE, LIFETIME
from segunda_via.operators.throttle import TRIES, TRIES_FROM_ANYWHERE
from segunda_via.storage import audit_trail
from segunda_via.web.pages import PAGES


@pytest.fixture
def later() -> RunningClock:
    return RunningClock()


@pytest.fixture
def app(tmp_path: Path, later: RunningClock) -> App:
    made = new_app(tmp_path)
    made.now = later  # type: ignore[assignment]  # a clock that tests put forward
    made.operators.add("default", NAME, PASSWORD, by="test")
    return made


@pytest.fixture
async def operator(app: App, open_browser: OpenBrowser) -> Operator:
    """Not signed in yet."""
    return await open_browser(app)


async def test_the_first_link_makes_one_operator_and_is_used_up(tmp_path: Path, open_browser: OpenBrowser) -> None:
    app = new_app(tmp_path)
    assert app.first_access.prepare("default", "http://localhost:8000")
    assert stat.S_IMODE(app.first_access.file.stat().st_mode) == 0o600
    path = "/" + app.first_access.file.read_text().strip().partition(":8000/")[2].partition("/")[2]
    operator = await open_browser(app)
    assert "Ainda não há operador" in (await operator.get()).text
    assert (await operator.get("/primeiro-acesso/" + "0" * 64)).status_code == 410
    await operator.get(path)
    weak = await operator.post(path, nome="Maria", senha="senha12345", repetida="senha12345")
    assert weak.status_code == 400
    assert "fácil de adivinhar" in weak.text
    made = await operator.post(path, nome="Maria", senha=PASSWORD, repetida=PASSWORD)
    assert "Estado" in made.text
    assert (await operator.get(path)).status_code == 410
    assert not app.first_access.file.exists()
    assert [each.name for each in app.operators.all("default")] == ["maria"]


async def test_nothing_but_the_entrance_is_shown_without_a_session(operator: Operator) -> None:
    for page in PAGES:
        answer = await operator.client.get(page.url)
        assert 'name="senha"' in answer.text, page.url
        assert "Histórico" not in answer.text
    posted = await operator.client.post(f"{ROOT}/testar", data={"documento": "1"})
    assert posted.status_code == 401


async def test_a_right_password_enters_and_the_cookie_is_well_kept(operator: Operator) -> None:
    await operator.get()
    answer = await operator.client.post(
        f"{ROOT}/entrar", data={"csrf": operator.hidden("csrf"), "nome": "Maria", "senha": PASSWORD}
    )
    assert answer.status_code == 303
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("sv_sessao="))
    for part in ("HttpOnly", "SameSite=strict", "Path=/configuracoes", "Max-Age="):
        assert part in cookie
    assert "Secure" not in cookie, "over plain http the browser would not send it back"


async def test_over_https_the_cookie_is_for_https_alone(operator: Operator) -> None:
    operator.client.headers["x-forwarded-proto"] = "https"
    await operator.get()
    answer = await operator.client.post(
        f"{ROOT}/entrar", data={"csrf": operator.hidden("csrf"), "nome": NAME, "senha": PASSWORD}
    )
    assert all("Secure" in each for each in answer.headers.get_list("set-cookie"))


async def test_wrong_name_and_wrong_password_are_answered_alike(operator: Operator) -> None:
    texts = []
    for name, password in ((NAME, "errada errada"), ("ninguem", PASSWORD)):
        answer = await operator.sign_in(name, password)
        assert answer.status_code == 401
        texts.append(answer.text.partition('role="alert"')[2].partition("</p>")[0])
    assert texts[0] == texts[1]


async def test_a_session_that_the_browser_brought_along_is_not_taken_over(operator: Operator, app: App) -> None:
    operator.client.cookies.set("sv_sessao", "attacker-chose-this", path=ROOT)
    await operator.sign_in()
    values = {cookie.value for cookie in operator.client.cookies.jar if cookie.name == "sv_sessao"}
    assert any(app.operator_sessions.find(value) for value in values if value)
    assert app.operator_sessions.find("attacker-chose-this") is None


async def test_guessing_is_slowed_down_even_with_the_right_password_at_last(
    operator: Operator, later: RunningClock
) -> None:
    for _ in range(TRIES):
        await operator.sign_in(password="errada errada")
    blocked = await operator.sign_in()
    assert "Muitas tentativas" in blocked.text
    later.ahead = timedelta(seconds=31)
    assert "Estado" in (await operator.sign_in()).text


async def test_failed_sign_ins_stand_in_the_trail_with_their_address(operator: Operator, app: App) -> None:
    await operator.sign_in(password="not hers")
    await operator.sign_in(name="a password typed as the name", password="x")
    await operator.sign_in(name=NAME.upper())
    assert [(entry.event, entry.who, entry.detail) for entry in audit_trail.recent(app.engine, "default")][:3] == [
        ("signed_in", NAME, None),
        ("sign_in_failed", "nome desconhecido", "127.0.0.1"),
        ("sign_in_failed", NAME, "127.0.0.1"),
    ]
    page = await operator.get("/historico")
    assert "errou a senha ao entrar" in page.text
    assert "127.0.0.1" in page.text


async def test_in_her_own_browser_an_operator_enters_whatever_strangers_try(operator: Operator, app: App) -> None:
    await operator.sign_in()
    await operator.post("/sair")
    for number in range(TRIES_FROM_ANYWHERE):
        app.throttle.admit(NAME, f"203.0.113.{number}")
        app.throttle.admit(NAME, "127.0.0.1")
    assert (await operator.sign_in()).status_code == 200
    stranger = Operator(local_client(operator.client.base_url))
    assert "Muitas tentativas" in (await stranger.sign_in()).text
    await stranger.client.aclose()


async def test_the_count_is_the_databases_not_the_processes(app: App, tmp_path: Path) -> None:
    for _ in range(TRIES):
        app.throttle.admit(NAME, "10.0.0.1")
    other = App(app.environment, home=tmp_path, now=app.now)
    assert other.throttle.admit("MARIA ", "10.0.0.1") > 0
    assert other.throttle.admit(NAME, "10.0.0.2") == 0, "the operator elsewhere is not kept out"


async def test_a_session_ends_by_age_and_by_idleness(operator: Operator, later: RunningClock) -> None:
    await operator.sign_in()
    later.ahead = IDLE + timedelta(seconds=5)
    assert "Sua sessão terminou" in (await operator.get("/fila")).text
    later.ahead = timedelta()
    await operator.sign_in()
    for step in range(1, 14):
        later.ahead = timedelta(hours=step)
        ended = "Sua sessão terminou" in (await operator.get("/fila")).text
        assert ended is (later.ahead >= LIFETIME)


async def test_a_copied_cookie_is_worth_nothing_after_signing_out(operator: Operator) -> None:
    await operator.sign_in()
    copied = operator.client.cookies.get("sv_sessao", path=ROOT)
    await operator.post("/sair")
    operator.client.cookies.set("sv_sessao", copied or "", path=ROOT)
    assert 'name="senha"' in (await operator.get("/fila")).text


async def test_signing_out_everywhere_ends_the_other_browser(operator: Operator) -> None:
    other = Operator(local_client(operator.client.base_url))
    await operator.sign_in()
    await other.sign_in()
    assert "Operadores" in (await other.get("/operadores")).text
    await operator.post("/sair", todos="1")
    assert 'name="senha"' in (await other.get("/operadores")).text
    await other.client.aclose()


@pytest.mark.parametrize("change", ["signature", "name", "whole"])
async def test_a_forged_cookie_is_no_session(operator: Operator, change: str) -> None:
    await operator.sign_in()
    good = operator.client.cookies.get("sv_sessao", path=ROOT) or ""
    signed = good[:-4] + ("A" if good[-4] != "A" else "B") + good[-3:]  # not the last: some of its bits mean nothing
    named = ("A" if good[0] != "A" else "B") + good[1:]
    bad = {"signature": signed, "name": named, "whole": "a.b"}[change]
    operator.client.cookies.clear()
    operator.client.cookies.set("sv_sessao", bad, path=ROOT)
    assert 'name="senha"' in (await operator.get("/fila")).text


async def test_the_page_to_return_to_is_one_of_ours(operator: Operator) -> None:
    for to in ("https://evil.example", "//evil.example", "/configuracoes/../../x", "/configuracoes/fila\r\nX: y"):
        await operator.get()
        answer = await operator.client.post(
            f"{ROOT}/entrar", data={"csrf": operator.hidden("csrf"), "nome": NAME, "senha": PASSWORD, "para": to}
        )
        assert answer.headers["location"] == ROOT
        assert "x" not in answer.headers
        operator.client.cookies.clear()


async def test_changing_the_password_ends_every_session(operator: Operator) -> None:
    await operator.sign_in()
    await operator.get("/operadores")
    wrong = await operator.post(
        "/operadores/senha", atual="errada", nova="outra senha boa 9", repetida="outra senha boa 9"
    )
    assert "não confere" in wrong.text
    await operator.post("/operadores/senha", atual=PASSWORD, nova="outra senha boa 9", repetida="outra senha boa 9")
    assert 'name="senha"' in (await operator.get("/fila")).text
    assert "Estado" in (await operator.sign_in(password="outra senha boa 9")).text
