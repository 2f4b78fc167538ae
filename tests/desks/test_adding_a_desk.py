"""The page on adding a desk is followed: it speaks of files that exist, quotes the example, and the example works."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import httpx
import pytest
from desks.example_desk import PRODUCT, ExampleDesk, ExampleDeskSimulator

from segunda_via.desks.registry import DESKS
from segunda_via.errors import TicketDeskError
from segunda_via.http.api_sessions import ApiSessions, MemorySessionStore
from segunda_via.http.client import new_client
from segunda_via.tickets.ticket import QUEUE, KeepsQueues, Ticket, TicketDesk, TicketEvent, TicketEventKind
from segunda_via.web.pages import trail

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-a-desk.md").read_text("utf-8")
EXAMPLE = (ROOT / "tests" / "desks" / "example_desk.py").read_text("utf-8")
TICKET = Ticket("default", "481", "whatsapp:+14155238886:whatsapp:+5547999990001", "481")


def event(kind: TicketEventKind, ticket: Ticket = TICKET, queue: str = QUEUE) -> TicketEvent:
    now = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
    return TicketEvent(f"{kind.value}-0001", kind, ticket, now, queue, reason="line_amount", summary="pediu o boleto")


@dataclass
class Kit:
    simulator: ExampleDeskSimulator
    client: httpx.AsyncClient

    def desk(self, token: str | None = None) -> ExampleDesk:
        credentials = self.simulator.credentials("https://desk.example.com")
        sessions = ApiSessions(MemorySessionStore())
        return ExampleDesk({**credentials, "token": token or credentials["token"]}, self.client, sessions=sessions)

    @property
    def ticket(self) -> dict[str, object]:
        return self.simulator.tickets["481"]


@pytest.fixture
async def kit() -> AsyncIterator[Kit]:
    simulator = ExampleDeskSimulator()
    async with new_client(transport=httpx.ASGITransport(simulator.app)) as client:
        yield Kit(simulator, client)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([\w/]+/[\w/]+\.py)`", PAGE))))
def test_every_file_that_it_names_exists(path: str) -> None:
    assert (ROOT / path).is_file()


@pytest.mark.parametrize("excerpt", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
def test_every_excerpt_is_the_examples(excerpt: str) -> None:
    assert excerpt in EXAMPLE


@pytest.mark.parametrize("port", [TicketDesk, KeepsQueues])
def test_it_names_everything_that_an_adapter_has(port: type) -> None:
    methods = [name for name, value in vars(port).items() if callable(value) and not name.startswith("_")]
    assert methods
    for name in methods:
        assert f"`{name}`" in PAGE
        assert callable(getattr(ExampleDesk, name))


def test_its_fields_have_names_for_operators() -> None:
    for field in PRODUCT.fields:
        assert field.name in trail.FIELDS or field.name in trail.AS_IT_IS
    assert PRODUCT.adapter.endswith(f":{ExampleDesk.__name__}")
    assert not PRODUCT.opens({})
    assert PRODUCT.label not in {product.label for product in DESKS.values()}


async def test_each_event_has_its_effect_once_however_often_it_is_told(kit: Kit) -> None:
    kit.simulator.queues.append(QUEUE)
    for method, kind, status in (
        (kit.desk().transfer, TicketEventKind.TRANSFERRED, "waiting"),
        (kit.desk().hand_over, TicketEventKind.HANDED_OVER, "waiting"),
        (kit.desk().finish, TicketEventKind.FINISHED, "closed"),
        (kit.desk().reopen, TicketEventKind.REOPENED, "open"),
    ):
        await method(event(kind))
        changes = kit.simulator.changes
        await method(event(kind))
        assert (kit.ticket["status"], kit.simulator.changes) == (status, changes), kind
    (note,) = kit.ticket["notes"]  # type: ignore[misc]
    assert "pediu o boleto" in note
    assert kit.ticket["queue"] == QUEUE


async def test_a_queue_that_only_looks_like_it_is_told_apart_and_can_be_mended(kit: Kit) -> None:
    kit.simulator.queues.append("segunda via de boleto ")
    with pytest.raises(TicketDeskError, match="espaço no fim") as caught:
        await kit.desk().transfer(event(TicketEventKind.TRANSFERRED))
    assert caught.value.retryable
    assert await kit.desk().near_misses(QUEUE) == ["segunda via de boleto "]
    assert await kit.desk().missing(QUEUE)
    await kit.desk().create_queue(QUEUE, "Digite seu CPF ou CNPJ", "#1F7A4D")
    assert await kit.desk().missing(QUEUE) is None


async def test_what_the_desk_refuses_is_one_error_that_says_whether_to_tell_it_again(kit: Kit) -> None:
    await kit.desk().check()
    with pytest.raises(TicketDeskError) as caught:
        await kit.desk("another token").check()
    assert (caught.value.retryable, caught.value.rejected) == (True, True)
    for desk_id in ("999", "../queues"):
        with pytest.raises(TicketDeskError) as caught:
            await kit.desk().finish(event(TicketEventKind.FINISHED, Ticket("default", "x", "y", desk_id)))
        assert not caught.value.retryable
