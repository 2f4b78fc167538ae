"""The turn channel over HTTP: who may ask, and what is answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import httpx
import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from support.http import local_client
from support.turn_server import turn_server

from segunda_via.app import App
from segunda_via.http.rasa_client import (
    LONGEST_TURN,
    LOOP_LAG,
    RasaClient,
    RasaUnavailable,
    Turn,
    TurnFailed,
    TurnRejected,
    new_client,
)
from segunda_via.settings.environment import Environment

SECRET = "the secret of the turns"
CALL = {"conversation_id": "ana", "message_id": "SM1", "text": "oi"}


class Processor:
    """Says what it is told, by every kind of message."""

    action_endpoint = None

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
    agent = SimpleNamespace(
        is_ready=lambda: processor is not None,
        processor=processor,
        tracker_store=InMemoryTrackerStore(Domain.empty()),
        lock_store=InMemoryLockStore(),
    )
    told = {"Authorization": f"Bearer {SECRET}"}
    async with (
        turn_server(App(Environment(turn_secret=SECRET)), agent) as url,
        local_client(url, headers=told) as client,
    ):
        yield client


async def test_rasa_tells_how_late_its_event_loop_is() -> None:
    async with serving(Processor()) as client:
        assert float((await client.post("/webhooks/segunda_via/turn", json=CALL)).headers[LOOP_LAG]) >= 0


@pytest.mark.parametrize(("told", "seconds"), [({LOOP_LAG: "0.750"}, 0.75), ({LOOP_LAG: "soon"}, 0.0), ({}, 0.0)])
async def test_what_rasa_told_of_its_event_loop_is_known(told: dict[str, str], seconds: float) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"messages": []}, headers=told)

    async with new_client(httpx.MockTransport(answer)) as http:
        rasa = RasaClient("http://rasa.internal:5005", SECRET, http)
        await rasa.run(Turn("bia", "SM2", "oi"), 1)
    assert rasa.loop_lag == seconds


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
    for processor, status, error in ((Broken(), 500, "TurnBroken"), (None, 503, "TurnUnavailable")):
        async with serving(processor) as rasa:
            answer = await rasa.post("/webhooks/segunda_via/turn", json=CALL)
        assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert "529" not in caplog.text
    assert "ConnectionError" in caplog.text


async def test_whether_a_model_is_loaded_is_told_to_who_may_ask() -> None:
    for processor, status in ((Processor(), 200), (None, 503)):
        async with serving(processor) as rasa:
            assert (await rasa.get("/webhooks/segunda_via/turn")).status_code == status
            stranger = await rasa.get("/webhooks/segunda_via/turn", headers={"Authorization": "Bearer another"})
            assert stranger.status_code == 401


TURN = Turn("ana", "SM1", text="oi", entities=[{"entity": "cpf", "value": "1"}], metadata={"outbox": True})


async def test_the_public_server_is_told_what_was_said() -> None:
    async with serving(Processor()) as rasa, new_client() as http:
        client = RasaClient(str(rasa.base_url), SECRET, http)
        said = await client.run(TURN, 1)
        assert [set(message) for message in said][:3] == [{"text"}, {"text", "buttons", "response"}, {"image"}]
        assert await client.status() is None


async def test_what_fails_is_told_apart(caplog: pytest.LogCaptureFixture) -> None:
    """What is tried for as long as it takes, what a few times, and what never again."""
    async with new_client() as http:
        with pytest.raises(RasaUnavailable, match="ConnectError"):
            await RasaClient("http://127.0.0.1:9", SECRET, http).run(TURN, 1)
        assert "unreachable" in str(await RasaClient("http://127.0.0.1:9", SECRET, http).status())
        async with serving(None) as rasa:
            with pytest.raises(RasaUnavailable, match="503"):
                await RasaClient(str(rasa.base_url), SECRET, http).run(TURN, 1)
            assert await RasaClient(str(rasa.base_url), SECRET, http).status() == "no model is loaded"
        async with serving(Broken()) as rasa:
            with pytest.raises(TurnFailed, match="500"):
                await RasaClient(str(rasa.base_url), SECRET, http).run(TURN, 1)
            with pytest.raises(TurnRejected, match="400"):
                await RasaClient(str(rasa.base_url), SECRET, http).run(Turn("ana", ""), 1)
            with pytest.raises(RasaUnavailable, match="secret"):
                await RasaClient(str(rasa.base_url), "another", http).run(TURN, 1)
            assert "SEGUNDA_VIA_TURN_SECRET" in caplog.text
            with pytest.raises(RasaUnavailable, match="no turn channel"):
                await RasaClient(f"{rasa.base_url}/elsewhere", SECRET, http).run(TURN, 1)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("answer", [b"", b"{}", b"[]", b'{"messages": "oi"}', b'{"messages": ["oi"]}', b"<html>"])
async def test_an_answer_that_is_none_is_no_turn(answer: bytes) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=answer))
    async with new_client(transport) as http:
        with pytest.raises(RasaUnavailable, match="none of Rasa's"):
            await RasaClient("http://rasa", SECRET, http).run(TURN, 1)


async def test_rasa_that_never_answers_is_not_waited_for_without_end() -> None:
    def never(request: httpx.Request) -> httpx.Response:
        told = request.extensions["timeout"]
        assert LONGEST_TURN < told["read"] <= LONGEST_TURN + 10
        raise httpx.ReadTimeout("slow")

    async with new_client(httpx.MockTransport(never)) as http:
        with pytest.raises(RasaUnavailable, match="ReadTimeout"):
            await RasaClient("http://rasa", SECRET, http).run(TURN, 1)
