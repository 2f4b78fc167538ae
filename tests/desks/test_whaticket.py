"""What only Whaticket has: tokens that end, cookies that renew them, editions, and queues by exact name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timezone

import httpx
import pytest
from desks.conftest import QUEUE
from support.alone import Alone, answer

from sandbox.whaticket import WhaticketSimulator
from segunda_via.desks.whaticket.adapter import Whaticket
from segunda_via.errors import ConfigurationError, TicketDeskError
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.tickets import Ticket, TicketEvent, TicketEventKind

NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)


def event(kind: TicketEventKind, ticket_id: str = "481", queue: str = QUEUE) -> TicketEvent:
    ticket = Ticket("default", ticket_id, "conversation", ticket_id)
    return TicketEvent(
        "0123456789abcdef", kind, ticket, NOON, queue=queue, reason="suspicious", summary="pediu a fatura"
    )


@pytest.fixture
def server(whaticket: WhaticketSimulator) -> WhaticketSimulator:
    whaticket.add_ticket(481)
    return whaticket


@pytest.fixture
def wire(server: WhaticketSimulator) -> Alone:
    return Alone(server)


@pytest.fixture
async def client(wire: Alone) -> AsyncIterator[httpx.AsyncClient]:
    async with wire.client() as client:
        yield client


@pytest.fixture
def sessions() -> ApiSessions:
    return ApiSessions()


@pytest.fixture
def desk(server: WhaticketSimulator, client: httpx.AsyncClient, sessions: ApiSessions) -> Whaticket:
    return Whaticket(server.credentials("http://localhost"), client, sessions=sessions)


async def test_one_sign_in_serves_everybody(
    server: WhaticketSimulator, client: httpx.AsyncClient, sessions: ApiSessions
) -> None:
    desks = [Whaticket(server.credentials("http://localhost"), client, sessions=sessions) for _ in range(8)]
    await asyncio.gather(*(desk.check() for desk in desks))
    assert server.calls["login"] == 1


async def test_an_expired_token_is_renewed_by_the_cookie_once(server: WhaticketSimulator, desk: Whaticket) -> None:
    await desk.check()
    server.end_tokens()
    await asyncio.gather(*(desk.check() for _ in range(8)))
    assert (server.calls["login"], server.calls["refresh"]) == (1, 1)


async def test_when_the_cookie_is_over_too_it_signs_in_again(server: WhaticketSimulator, desk: Whaticket) -> None:
    await desk.check()
    server.end_tokens()
    server.end_cookies()
    await desk.check()
    assert (server.calls["login"], server.calls["refresh"]) == (2, 1)


async def test_a_wrong_password_is_one_line_that_may_be_mended(
    server: WhaticketSimulator, client: httpx.AsyncClient, sessions: ApiSessions
) -> None:
    credentials = {**server.credentials("http://localhost"), "password": "segredo errado"}
    desk = Whaticket(credentials, client, sessions=sessions)
    with pytest.raises(TicketDeskError) as caught:
        await desk.check()
    assert str(caught.value) == "whaticket: sign-in: HTTP 401 (ERR_INVALID_CREDENTIALS)"
    assert caught.value.retryable


async def test_a_closed_ticket_is_not_closed_again(server: WhaticketSimulator, desk: Whaticket) -> None:
    """A second closing would send the farewell a second time."""
    await desk.finish(event(TicketEventKind.FINISHED))
    await desk.finish(event(TicketEventKind.FINISHED))
    assert (server.tickets[481].closings, server.calls["update"]) == (1, 1)


async def test_an_edition_without_notes_is_handed_over_all_the_same(
    server: WhaticketSimulator, desk: Whaticket
) -> None:
    server.has_notes = False
    await desk.hand_over(event(TicketEventKind.HANDED_OVER))
    assert (server.tickets[481].status, server.tickets[481].queue_id, server.tickets[481].user_id) == (
        "pending",
        2,
        None,
    )


async def test_a_ticket_that_cannot_be_reopened_is_not_tried_for_ever(
    server: WhaticketSimulator, desk: Whaticket
) -> None:
    server.tickets[481].status = "closed"
    server.add_ticket(482, contact=481)
    with pytest.raises(TicketDeskError, match="ERR_OTHER_OPEN_TICKET") as caught:
        await desk.reopen(event(TicketEventKind.REOPENED))
    assert not caught.value.retryable


@pytest.mark.parametrize(
    ("name", "shown", "difference"),
    [
        ("Segunda Via de Boleto ", "Segunda Via de Boleto␠", "espaço no fim"),
        (" Segunda Via de Boleto", "␠Segunda Via de Boleto", "espaço no começo"),
        ("Segunda  Via de Boleto", "Segunda␠␠Via de Boleto", "espaço duplo"),
        ("segunda via de boleto", "segunda via de boleto", "maiúsculas"),
        ("SEGUNDA VIA DE BOLETO", "SEGUNDA VIA DE BOLETO", "maiúsculas"),
        ("Segunda Via de Bóleto", "Segunda Via de Bóleto", "acento"),
        ("Segunda\u00a0Via de Boleto", "Segunda⍽Via de Boleto", "espaço que não é o comum"),
        ("Segunda Via de Boleto\u200b", "Segunda Via de Boleto∅", "espaço no fim"),
        ("segunda via de boleto ", "segunda via de boleto␠", "maiúsculas, espaço no fim"),
    ],
)
async def test_a_near_miss_is_shown_beside_the_name(
    server: WhaticketSimulator, desk: Whaticket, name: str, shown: str, difference: str
) -> None:
    server.queues[1]["name"] = name
    missing = await desk.missing(QUEUE)
    assert missing is not None
    assert missing.startswith(f"não há fila com o nome exato `Segunda Via de Boleto`, mas há `{shown}` ({difference}):")
    with pytest.raises(TicketDeskError, match="não há fila com o nome exato") as caught:
        await desk.transfer(event(TicketEventKind.TRANSFERRED))
    assert caught.value.retryable, "the operator renames it, and then the ticket goes there"
    assert server.tickets[481].queue_id is None


async def test_without_anything_alike_it_is_said_to_be_missing(server: WhaticketSimulator, desk: Whaticket) -> None:
    del server.queues[1]
    missing = await desk.missing(QUEUE)
    assert missing == "não há fila com o nome exato `Segunda Via de Boleto`"


async def test_the_queue_is_created_with_its_message_even_where_its_colour_is_taken(
    server: WhaticketSimulator, desk: Whaticket
) -> None:
    del server.queues[1]
    server.add_queue("Outra", color="#1F7A4D")
    await desk.create_queue(QUEUE, "Digite seu CPF ou CNPJ para localizar sua fatura.", "#1F7A4D")
    queue = server.queues[-1]
    assert (queue["name"], queue["color"]) == (QUEUE, "#1F7A4E")
    assert queue["greetingMessage"] == "Digite seu CPF ou CNPJ para localizar sua fatura."
    assert await desk.missing(QUEUE) is None


@pytest.mark.parametrize("body", ["<html>", "[]", {"id": 1}, {"status": 3}, ""])
async def test_an_answer_that_cannot_be_read_is_a_desk_error(wire: Alone, desk: Whaticket, body: object) -> None:
    wire.lie = answer("/tickets/", 200, body)
    with pytest.raises(TicketDeskError) as caught:
        await desk.finish(event(TicketEventKind.FINISHED))
    assert not caught.value.retryable


@pytest.mark.parametrize("ticket_id", ["../queue", "1?x=1", "", "número", "1/2"])
async def test_a_ticket_id_is_never_more_than_one_part_of_a_path(wire: Alone, desk: Whaticket, ticket_id: str) -> None:
    with pytest.raises(TicketDeskError):
        await desk.finish(event(TicketEventKind.FINISHED, ticket_id))
    assert wire.asked == []


async def test_plain_http_is_for_this_machine(client: httpx.AsyncClient, sessions: ApiSessions) -> None:
    with pytest.raises(ConfigurationError, match="allow_http"):
        Whaticket({"base_url": "http://desk.example.com", "email": "a", "password": "b"}, client, sessions=sessions)
