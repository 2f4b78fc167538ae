"""From the inbox to the outbox, with Rasa as it is loaded behind its turn channel, over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.conversations import COMPANY, CPF
from support.whatsapp_customer import Customer

from segunda_via.conversation import domain_file
from segunda_via.http.rasa_client import RasaClient
from segunda_via.rasa_plugin.channel.turn_channel import TurnChannel
from segunda_via.server import inbox
from segunda_via.server.admission import Admission

QUESTION = "Digite seu CPF ou CNPJ para localizar sua fatura."


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
    await customer.is_answered_by_rasa(job)
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
