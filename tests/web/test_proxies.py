"""Behind a reverse proxy: whom the throttle counts, and what a stranger can make it believe."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from web.conftest import OpenBrowser
from web.operator import NAME, PASSWORD, ROOT, Operator, new_app

from segunda_via.operators.throttle import TRIES
from segunda_via.web import proxies

TRUSTED = [ipaddress.ip_network(each) for each in ("10.0.0.0/8", "127.0.0.1/32", "fd00::/8")]
WRONG = "errada errada"
Entered = Callable[[str], Coroutine[Any, Any, Operator]]


@pytest.mark.parametrize(
    ("peer", "lines", "visitor"),
    [
        ("198.51.100.1", [], "198.51.100.1"),
        ("198.51.100.1", ["203.0.113.7"], "198.51.100.1"),  # not one of our proxies: it may write what it likes
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.7"], "203.0.113.7"),  # the left one is the visitor's own invention
        ("10.0.0.1", ["10.9.9.9, 203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["6.6.6.6", "203.0.113.7"], "203.0.113.7"),  # several lines are one list
        ("10.0.0.1", ["203.0.113.7, 10.0.0.2, 10.0.0.3"], "203.0.113.7"),
        ("10.0.0.1", ["10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["203.0.113.7:51234"], "203.0.113.7"),
        ("10.0.0.1", ["[2001:db8::7]:51234"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["::ffff:203.0.113.7"], "203.0.113.7"),
        ("fd00::1", ["2001:db8::7"], "2001:db8::7"),
        ("10.0.0.1", ["203.0.113.7, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.7, "], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.7; drop table"], "10.0.0.1"),
    ],
)
def test_the_visitor_is_the_first_from_the_right_who_is_no_proxy_of_ours(
    peer: str, lines: list[str], visitor: str
) -> None:
    assert proxies.visitor(peer, lines, TRUSTED) == visitor


@pytest.fixture
def entered(tmp_path: Path, open_browser: OpenBrowser) -> Entered:
    """An operator's browser, in front of a server that trusts those proxies."""

    async def enter(trusted: str) -> Operator:
        app = new_app(tmp_path, SEGUNDA_VIA_TRUSTED_PROXIES=trusted)
        app.operators.add("default", NAME, PASSWORD, by="test")
        return await open_browser(app)

    return enter


async def guess(operator: Operator, forwarded_for: str, password: str = WRONG) -> str:
    operator.client.headers["x-forwarded-for"] = forwarded_for
    return (await operator.sign_in(password=password)).text


async def test_by_default_another_address_in_the_header_is_no_new_start(entered: Entered) -> None:
    operator = await entered("")
    for number in range(TRIES):
        await guess(operator, f"203.0.113.{number}")
    assert "Muitas tentativas" in await guess(operator, "203.0.113.99", PASSWORD)


async def test_behind_a_trusted_proxy_each_visitor_is_counted_apart(entered: Entered) -> None:
    operator = await entered("127.0.0.0/8")
    for _ in range(TRIES):
        await guess(operator, "203.0.113.7")
    assert "Muitas tentativas" in await guess(operator, "203.0.113.7", PASSWORD)
    assert "Estado" in await guess(operator, "203.0.113.8", PASSWORD), "the operator at another address is let in"


async def test_behind_a_trusted_proxy_what_the_visitor_invents_is_no_new_start(entered: Entered) -> None:
    operator = await entered("127.0.0.1")
    for number in range(TRIES):
        await guess(operator, f"6.6.6.{number}, 203.0.113.7")
    assert "Muitas tentativas" in await guess(operator, "6.6.6.99, 203.0.113.7", PASSWORD)


async def test_a_trusted_proxy_says_that_the_page_is_encrypted_and_where(entered: Entered) -> None:
    operator = await entered("127.0.0.1")
    told = {"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https", "x-forwarded-host": "bot.example.com"}
    operator.client.headers.update({**told, "origin": "https://bot.example.com"})
    await operator.get()
    form = {"csrf": operator.hidden("csrf"), "nome": NAME, "senha": PASSWORD}
    entered_now = await operator.client.post(f"{ROOT}/entrar", data=form)
    assert all("Secure" in each for each in entered_now.headers.get_list("set-cookie"))
    page = (await operator.client.get(ROOT, cookies=entered_now.cookies)).text
    assert "sem criptografia" not in page
    assert "proxy que este servidor não conhece" not in page
    operator.client.headers["origin"] = "https://evil.example"
    assert (await operator.client.post(f"{ROOT}/entrar", data=form)).status_code == 401


async def test_nobody_else_moves_the_page_to_another_host(entered: Entered) -> None:
    operator = await entered("")
    await operator.get()
    told = {"x-forwarded-host": "evil.example", "origin": "https://evil.example"}
    form = {"csrf": operator.hidden("csrf"), "nome": NAME, "senha": PASSWORD}
    answer = await operator.client.post(f"{ROOT}/entrar", data=form, headers=told)
    assert answer.status_code == 401


async def test_an_operator_behind_an_unknown_proxy_is_told_what_to_do(entered: Entered) -> None:
    operator = await entered("")
    assert "SEGUNDA_VIA_TRUSTED_PROXIES" not in (await operator.sign_in()).text
    operator.client.headers["x-forwarded-for"] = "203.0.113.7"
    assert "SEGUNDA_VIA_TRUSTED_PROXIES" in (await operator.get("/fila")).text
