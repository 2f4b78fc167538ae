"""Bodies that are too long or too slow, and addresses that ask too much."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from segunda_via.server.request_limits import (
    ASKED_AT_ONCE,
    ASKED_PER_SECOND,
    LARGEST,
    REFUSED_AT_ONCE,
    REFUSED_PER_SECOND,
    Budgets,
    RequestLimits,
)

VISITOR, PROXY = "203.0.113.7", "10.0.0.2"
TOO_OFTEN = int(REFUSED_AT_ONCE) + 2


class Clock:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


async def inner(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body, and answers with its length, or refuses whom the path tells."""
    length, more = 0, True
    while more:
        message = await receive()
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    status = 403 if scope["path"].endswith("/forged") else 200
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


def client(peer: str = VISITOR, **options: Any) -> httpx.AsyncClient:
    limits = options.pop("limits", None) or RequestLimits(inner, **options)
    transport = httpx.ASGITransport(limits, client=(peer, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://bot.example.com")


async def in_parts(length: int) -> AsyncIterator[bytes]:
    for begin in range(0, length, 1000):
        yield b"x" * min(1000, length - begin)


@pytest.mark.parametrize(("prefix", "most"), [*LARGEST, ("/media/", 0), ("/", 0), ("/metrics", 0)])
async def test_a_body_is_as_long_as_its_route_allows(prefix: str, most: int) -> None:
    async with client() as visitor:
        for chunked in (False, True):
            for length, status in ((most, 200), (most + 1, 413)):
                content = in_parts(length) if chunked else b"x" * length
                answered = await visitor.post(prefix, content=content)
                assert answered.status_code == status
                assert answered.text == (str(length) if status == 200 else "too large\n")
                assert status == 200 or answered.headers["connection"] == "close"


async def test_a_long_body_is_refused_before_any_of_it_is_read() -> None:
    answers: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        answers.append(message)

    scope = {
        "type": "http",
        "path": "/webhooks/whatsapp/webhook",
        "scheme": "http",
        "client": (VISITOR, 1),
        "headers": [(b"content-length", b"95000000")],
        "method": "POST",
    }
    await RequestLimits(inner)(scope, receive, send)
    assert answers[0]["status"] == 413


async def test_a_body_that_does_not_arrive_is_given_up() -> None:
    async def for_ever() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    async with client(seconds=0.05) as visitor:
        answered = await visitor.post("/webhooks/whatsapp/webhook", content=for_ever())
    assert answered.status_code == 408


async def test_who_is_refused_again_and_again_is_asked_to_wait() -> None:
    clock = Clock()
    limits = RequestLimits(inner, clock=clock)
    async with client(limits=limits) as visitor, client("203.0.113.8", limits=limits) as other:
        refused = [(await visitor.post("/webhooks/forged")).status_code for _ in range(TOO_OFTEN)]
        assert refused[:10] == [403] * 10
        assert refused[-1] == 429
        assert (await other.post("/webhooks/whatsapp/webhook")).status_code == 200, "another address has its own"
        clock.seconds += 1 / REFUSED_PER_SECOND + 0.01
        assert (await visitor.post("/webhooks/forged")).status_code == 403


async def test_what_an_address_may_ask_is_bounded_too() -> None:
    clock = Clock()
    async with client(clock=clock) as visitor:
        answered = [(await visitor.get("/")).status_code for _ in range(int(ASKED_AT_ONCE) + 1)]
        assert (answered[-2], answered[-1]) == (200, 429)
        clock.seconds += 1 / ASKED_PER_SECOND + 0.01
        assert (await visitor.get("/")).status_code == 200


async def test_twilio_calls_as_often_as_it_has_to() -> None:
    async with client(clock=Clock()) as twilio:
        answered = [(await twilio.post("/webhooks/whatsapp/status")).status_code for _ in range(1000)]
    assert set(answered) == {200}


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [
        (PROXY, (ipaddress.ip_network("10.0.0.0/8"),)),
        (PROXY, ()),  # one that nobody declared
        ("127.0.0.1", ()),
    ],
)
async def test_behind_a_proxy_one_visitor_does_not_close_it_for_all(peer: str, trusted: tuple[Any, ...]) -> None:
    async with client(peer, trusted=trusted, clock=Clock()) as visitors:
        for number in range(TOO_OFTEN):  # what stands left of the proxy's own entry is the visitor's invention
            told = {"x-forwarded-for": f"192.0.2.{number}, {VISITOR}"}
            last = await visitors.post("/webhooks/forged", headers=told)
        other = await visitors.post("/webhooks/whatsapp/webhook", headers={"x-forwarded-for": "203.0.113.8"})
    assert (last.status_code, other.status_code) == (429, 200)


def test_only_so_many_addresses_are_remembered() -> None:
    budgets = Budgets(1, 1, Clock(), remembered=2)
    for address in ("a", "b", "c", "a"):
        budgets.charge(address)
    assert [budgets.left(address) for address in ("a", "c", "b")] == [0, 0, 1]
