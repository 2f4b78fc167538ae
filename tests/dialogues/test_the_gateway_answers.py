"""The whole way, from the customer's words to the gateway over HTTP and back, with the sandbox's personas."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rasa.core.agent import Agent
from support.conversations import COMPANY, QUESTION, TODAY, Conversation, application

from sandbox.asaas import ISSUER
from sandbox.personas import persona
from sandbox.server import RunningSandbox
from segunda_via.boletos import documents, linha_digitavel, pix

NOTHING = "Não encontrei fatura em aberto para esse documento."
TOO_MANY = (
    "🔒 Por segurança, há um limite de consultas por dia, e ele já foi atingido: "
    "hoje não consigo consultar esse documento.\nTente amanhã ou fale com uma pessoa."
)
UNAVAILABLE = "Desculpe, não consegui consultar sua fatura agora."
HAND_OVER = "utter_segunda_via_hand_over"


def document(key: str) -> str:
    return documents.format(persona(key, TODAY, ISSUER).document)


async def request(talk: Conversation, key: str) -> list[str]:
    """What is heard by the persona after asking and giving the document."""
    await talk.says("oi, preciso da segunda via do meu boleto")
    return (await talk.says(document(key))).said


async def test_the_complete_delivery_of_an_overdue_invoice(sandbox_talk: Conversation) -> None:
    await sandbox_talk.says("oi, preciso da segunda via do meu boleto")
    turn = await sandbox_talk.says(document("overdue"))
    data, copia_e_cola, linha, qr, pdf, offer = turn.messages
    assert data["text"].startswith("📄 Fatura ")
    for line in ("(vencida)", "🔗 http"):
        assert line in data["text"]
    assert offer["text"].startswith("Você tem mais 2 faturas em aberto. Quer receber a próxima?")
    assert pix.is_valid(copia_e_cola["text"])
    assert linha_digitavel.is_valid(linha["text"])
    assert "/media/" in qr["image"]
    assert "/media/" in str(pdf)
    assert sandbox_talk.ticket() == ("finished", "overdue")
    assert await sandbox_talk.slots() == {}


async def test_the_overdue_one_comes_before_the_next_to_fall_due(sandbox_talk: Conversation) -> None:
    said = await request(sandbox_talk, "overdue")
    assert linha_digitavel.due_date(said[2], TODAY) < TODAY


async def test_nothing_overdue_so_the_next_to_fall_due(sandbox_talk: Conversation) -> None:
    said = await request(sandbox_talk, "next_due")
    assert "vencida" not in said[0]
    assert linha_digitavel.due_date(said[2], TODAY) > TODAY
    assert sandbox_talk.ticket() == ("finished", "next_due")


@pytest.mark.parametrize(("key", "missing"), [("no_pix", "não tem Pix"), ("pix_only", "não tem código de barras")])
async def test_a_partial_delivery_says_what_is_missing(sandbox_talk: Conversation, key: str, missing: str) -> None:
    said = await request(sandbox_talk, key)
    assert missing in "\n".join(said)
    assert any(pix.is_valid(each) or linha_digitavel.is_valid(each) for each in said)
    assert sandbox_talk.ticket() == ("finished", "partial")


@pytest.mark.parametrize("key", ["cnpj", "alphanumeric_cnpj"])
async def test_companies_are_served_too(sandbox_talk: Conversation, key: str) -> None:
    assert len(await request(sandbox_talk, key)) == 5
    assert sandbox_talk.ticket()[0] == "finished"


async def test_unknown_and_up_to_date_sound_the_same(agent: Agent, sandbox_talk: Conversation) -> None:
    unknown = await request(sandbox_talk, "unknown")
    other = Conversation(agent, sandbox_talk.app)
    assert await request(other, "up_to_date") == unknown
    assert unknown == [NOTHING, "utter_segunda_via_another_document", QUESTION]


@pytest.mark.parametrize("key", ["tampered_line", "tampered_pix", "tampered_amount"])
async def test_of_a_tampered_invoice_nothing_is_sent(sandbox_talk: Conversation, key: str) -> None:
    said = await request(sandbox_talk, key)
    assert len(said) == 2
    assert "conferidos" in said[0]
    assert said[1] == HAND_OVER
    assert sandbox_talk.tickets()[0].outcome == "suspicious"
    assert sandbox_talk.ticket()[0] == "handed_over"


async def test_of_an_invoice_that_pays_somebody_else_nothing_is_sent(sandbox_talk: Conversation) -> None:
    app = sandbox_talk.app
    payee = {"gateway": "asaas", "bank_code": ISSUER.bank_code}
    app.settings.put(COMPANY, "payee", payee, by="test", at=app.now())
    said = await request(sandbox_talk, "wrong_payee")
    assert "conferidos" in said[0]
    status, reason = sandbox_talk.ticket()
    assert status == "handed_over"
    assert "payee" in str(reason)


async def test_the_gateway_is_down(sandbox_talk: Conversation) -> None:
    assert await request(sandbox_talk, "gateway_down") == [UNAVAILABLE, HAND_OVER]
    assert sandbox_talk.ticket() == ("handed_over", "gateway_unavailable")


async def test_the_gateway_is_too_slow(sandbox_talk: Conversation) -> None:
    sandbox_talk.app.budget = 0.4
    assert await request(sandbox_talk, "slow_gateway") == [UNAVAILABLE, HAND_OVER]
    assert sandbox_talk.ticket() == ("handed_over", "gateway_unavailable")


async def test_the_token_is_rejected(sandbox_talk: Conversation) -> None:
    assert await request(sandbox_talk, "token_rejected") == [UNAVAILABLE, HAND_OVER]
    assert sandbox_talk.ticket() == ("handed_over", "token_rejected")


async def test_no_gateway_is_configured(agent: Agent, tmp_path: Path) -> None:
    with application(tmp_path, TODAY) as app:
        talk = Conversation(agent, app)
        assert await request(talk, "overdue") == [UNAVAILABLE, HAND_OVER]
        assert talk.ticket() == ("handed_over", "not_configured")


async def test_still_being_registered(sandbox_talk: Conversation) -> None:
    said = await request(sandbox_talk, "registering")
    assert "registrando" in said[0]
    assert said[1:] == [HAND_OVER]
    assert sandbox_talk.tickets()[0].outcome == "unpayable"


async def test_the_sixth_document_of_a_day_is_refused_in_words_of_its_own(
    sandbox_talk: Conversation, running_sandbox: RunningSandbox
) -> None:
    for key in ("next_due", "no_pix", "pix_only", "cnpj", "undefined"):
        await sandbox_talk.says(f"boleto do cpf {document(key)}")
    asked = len(running_sandbox.sandbox.calls.as_json())
    assert (await sandbox_talk.says(f"boleto do cpf {document('overdue')}")).said == [TOO_MANY, HAND_OVER]
    assert "too_many_tries" in {entry.outcome for entry in sandbox_talk.tickets()}
    assert len(running_sandbox.sandbox.calls.as_json()) == asked
    assert (await sandbox_talk.says(f"boleto do cpf {document('next_due')}"))[0].startswith("📄")


async def test_nothing_personal_stays_in_the_conversation(sandbox_talk: Conversation) -> None:
    said = await request(sandbox_talk, "overdue")
    kept = json.dumps((await sandbox_talk.tracker()).as_dialogue().as_dict())
    for personal in (document("overdue"), *said):
        assert personal not in kept
