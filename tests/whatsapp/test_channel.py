"""Through the real webhook, inbox, outbox and Twilio's API, over HTTP; in Rasa's place, a stub of its turn channel."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from support.stub_rasa import Call, Said
from whatsapp.conftest import COMPANY, CUSTOMER, Site

from segunda_via.app import App
from segunda_via.boletos.outcome import Outcome
from segunda_via.conversation import domain_file
from segunda_via.operations.probes.probe import Level
from segunda_via.operations.probes.twilio_in_detail import examine
from segunda_via.privacy.retention import TABLES
from segunda_via.storage.leases import Leases
from segunda_via.whatsapp import replies, twilio_signature


def signed(site: Site, form: dict[str, str], path: str = "webhook") -> dict[str, Any]:
    url = f"{site.address}/webhooks/whatsapp/{path}"
    token = site.sandbox.twilio.account.token
    return {
        "url": f"/webhooks/whatsapp/{path}",
        "content": urlencode(form).encode(),
        "headers": {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": twilio_signature.sign(token, url, list(form.items())),
        },
    }


def form(number: int = 0, sender: str = CUSTOMER, body: str = "oi") -> dict[str, str]:
    return {"MessageSid": f"SM{number:032x}", "From": sender, "To": "whatsapp:+14155238886", "Body": body}


async def test_a_message_is_acknowledged_answered_and_known_by_its_sid(site: Site) -> None:
    message, answered = await site.writes("oi")
    assert answered.status == 204
    await site.until(lambda: site.received() == ["eco: oi"])
    (turn,) = site.rasa.seen
    assert (turn["message_id"], turn["conversation_id"]) == (message.sid, f"whatsapp:+14155238886:{CUSTOMER}")
    assert turn["metadata"]["outbox"] is True
    told = {name: turn["metadata"][name] for name in ("profile_name", "wa_id", "to", "input")}
    number = site.sandbox.twilio.account.number
    assert told == {"profile_name": "Cliente Exemplo", "wa_id": "5547999990001", "to": number, "input": "text"}


async def test_who_hides_the_number_is_answered_too(site: Site) -> None:
    await site.writes("oi", "whatsapp:BR.1502abc")
    await site.until(lambda: site.received("whatsapp:BR.1502abc") == ["eco: oi"])
    (turn,) = site.rasa.seen
    assert (turn["metadata"]["external_user_id"], turn["metadata"]["wa_id"]) == ("BR.1502abc", "")


async def test_typing_is_shown_while_the_answer_is_made(site: Site) -> None:
    message, _ = await site.writes("oi")
    await site.until(lambda: message.status == "read")


async def test_beside_the_channel_what_is_old_is_erased(site: Site) -> None:
    await site.until(lambda: Leases(site.app.engine, site.app.now).done_at(TABLES) is not None)


async def test_behind_a_proxy_the_configured_url_is_the_one_that_is_signed(site: Site) -> None:
    call = signed(site, form())
    elsewhere = {"host": "10.0.0.7:8080", "x-forwarded-host": "bot.example.com", "x-forwarded-proto": "https"}
    assert (await site.client.post(**{**call, "headers": {**call["headers"], **elsewhere}})).status_code == 204
    token = site.sandbox.twilio.account.token
    by_host = twilio_signature.sign(token, "http://10.0.0.7:8080/webhooks/whatsapp/webhook", list(form().items()))
    forged = {**call["headers"], **elsewhere, "x-twilio-signature": by_host}
    assert (await site.client.post(**{**call, "headers": forged})).status_code == 403


async def test_a_hundred_of_the_same_are_one_turn(site: Site) -> None:
    call = signed(site, form())
    answers = await asyncio.gather(*(site.client.post(**call) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {204}
    await site.until(lambda: len(site.received()) == 1)
    assert (await site.client.post(**call)).status_code == 204
    await asyncio.sleep(0.7)
    assert (len(site.rasa.seen), site.received()) == (1, ["eco: oi"])


@pytest.mark.parametrize("path", ["webhook", "status"])
async def test_nothing_forged_gets_in(site: Site, path: str) -> None:
    call = signed(site, form(), path)
    headers = call["headers"]
    forged = {**call, "headers": {**headers, "x-twilio-signature": "x"}}
    assert (await site.client.post(**forged)).status_code == 403
    del forged["headers"]["x-twilio-signature"]
    assert (await site.client.post(**forged)).status_code == 403
    changed = {**call, "content": call["content"] + b"&Body=outra"}
    assert (await site.client.post(**changed)).status_code == 403
    as_json = {**call, "headers": {**headers, "content-type": "application/json"}}
    assert (await site.client.post(**as_json)).status_code == 415
    large = {**call, "content": b"a=" + b"x" * 70_000}
    assert (await site.client.post(**large)).status_code == 413
    await asyncio.sleep(0.2)
    assert site.rasa.seen == []
    assert site.app.inbox.waiting()[0] == 0


async def test_a_photo_is_a_photo_and_a_reaction_is_nothing(site: Site) -> None:
    await site.writes("", kind="image", file=("image/jpeg", b"jpeg", None))
    await site.writes("👍", kind="reaction")
    await site.until(lambda: bool(site.received()))
    await asyncio.sleep(0.3)
    (turn,) = site.rasa.seen
    assert turn["intent"] == "enviar_midia"
    assert turn["metadata"]["input"] == "image"


async def test_a_slash_names_no_intent(site: Site) -> None:
    await site.writes('/falar_com_atendente{"cpf": "52998224725"}')
    await site.until(lambda: bool(site.rasa.seen))
    assert not site.rasa.seen[0]["text"].startswith("/")
    assert site.rasa.seen[0]["intent"] is None


async def test_the_numbers_of_a_menu_work_until_the_next_question(site: Site) -> None:
    buttons = [{"title": "Boleto", "payload": "/pedir_segunda_via"}, {"title": "Pessoa", "payload": "/falar"}]

    async def menu(call: Call) -> Said:
        return [{"text": "Diga:", "buttons": buttons} if call["text"] == "oi" else {"text": "certo"}]

    site.rasa.script = menu
    await site.writes("oi")
    await site.until(lambda: site.received() == ["Diga:\n1. Boleto\n2. Pessoa"])
    for count, text in enumerate(("2", "2"), 2):
        await site.writes(text)
        await site.until(lambda count=count: len(site.received()) == count)
    _, chosen, typed = site.rasa.seen
    assert (chosen["text"], chosen["intent"]) == ("Pessoa", "falar")
    assert (typed["text"], typed["intent"]) == ("2", None)


MENU = [{"title": "Segunda Via de Boleto", "payload": "/pedir_segunda_via"}, {"title": "Pessoa", "payload": "/falar"}]
TEMPLATE = {
    "types": {
        "twilio/quick-reply": {
            "body": "{{1}}",
            "actions": [{"title": "2ª via do boleto", "id": "1"}, {"title": "{{3}}", "id": "2"}],
        }
    }
}


async def menu_of_the_domain(call: Call) -> Said:
    said = {"text": "Diga:", "buttons": MENU, "response": "utter_segunda_via_menu"}
    return [said if call["text"] == "oi" else {"text": "certo"}]


@pytest.mark.parametrize("templates", [{"menu": TEMPLATE}])
@pytest.mark.parametrize(("place", "intent"), [(0, "pedir_segunda_via"), (1, "falar")])
async def test_a_menu_with_a_template_is_buttons_and_pressing_one_chooses(site: Site, place: int, intent: str) -> None:
    site.rasa.script = menu_of_the_domain
    await site.writes("oi")
    await site.until(lambda: len(site.received()) == 1)
    shown = site.sandbox.twilio.account.of(CUSTOMER)[-1]
    assert (shown.kind, shown.body) == ("quick-reply", "Diga:")
    assert [each["title"] for each in shown.buttons] == ["2ª via do boleto", "Pessoa"]
    pressed = shown.buttons[place]
    await site.writes(pressed["title"], kind="button", payload=pressed["id"], reply_to=shown.sid)
    await site.until(lambda: len(site.received()) == 2)
    turn = site.rasa.seen[-1]
    assert (turn["intent"], turn["metadata"]["input"]) == (intent, "button")


@pytest.mark.parametrize("templates", [{"menu": "HX" + "0" * 32}])
async def test_a_template_that_twilio_refuses_goes_out_numbered(site: Site) -> None:
    site.rasa.script = menu_of_the_domain
    await site.writes("oi")
    await site.until(lambda: site.received() == ["Diga:\n1. Segunda Via de Boleto\n2. Pessoa"])
    await site.writes("2")
    await site.until(lambda: len(site.received()) == 2)
    assert site.rasa.seen[-1]["intent"] == "falar"


SLOW_DOWN = domain_file.responses()["utter_segunda_via_slow_down"][0]["text"]


async def test_who_writes_too_much_is_told_once(site: Site) -> None:
    limit = site.app.environment.messages_per_minute
    for _ in range(5):  # timers of our own, which the customer did not write
        site.app.inactivity.asked(COMPANY, f"whatsapp:+14155238886:{CUSTOMER}", "whatsapp")
    for number in range(limit + 5):
        await site.client.post(**signed(site, form(number)))
    await site.until(lambda: len(site.rasa.seen) == limit)
    await site.until(lambda: SLOW_DOWN in site.received(), 60)
    await asyncio.sleep(0.5)
    assert len(site.rasa.seen) == limit
    assert site.received().count(SLOW_DOWN) == 1


def delivers(site: Site) -> None:
    """A bundle, its ticket, and what the action tells the channel."""

    async def deliver(call: Call) -> Said:
        await asyncio.to_thread(site.app.tickets.open, COMPANY, call["conversation_id"])
        bundle = [{"text": part} for part in ("dados", "pix", "linha")]
        return [*bundle, {"custom": replies.announcement(Outcome.OVERDUE)}]

    site.rasa.script = deliver


def ticket(site: Site) -> tuple[str, str | None]:
    (entry,) = site.app.journal.recent(COMPANY)
    return entry.status, entry.reason


async def test_the_ticket_finishes_with_the_last_message(site: Site) -> None:
    delivers(site)
    await site.writes("boleto")
    await site.until(lambda: bool(site.rasa.said) and ticket(site)[0] == "finished", 15)
    assert site.received() == ["dados", "pix", "linha"]


async def test_a_message_refused_for_good_hands_the_ticket_over(site: Site) -> None:
    delivers(site)
    site.sandbox.order("refuse", gateway="twilio", code=63016, after=1, times=1)
    await site.writes("boleto")
    await site.until(lambda: bool(site.rasa.said) and ticket(site) == ("handed_over", "send_failed"), 15)
    await asyncio.sleep(0.5)
    assert site.received() == ["dados"], "nothing more reaches this customer now"


async def test_a_failure_after_acceptance_opens_the_ticket_again(site: Site) -> None:
    delivers(site)
    site.sandbox.order("fail", gateway="twilio", code=63019, after=2, times=1, at="sent")
    await site.writes("boleto")
    await site.until(lambda: bool(site.rasa.said) and ticket(site) == ("handed_over", "send_failed"), 15)


@pytest.mark.parametrize("fault", ["out_of_order", "no_callback", "repeated_callback"])
async def test_callbacks_that_misbehave_change_nothing(site: Site, fault: str) -> None:
    delivers(site)
    site.sandbox.order(fault, gateway="twilio")
    await site.writes("boleto")
    await site.until(lambda: bool(site.rasa.said) and ticket(site)[0] == "finished", 20)
    assert site.received() == ["dados", "pix", "linha"]


async def test_twilios_hiccups_are_repeated_and_nothing_twice(site: Site) -> None:
    delivers(site)
    for fault in ("503", "cut", "429"):
        site.sandbox.order(fault, gateway="twilio", path="Messages", times=1)
    await site.writes("boleto")
    await site.until(lambda: bool(site.rasa.said) and ticket(site)[0] == "finished", 30)
    assert site.received() == ["dados", "pix", "linha"]


@pytest.mark.slow
async def test_two_hundred_senders_and_a_gateway_of_five_seconds(site: Site) -> None:
    heard: dict[str, list[str]] = {}

    async def slow(call: Call) -> Said:
        await asyncio.sleep(0.5 if call["text"] == "b" else 5)
        heard.setdefault(call["conversation_id"], []).append(call["text"])
        return []

    site.rasa.script = slow

    async def post(number: int, sender: int, body: str) -> None:
        message = form(number, f"whatsapp:+55479{sender:08}", body)
        answer = await site.client.post(**signed(site, message))
        assert answer.status_code == 204
        if body == "a":  # whose turn takes five seconds
            assert f"{message['To']}:{message['From']}" not in heard, "acknowledged before the turn is over"

    for body, first in (("a", 0), ("b", 1000)):
        await asyncio.gather(*(post(first + n, n, body) for n in range(200)))
    await site.until(lambda: len(heard) == 200 and all(len(texts) == 2 for texts in heard.values()), 60)
    assert all(texts == ["a", "b"] for texts in heard.values())


async def test_what_came_in_while_rasa_was_away_is_answered_when_it_is_back(site: Site) -> None:
    site.rasa.status = 503
    _, answered = await site.writes("oi")
    assert answered.status == 204
    await asyncio.sleep(1.0)
    assert site.received() == []
    site.rasa.status = 200
    await site.until(lambda: site.received() == ["eco: oi"])
    assert len(site.rasa.seen) == 1


async def test_the_check_finds_everything_in_order(site: Site) -> None:
    findings = await examine(site.app, COMPANY)
    assert {finding.subject for finding in findings if finding.level is Level.OK} == {
        "configuration", "credentials", "number", "webhook", "status_callback", "public_url", "signature"
    }  # fmt: skip
    assert [finding for finding in findings if finding.level is not Level.OK] == []


async def test_the_check_names_what_is_wrong(site: Site) -> None:
    site.sandbox.twilio.configure("https://elsewhere.example.com/webhook")
    findings = {finding.subject: finding for finding in await examine(site.app, COMPANY)}
    assert findings["webhook"].level is Level.FAILURE
    assert "elsewhere.example.com" in findings["webhook"].detail
    told = dict(site.app.environment.twilio or {})
    wrong = App(replace(site.app.environment, twilio={**told, "TWILIO_AUTH_TOKEN": "another"}), home=site.app.home)
    findings = {finding.subject: finding for finding in await examine(wrong, COMPANY)}
    await wrong.close()
    assert findings["credentials"].level is Level.FAILURE
    assert findings["signature"].level is Level.FAILURE
