"""The turn channel over HTTP: who may ask, and what is answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from sanic import Sanic
from support.http import local_client

from segunda_via.rasa_plugin.channel.turn_channel import TurnChannel

SECRET = "the secret of the turns"
CALL = {"conversation_id": "ana", "message_id": "SM1", "text": "oi"}


class Processor:
    """Says what it is told, by every kind of message."""

    async def handle_message(self, message: UserMessage) -> None:
        assert message.output_channel is not None
        for said in (
            {"text": message.text},
            {"text": "Escolha", "buttons": [{"title": "Um", "payload": "/um"}], "utter_action": "utter_menu"},
            {"image": "https://bot/media/q"},
            {"attachment": "https://bot/media/p"},
            {"custom": {"a": 1}},
        ):
            await message.output_channel.send_response(message.sender_id, said)


class Broken(Processor):
    async def handle_message(self, message: UserMessage) -> None:
        raise ConnectionError("the database is gone, and this quotes 529.982.247-25")


@asynccontextmanager
async def serving(processor: Processor | None) -> AsyncIterator[httpx.AsyncClient]:
    Sanic.test_mode = True
    server = Sanic("turns")
    agent = SimpleNamespace(
        is_ready=lambda: processor is not None,
        processor=processor,
        tracker_store=InMemoryTrackerStore(Domain.empty()),
        lock_store=InMemoryLockStore(),
    )
    server.ctx.agent = agent

    async def unused(message: UserMessage) -> Any:
        raise AssertionError("a turn goes by the agent, under its lock")

    server.blueprint(TurnChannel(SECRET).blueprint(unused), url_prefix="/webhooks/segunda_via")
    running = await server.create_server(host="127.0.0.1", port=0, return_asyncio_server=True)
    assert running is not None
    await running.startup()
    address = f"http://127.0.0.1:{running.server.sockets[0].getsockname()[1]}"
    async with local_client(address, headers={"Authorization": f"Bearer {SECRET}"}) as client:
        yield client
    running.close()
    await running.wait_closed()


async def test_what_was_said_is_answered_in_order() -> None:
    async with serving(Processor()) as rasa:
        answer = await rasa.post("/webhooks/segunda_via/turn", json=CALL)
    assert answer.status_code == 200
    assert answer.json() == {
        "messages": [
            {"text": "oi"},
            {"text": "Escolha", "buttons": [{"title": "Um", "payload": "/um"}], "response": "utter_menu"},
            {"image": "https://bot/media/q"},
            {"attachment": "https://bot/media/p"},
            {"custom": {"a": 1}},
        ]
    }


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer another", SECRET, f"Basic {SECRET}"])
async def test_nobody_else_has_a_turn_run(authorization: str) -> None:
    async with serving(Processor()) as rasa:
        answer = await rasa.post("/webhooks/segunda_via/turn", json=CALL, headers={"Authorization": authorization})
    assert (answer.status_code, answer.json()) == (401, {"error": "unauthorized"})


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"a"', b'{"conversation_id": "ana"}', b"\xff"])
async def test_what_is_no_turn_is_refused(content: bytes) -> None:
    async with serving(Processor()) as rasa:
        answer = await rasa.post("/webhooks/segunda_via/turn", content=content)
    assert answer.status_code == 400


async def test_a_failure_is_told_without_what_it_says(caplog: pytest.LogCaptureFixture) -> None:
    for processor in (Broken(), None):
        async with serving(processor) as rasa:
            answer = await rasa.post("/webhooks/segunda_via/turn", json=CALL)
        assert (answer.status_code, answer.json()) == (503, {"error": "unavailable"})
    assert "529" not in caplog.text
    assert "ConnectionError" in caplog.text
