"""Every outcome at every desk: what the customer reads, what the desk is told, and what the journal shows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from desks.conftest import QUEUE, SECRET, telling, until
from rasa.core.agent import Agent
from support.conversations import COMPANY, DELIVERED, TODAY, Conversation, ScriptedDelivery, application
from support.jobs import nothing_waits
from support.receiver import Receiver, receiving

from sandbox.chatwoot import ChatwootSimulator
from sandbox.server import RunningSandbox
from sandbox.whaticket import WhaticketSimulator
from segunda_via.boletos.outcome import Outcome
from segunda_via.metrics import display_names

HERE = "utter_segunda_via_hand_over_here"
NOTHING_FOUND = "Não encontrei fatura em aberto para esse documento."
UNAVAILABLE = "Desculpe, não consegui consultar sua fatura agora."
READS = {
    Outcome.UNPAYABLE: "Encontrei sua fatura, mas o banco ainda está registrando o boleto. "
    "Uma pessoa vai enviá-lo a você.",
    Outcome.NOTHING_TO_SEND: NOTHING_FOUND,
    Outcome.INVALID_DOCUMENT: "utter_segunda_via_invalid_check_digits",
    Outcome.SUSPICIOUS: "Encontrei sua fatura, mas os dados de pagamento precisam ser conferidos. "
    "Uma pessoa vai enviá-los a você.",
    Outcome.GATEWAY_UNAVAILABLE: UNAVAILABLE,
    Outcome.NOT_CONFIGURED: UNAVAILABLE,
    Outcome.TOKEN_REJECTED: UNAVAILABLE,
    Outcome.TOO_MANY_TRIES: "🔒 Por segurança, há um limite de consultas por dia, e ele já foi atingido: "
    "hoje não consigo consultar esse documento.\nTente amanhã ou fale com uma pessoa.",
}
WRONG = ("quero meu boleto", "529.982.247-26", "529.982.247-27", "529.982.247-28")
TWICE = ("boleto 529.982.247-25", "11.222.333/0001-81")
MESSAGES = {Outcome.INVALID_DOCUMENT: WRONG, Outcome.NOTHING_TO_SEND: TWICE}


@dataclass
class AtDesk:
    """A customer whose conversation that desk carries, as its ticket 481."""

    desk: str
    talk: Conversation
    whaticket: WhaticketSimulator
    chatwoot: ChatwootSimulator
    receiver: Receiver

    def closed(self) -> int:
        return {
            "whaticket": self.whaticket.tickets[481].closings,
            "chatwoot": self.chatwoot.conversations[481].resolutions,
            "webhook": [event["event"] for event in self.receiver.events].count("ticket.finished"),
            "journal": [entry.status for entry in self.talk.tickets()].count("finished"),
        }[self.desk]

    def with_people(self) -> str | None:
        """The words for the agent; None when the ticket is with nobody."""
        if self.desk == "whaticket":
            ticket = self.whaticket.tickets[481]
            waits = (ticket.status, ticket.queue_id, ticket.user_id) == ("pending", 2, None)
            return ticket.notes[-1] if waits and ticket.notes else None
        if self.desk == "chatwoot":
            conversation = self.chatwoot.conversations[481]
            waits = (conversation.status, conversation.team_id) == ("open", 2)
            return str(conversation.messages[-1]["content"]) if waits and conversation.messages else None
        if self.desk == "webhook":
            handed = [event for event in self.receiver.events if event["event"] == "ticket.handed_over"]
            return f"{handed[-1]['summary']} {handed[-1]['reason']}" if handed else None
        entry = self.talk.tickets()[0]
        return f"{entry.summary} {entry.reason}" if entry.status == "handed_over" else None


@pytest.fixture(params=["journal", "whaticket", "chatwoot", "webhook"])
async def at_desk(request: pytest.FixtureRequest, agent: Agent, tmp_path: Path) -> AsyncIterator[AtDesk]:
    whaticket, chatwoot = WhaticketSimulator(), ChatwootSimulator()
    whaticket.add_queue(QUEUE)
    whaticket.add_ticket(481)
    chatwoot.add_team(QUEUE)
    chatwoot.add_conversation(481)
    desk, delivery = request.param, ScriptedDelivery()
    with RunningSandbox(desks=(whaticket, chatwoot)) as sandbox, receiving() as receiver:
        credentials = {
            "journal": {},
            "webhook": {"base_url": receiver.url, "secret": SECRET},
            **sandbox.sandbox.desk_credentials(sandbox.base_url),
        }[desk]
        environ = {
            "SEGUNDA_VIA_TICKET_DESK": desk,
            "SEGUNDA_VIA_TICKET_DESK_CREDENTIALS": json.dumps(credentials),
        }
        with application(tmp_path, TODAY, **environ) as app:
            app.__dict__["deliver"] = delivery
            yield AtDesk(desk, Conversation(agent, app, delivery), whaticket, chatwoot, receiver)
            await app.close()


@pytest.mark.slow
@pytest.mark.parametrize("outcome", list(Outcome), ids=lambda outcome: outcome.value)
async def test_an_outcome_is_one_story_to_customer_desk_and_journal(at_desk: AtDesk, outcome: Outcome) -> None:
    talk, app = at_desk.talk, at_desk.talk.app
    talk.delivery.endings = [outcome]
    for message in MESSAGES.get(outcome, ("boleto 529.982.247-25",)):
        turn = await talk.says(message, ticket_id="481")
    async with telling(app):
        await until(lambda: nothing_waits(app.engine, "desk"))
    (entry,) = talk.tickets()
    assert (entry.ticket.id, entry.queue, entry.outcome) == ("481", QUEUE, outcome.value)
    if outcome.is_delivered:
        assert turn.said == [DELIVERED]
        assert (entry.status, at_desk.closed(), at_desk.with_people()) == ("finished", 1, None)
        assert not app.human_takeover.is_silenced(COMPANY, talk.sender)
    else:
        assert turn.said == [READS[outcome], HERE]
        assert (entry.status, at_desk.closed()) == ("handed_over", 0)
        told = at_desk.with_people() or ""
        assert "Pediu: segunda via do boleto." in told
        people_read_it = at_desk.desk in {"whaticket", "chatwoot"}
        assert (display_names.reason(outcome.value) if people_read_it else outcome.value) in told
        assert "52998224725" not in told.replace(".", "").replace("-", "")
        assert app.human_takeover.is_silenced(COMPANY, talk.sender), "the desk carries it: people answer now"
