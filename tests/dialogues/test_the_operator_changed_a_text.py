"""A saved text is what customers read next: said by rules, asked by the form, and composed by the delivery."""

from __future__ import annotations

from datetime import datetime, timezone

from support.conversations import COMPANY, TODAY, Conversation

from sandbox.asaas import ISSUER
from sandbox.personas import persona
from segunda_via.conversation import domain_file
from segunda_via.conversation.responses import QUESTION

NOW = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)


def change(talk: Conversation, response: str, text: str) -> None:
    original = domain_file.responses()[response][0]
    talk.app.saved_responses.save(COMPANY, response, original, text, by="ana", at=NOW)


async def test_a_rule_and_the_form_say_the_saved_texts(talk: Conversation) -> None:
    change(talk, "utter_segunda_via_you_are_welcome", "Disponha! 💚")
    change(talk, QUESTION, "Qual é o seu CPF?\nÉ só para achar a fatura.")
    assert (await talk.says("obrigado")).text == "Disponha! 💚"
    assert "Qual é o seu CPF?\nÉ só para achar a fatura." in (await talk.says("boleto")).text


async def test_the_composed_message_of_a_delivery_is_made_of_the_saved_texts(sandbox_talk: Conversation) -> None:
    change(sandbox_talk, "utter_segunda_via_link", "Pague por aqui: {link}")
    await sandbox_talk.says("boleto")
    turn = await sandbox_talk.says(persona("overdue", TODAY, ISSUER).document)
    assert "Pague por aqui: http" in turn.text
    assert "🔗 http" not in turn.text


async def test_without_a_database_the_domains_texts_are_said(talk: Conversation) -> None:
    def lost(company: str) -> None:
        raise OSError

    talk.app.__dict__["saved_responses"] = type("Lost", (), {"in_force": staticmethod(lost)})()
    assert (await talk.says("obrigado")).text == "Por nada! 😊"
