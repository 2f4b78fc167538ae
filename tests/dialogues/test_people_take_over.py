"""People: which queue, at which hours, with what line for the agent; and the silence while they answer."""

from __future__ import annotations

from datetime import datetime, time, timezone

import pytest
from support.conversations import COMPANY, QUESTION, Conversation

from segunda_via.boletos.outcome import Outcome
from segunda_via.conversation.attendance_setting import ATTENDANCE_SETTING, AttendanceSettings
from segunda_via.conversation.business_hours import BusinessHours
from segunda_via.settings.conversation import CONVERSATION_SETTING
from segunda_via.settings.conversation import ConversationSettings as Settings

HAND_OVER, HERE = "utter_segunda_via_hand_over", "utter_segunda_via_hand_over_here"
OTHER_MATTER = "utter_segunda_via_other_matter"
WEEK = BusinessHours({day: ((time(8), time(18)),) for day in ("mon", "tue", "wed", "thu", "fri")}, holidays=True)


def attended(talk: Conversation, *, hours: BusinessHours = WEEK, **queues: str) -> None:
    ATTENDANCE_SETTING.save(talk.app.settings, COMPANY, AttendanceSettings(queues, hours), by="test", at=talk.app.now())


@pytest.mark.parametrize(
    ("message", "queue", "summary"),
    [
        ("quero cancelar meu plano", "Retenção", "Pediu: cancelar o serviço."),
        ("minha internet caiu", "Suporte", "Pediu: suporte técnico."),
        ("quero falar com um atendente", "Segunda Via de Boleto", "Pediu: falar com uma pessoa."),
        (
            "quero cancelar meu plano, cpf 529.982.247-25",
            "Retenção",
            "Pediu: cancelar o serviço. Documento: ***.982.247-**",
        ),
    ],
)
async def test_each_matter_goes_to_its_queue_with_a_line_for_the_agent(
    talk: Conversation, message: str, queue: str, summary: str
) -> None:
    attended(talk, cancelar_servico="Retenção", suporte_tecnico="Suporte")
    await talk.says(message)
    (entry,) = talk.tickets()
    assert (entry.status, entry.queue, entry.summary) == ("handed_over", queue, summary)


async def test_after_a_lookup_the_line_says_what_was_found_and_for_which_document(talk: Conversation) -> None:
    talk.delivery.endings = [Outcome.SUSPICIOUS]
    await talk.says("boleto 529.982.247-25")
    (entry,) = talk.tickets()
    assert entry.summary == (
        "Pediu: segunda via do boleto. Fatura encontrada, mas os dados não conferem; nada foi enviado. "
        "Documento: ***.982.247-**"
    )


@pytest.mark.parametrize(
    ("moment", "when"),
    [
        (datetime(2026, 11, 24, 10, tzinfo=timezone.utc), "Voltamos hoje às 08:00."),
        (datetime(2026, 11, 24, 23, tzinfo=timezone.utc), "Voltamos amanhã às 08:00."),
        (datetime(2026, 11, 28, 15, tzinfo=timezone.utc), "Voltamos segunda-feira, 30/11, às 08:00."),
        (datetime(2026, 12, 25, 15, tzinfo=timezone.utc), "Voltamos segunda-feira, 28/12, às 08:00."),
    ],
)
async def test_outside_the_hours_it_says_when_people_are_back(talk: Conversation, moment: datetime, when: str) -> None:
    attended(talk)
    talk.passes(seconds=(moment - talk.app.now()).total_seconds())
    assert (await talk.says("quero falar com um atendente")).text.endswith(when)
    assert talk.ticket()[0] == "handed_over"


async def test_within_the_hours_it_does_not(talk: Conversation) -> None:
    attended(talk)
    assert (await talk.says("quero falar com um atendente")).said == [HAND_OVER]


async def test_where_the_desk_carries_the_conversation_the_assistant_is_silent_until_it_is_returned(
    talk: Conversation,
) -> None:
    assert (await talk.says("quero falar com um atendente", ticket_id="481")).said == [HERE]
    for message in ("boleto", "oi", "quero falar com um atendente", "529.982.247-25", "1", "zwqx vtrk"):
        assert (await talk.says(message, ticket_id="481")).said == []
    assert talk.delivery.asked == []
    assert [entry.ticket.id for entry in talk.tickets()] == ["481"]
    assert talk.app.tickets.returned(COMPANY, "481")
    assert (await talk.says("boleto", ticket_id="481")).said == [QUESTION]


async def test_a_silence_that_nobody_ends_expires(talk: Conversation) -> None:
    CONVERSATION_SETTING.save(talk.app.settings, COMPANY, Settings(silence_hours=2), by="test", at=talk.app.now())
    await talk.says("quero falar com um atendente", ticket_id="481")
    talk.passes(hours=1, minutes=59)
    assert (await talk.says("boleto", ticket_id="481")).said == []
    talk.passes(minutes=1)
    assert (await talk.says("boleto", ticket_id="481")).said == [QUESTION]


async def test_where_no_desk_carries_it_the_assistant_goes_on_answering(talk: Conversation) -> None:
    turn = await talk.says("minha internet caiu")
    assert turn.said == [OTHER_MATTER, HAND_OVER]
    assert "por este número" in turn.text
    assert (await talk.says("boleto")).said == [QUESTION]


async def test_when_it_cannot_be_told_who_answers_the_assistant_does(talk: Conversation) -> None:
    await talk.says("quero falar com um atendente", ticket_id="481")
    takeovers = talk.app.human_takeover
    del talk.app.__dict__["human_takeover"]
    talk.app.__dict__["human_takeover"] = None
    try:
        assert (await talk.says("obrigado", ticket_id="481")).said == ["utter_segunda_via_you_are_welcome"]
    finally:
        talk.app.__dict__["human_takeover"] = takeovers
