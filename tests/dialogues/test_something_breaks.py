"""Failure is never silence: whatever breaks at whatever step, the customer hears of it in the same turn.

Rasa calls the action server over aiohttp; `aioresponses` stands in for the network, so that what Rasa really does with
a refused connection, a 500 and a time-out is what is tested.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aioresponses import CallbackResult, aioresponses
from rasa.core.agent import Agent
from rasa.utils.endpoints import EndpointConfig
from support.conversations import (
    DELIVERED,
    QUESTION,
    TODAY,
    Conversation,
    InProcessActionServer,
    ScriptedDelivery,
    application,
)

from segunda_via.boletos.outcome import Outcome

URL = "http://localhost:5055/webhook"
ERROR = "utter_segunda_via_error"
KINDS = ["down", "500", "slow"]


@dataclass
class Network:
    """What stands between Rasa and the action server. `broken` holds the actions whose calls fail, None for all."""

    server: InProcessActionServer
    kind: str = "down"
    broken: set[str] | None = field(default_factory=set)
    spared: int = 0
    """How many calls to a broken action still succeed."""

    async def answer(self, url: Any, **request: Any) -> CallbackResult:
        call = request["json"]
        if self.broken is None or call["next_action"] in self.broken:
            if self.spared == 0:
                return self._fail(call)
            self.spared -= 1
        return CallbackResult(payload=await self.server.answer(call))

    def _fail(self, call: dict[str, Any]) -> CallbackResult:
        if self.kind == "down":
            raise aiohttp.ClientConnectionError("refused")
        if self.kind == "slow":  # what aiohttp raises when Rasa's own limit is reached
            raise asyncio.TimeoutError
        return CallbackResult(status=500, body=json.dumps({"error": "broken", "request_body": call}))

    def breaks(self, *actions: str, kind: str = "500", spared: int = 0) -> None:
        self.broken, self.kind, self.spared = set(actions), kind, spared

    def mends(self) -> None:
        self.broken = set()


@pytest.fixture(scope="module")
def agent_over_http(model: Path) -> Agent:
    return Agent.load(model, action_endpoint=EndpointConfig(URL))


@pytest.fixture
def network(action_server: InProcessActionServer) -> Iterator[Network]:
    network = Network(action_server)
    with aioresponses() as http:
        http.post(URL, callback=network.answer, repeat=True)
        yield network


@pytest.fixture
def talk(
    agent_over_http: Agent, network: Network, delivery: ScriptedDelivery, tmp_path: Path
) -> Iterator[Conversation]:
    with application(tmp_path, TODAY) as app:
        app.__dict__["deliver"] = delivery
        yield Conversation(agent_over_http, app, delivery)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_action_server_is_away_from_the_first_word(talk: Conversation, network: Network, kind: str) -> None:
    network.kind, network.broken = kind, None
    assert (await talk.says("boleto")).said == [ERROR]
    assert (await talk.says("529.982.247-25")).said == [ERROR]
    assert (await talk.says("quero falar com um atendente")).said == [ERROR]
    assert (await talk.says("quero cancelar meu plano")).said == ["utter_segunda_via_other_matter", ERROR]
    assert (await talk.says("oi")).said == [ERROR]
    assert (await talk.says("obrigado")).said == ["utter_segunda_via_you_are_welcome"]
    assert talk.tickets() == []
    network.mends()
    assert (await talk.says("boleto 529.982.247-25")).said == [DELIVERED]
    assert talk.ticket() == ("finished", "overdue")


@pytest.mark.parametrize("kind", KINDS)
async def test_it_goes_away_while_the_document_is_asked_for(talk: Conversation, network: Network, kind: str) -> None:
    await talk.says("boleto")
    network.kind, network.broken = kind, None
    assert (await talk.says("meu cpf é 529.982.247-25")).said == [ERROR]
    assert await talk.slots() == {}
    assert (await talk.says("ajuda")).said == [ERROR]
    assert (await talk.says("quero falar com um atendente")).said == [ERROR]
    assert talk.ticket() == ("open", None)
    network.mends()
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]
    assert talk.ticket() == ("finished", "overdue")


@pytest.mark.parametrize("kind", KINDS)
async def test_the_ticket_cannot_be_opened(talk: Conversation, network: Network, kind: str) -> None:
    network.breaks("action_open_ticket", kind=kind)
    assert (await talk.says("boleto 529.982.247-25")).said == [ERROR]
    assert talk.tickets() == []
    assert talk.delivery.asked == []
    assert await talk.slots() == {}


@pytest.mark.parametrize("kind", KINDS)
async def test_the_form_cannot_begin(talk: Conversation, network: Network, kind: str) -> None:
    network.breaks("validate_segunda_via_form", kind=kind)
    assert (await talk.says("boleto do cpf 529.982.247-25")).said == [ERROR]
    assert await talk.slots() == {}
    assert talk.delivery.asked == []
    network.mends()
    assert (await talk.says("boleto")).said == [QUESTION]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_form_cannot_come_back_after_an_interruption(talk: Conversation, network: Network, kind: str) -> None:
    await talk.says("boleto")
    network.breaks("validate_segunda_via_form", kind=kind, spared=1)
    assert (await talk.says("ajuda")).said == ["utter_segunda_via_help_document", ERROR]
    network.mends()
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_delivery_fails_and_nothing_is_finished(talk: Conversation, network: Network, kind: str) -> None:
    network.breaks("action_send_boleto", kind=kind)
    assert (await talk.says("boleto 529.982.247-25")).said == [ERROR]
    assert talk.ticket() == ("open", None)
    network.mends()
    assert (await talk.says("boleto")).said == [QUESTION], "the document of before is not used silently"
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]
    assert talk.ticket() == ("finished", "overdue")


@pytest.mark.parametrize("kind", KINDS)
async def test_the_second_delivery_fails_after_the_first_found_nothing(
    talk: Conversation, network: Network, kind: str
) -> None:
    talk.delivery.endings = [Outcome.NOTHING_TO_SEND, Outcome.OVERDUE]
    await talk.says("boleto 529.982.247-25")
    network.breaks("action_send_boleto", kind=kind)
    assert (await talk.says("11.222.333/0001-81")).said == [ERROR]
    assert talk.ticket() == ("open", None)
    network.mends()
    assert (await talk.says("11.222.333/0001-81")).said == [DELIVERED]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_delivered_is_followed_by_no_apology(talk: Conversation, network: Network, kind: str) -> None:
    network.breaks("action_finish_ticket", kind=kind)
    assert (await talk.says("boleto 529.982.247-25")).said == [DELIVERED]
    assert talk.ticket() == ("open", None), "nothing is finished that was not"
    assert (await talk.says("obrigado")).said == ["utter_segunda_via_you_are_welcome"]
    network.mends()
    assert (await talk.says("boleto")).said == [QUESTION]
    await talk.says("529.982.247-25")
    assert talk.ticket() == ("finished", "overdue")


@pytest.mark.parametrize("kind", KINDS)
async def test_the_hand_over_fails(talk: Conversation, network: Network, kind: str) -> None:
    talk.delivery.endings = [Outcome.SUSPICIOUS, Outcome.OVERDUE]
    network.breaks("action_hand_over_ticket", kind=kind)
    turn = await talk.says("boleto 529.982.247-25")
    assert "conferidos" in turn.messages[0]["text"]
    assert turn.said[1:] == [ERROR]
    assert talk.ticket() == ("open", None)
    network.mends()
    assert (await talk.says("quero falar com um atendente")).said == ["utter_segunda_via_hand_over"]
    assert talk.tickets()[0].status == "handed_over"


class Broken:
    """Breaks whatever is asked of it."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("broken")

    async def __call__(self, *args: Any) -> Any:
        raise RuntimeError("broken")


async def test_a_bug_in_the_delivery_is_one_apology(talk: Conversation) -> None:
    talk.app.__dict__["deliver"] = Broken()
    assert (await talk.says("boleto 529.982.247-25")).said == [ERROR]
    assert talk.ticket() == ("handed_over", "error")
    assert not await talk.is_asked()
    talk.app.__dict__["deliver"] = talk.delivery
    assert (await talk.says("boleto")).said == [QUESTION]
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]


async def test_a_broken_journal_does_not_keep_a_customer_from_paying(talk: Conversation) -> None:
    talk.app.__dict__["tickets"] = Broken()
    assert (await talk.says("boleto 529.982.247-25")).said == [DELIVERED]
    assert talk.tickets() == []
    assert (await talk.says("quero falar com um atendente")).said == [ERROR]


async def test_a_bug_while_finishing_leaves_the_delivery_as_it_was_said(talk: Conversation) -> None:
    await talk.says("boleto")
    tickets = talk.app.tickets
    talk.app.__dict__["tickets"] = Broken()
    assert (await talk.says("529.982.247-25")).said == [DELIVERED]
    talk.app.__dict__["tickets"] = tickets
    assert talk.ticket() == ("open", None)
    assert (await talk.says("obrigado")).said == ["utter_segunda_via_you_are_welcome"]


async def test_a_bug_while_reading_the_document_ends_the_form(talk: Conversation, network: Network) -> None:
    await talk.says("boleto")
    validate = network.server.executor.actions["validate_segunda_via_form"]
    action = validate.__self__
    action.serve = Broken()
    try:
        assert (await talk.says("529.982.247-25")).said == [ERROR]
        assert not await talk.is_asked()
        assert (await talk.says("boleto")).said == [ERROR]
    finally:
        del action.serve
    assert (await talk.says("boleto 529.982.247-25")).said == [DELIVERED]
