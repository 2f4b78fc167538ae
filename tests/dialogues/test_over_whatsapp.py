"""From the inbox to the outbox, with Rasa as it is loaded behind its turn channel, over HTTP."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from support.conversations import COMPANY, CPF, Conversation
from support.turn_server import turn_server

from segunda_via.conversation import domain_file
from segunda_via.http.rasa_client import RasaClient
from segunda_via.job_queue.job import Job
from segunda_via.job_queue.worker import Ended
from segunda_via.rasa_plugin.channel.turn_channel import TurnChannel
from segunda_via.server import inbox
from segunda_via.server.admission import Admission
from segunda_via.whatsapp.inbound import Inbound
from segunda_via.whatsapp.sent_messages import messages_of

NUMBER = "whatsapp:+14155238886"
QUESTION = "Digite seu CPF ou CNPJ para localizar sua fatura."


class Customer:
    """What they write goes into the inbox; what they are to be sent is read in the outbox."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.app = talk.app
        self.phone = f"whatsapp:+5547{random.randrange(10**9):09}"
        self.conversation_id = talk.sender = f"{NUMBER}:{self.phone}"
        self.inbox = inbox.handler(self.app, Admission(), lambda: None)
        self.written = 0

    async def writes(self, text: str) -> list[str]:
        await self.is_answered(self.sends(text))
        return self.received()

    def sends(self, text: str) -> Job:
        self.written += 1
        message = Inbound(f"SM{self.written:032}{self.phone}", self.phone, NUMBER, "text", text)
        self.app.inbox.put(self.conversation_id, message.message_id, "message", message.as_payload())
        return self.taken()

    def taken(self) -> Job:
        (job,) = self.app.whatsapp_inbox.take("test")
        return job

    async def is_answered(self, job: Job) -> None:
        assert await self.inbox(job) == Ended()

    def received(self) -> list[str]:
        """What waits to be sent, which is then accepted by Twilio."""
        bodies = []
        while taken := self.app.outbox.take("test"):
            for job in taken:
                for ordinal, message in messages_of(job):
                    bodies.append(str(message.get("body") or message.get("url")))
                    self.app.ticket_completion.accepted(COMPANY, job.batch, ordinal)
                self.app.outbox.done(job)
        return bodies


@pytest.fixture
async def customer(talk: Conversation) -> AsyncIterator[Customer]:
    async with turn_server(talk.app, talk.agent) as url:
        app = talk.app
        app.__dict__["rasa_client"] = RasaClient(url, app.turn_secret, app.rasa_http)  # where this test's Rasa listens
        yield Customer(talk)
        await app.close()


async def test_a_delivery_arrives_and_its_ticket_is_finished_with_its_last_message(customer: Customer) -> None:
    (question,) = await customer.writes("quero a segunda via")
    assert question.startswith(QUESTION)
    await customer.is_answered(customer.sends(CPF))
    assert customer.talk.ticket() == ("open", None), "nothing was sent yet"
    assert customer.received() == ["DELIVERED"]
    assert customer.talk.ticket() == ("finished", "overdue")


async def test_a_process_that_dies_before_it_has_queued_the_answers_loses_and_doubles_nothing(
    customer: Customer,
) -> None:
    await customer.writes("quero a segunda via")
    job = customer.sends(CPF)
    turn = customer.inbox._turn(job)
    assert turn is not None
    await customer.app.rasa_client.run(turn, job.attempts)  # Rasa has answered, and this process dies
    assert customer.received() == []
    customer.talk.passes(seconds=31)
    again = customer.taken()
    assert (again.key, again.attempts) == (job.key, 2)
    await customer.is_answered(again)
    assert customer.received() == ["DELIVERED"]
    assert customer.talk.ticket() == ("finished", "overdue")
    assert customer.talk.delivery.asked == [CPF], "the gateway was asked once"


async def test_a_number_of_the_menu_is_understood(customer: Customer) -> None:
    (menu,) = await customer.writes("menu")
    assert "\n1. " in menu
    (question,) = await customer.writes("1")
    assert question.startswith(QUESTION)


async def test_who_does_not_answer_is_told_so_and_the_ticket_is_closed(customer: Customer) -> None:
    await customer.writes("quero a segunda via")
    customer.talk.passes(hours=24)
    await customer.is_answered(customer.taken())
    assert customer.received() == [domain_file.responses()["utter_segunda_via_inactive"][0]["text"]]
    assert customer.talk.ticket()[0] == "abandoned"


async def test_what_is_triggered_over_rasas_api_is_queued_and_the_conversation_goes_on(customer: Customer) -> None:
    agent, output = customer.talk.agent, TurnChannel(customer.app).get_output_channel()
    tracker = await agent.tracker_store.get_or_create_tracker(customer.conversation_id)
    await agent.processor.trigger_external_user_uttered("pedir_segunda_via", [], tracker, output)
    (question,) = customer.received()
    assert question.startswith(QUESTION)
    assert await customer.writes(CPF) == ["DELIVERED"]


async def test_what_is_pushed_to_a_conversation_elsewhere_is_left_out(
    customer: Customer, caplog: pytest.LogCaptureFixture
) -> None:
    output = TurnChannel(customer.app).get_output_channel()
    await output.send_response("shell", {"text": "oi"})
    assert customer.received() == []
    assert "not on WhatsApp" in caplog.text


async def test_the_choices_that_were_pushed_are_understood(customer: Customer) -> None:
    output = TurnChannel(customer.app).get_output_channel()
    await output.send_response(customer.conversation_id, {"text": "pagamento confirmado"})
    buttons = [{"title": "Falar com alguém", "payload": "/falar_com_atendente"}]
    await output.send_response(customer.conversation_id, {"text": "Mais alguma coisa?", "buttons": buttons})
    assert customer.received() == ["pagamento confirmado", "Mais alguma coisa?\n1. Falar com alguém"]
    assert len(customer.app.shown_choices.of(COMPANY, customer.conversation_id)) == 1
    await customer.writes("1")
    assert customer.talk.ticket()[0] == "handed_over"


async def test_it_waits_as_long_as_rasa_is_away(customer: Customer) -> None:
    app = customer.app
    reached, app.__dict__["rasa_client"] = app.rasa_client, RasaClient("http://127.0.0.1:9", "x", app.rasa_http)
    customer.inbox = inbox.handler(app, Admission(), lambda: None)
    job = customer.sends("quero a segunda via")
    customer.talk.passes(seconds=25)
    await customer.inbox(job)
    app.inbox.retry(job, timedelta(seconds=1))
    assert customer.received() == ["Só um instante, já te respondo. ⏳"]
    app.__dict__["rasa_client"] = reached
    customer.inbox = inbox.handler(app, Admission(), lambda: None)
    customer.talk.passes(seconds=10)
    await customer.is_answered(customer.taken())
    (question,) = customer.received()
    assert question.startswith(QUESTION)
