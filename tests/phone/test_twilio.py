"""The simulated Twilio: it refuses what Twilio refuses, signs as Twilio signs, and tells what becomes of each message.

The company at the other end is a small server of the test's own, which checks signatures with Twilio's own validator.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import httpx
import pytest
from phone.company import Company
from twilio.request_validator import RequestValidator

from sandbox.server import RunningSandbox
from sandbox.twilio import Inbound, Timing
from sandbox.twilio.webhooks import Overrides

pytestmark = pytest.mark.slow

ANA = "whatsapp:+5547999990001"
NUMBER = "whatsapp:+14155238886"


@pytest.fixture
def company() -> Iterator[Company]:
    company = Company()
    yield company
    company.close()


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock, company: Company) -> Iterator[RunningSandbox]:
    with RunningSandbox(now=clock, timing=Timing(read=0.0)) as sandbox:
        sandbox.twilio.configure(f"{company.url}/webhook", f"{company.url}/status")
        yield sandbox


def send(sandbox: RunningSandbox, **fields: str) -> httpx.Response:
    account = sandbox.twilio.account
    form = {"To": ANA, "From": NUMBER, "Body": "oi", **fields}
    return httpx.post(
        f"{sandbox.twilio_url}/2010-04-01/Accounts/{account.sid}/Messages.json",
        data={name: value for name, value in form.items() if value},
        auth=(account.sid, account.token),
    )


def until(true: Callable[[], object], seconds: float = 10) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.01)


def test_a_message_is_accepted_and_every_status_is_told_signed(sandbox: RunningSandbox, company: Company) -> None:
    answer = send(sandbox, Body="Olá, *Ana*")
    assert answer.status_code == 201
    message = answer.json()
    assert (message["status"], message["direction"], message["error_code"]) == ("queued", "outbound-api", None)
    assert message["sid"].startswith("SM")
    assert len(message["sid"]) == 34
    until(lambda: len(company.told) == 4)
    assert company.statuses() == ["queued", "sent", "delivered", "read"]
    validator = RequestValidator(sandbox.twilio.account.token)
    for path, form, signature in company.told:
        assert form["MessageSid"] == message["sid"]
        assert validator.validate(f"{company.url}{path}", form, signature)
        assert not validator.validate(f"{company.url}{path}", {**form, "MessageStatus": "failed"}, signature)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"To": ""}, 400, 21604),
        ({"From": ""}, 400, 21603),
        ({"To": "whatsapp:+55abc"}, 400, 21211),
        ({"To": "+5547999990001"}, 400, 21910),
        ({"From": "whatsapp:+5511000000000"}, 400, 63007),
        ({"Body": ""}, 400, 21619),
        ({"Body": "x" * 1601}, 400, 21617),
        ({"MediaUrl": "file:///etc/passwd"}, 400, 21620),
        ({"ContentSid": "HX" + "0" * 32}, 400, 21655),
        ({"StatusCallback": "nowhere"}, 400, 21609),
    ],
)
def test_what_twilio_refuses(sandbox: RunningSandbox, fields: dict[str, str], status: int, code: int) -> None:
    answer = send(sandbox, **fields)
    assert answer.status_code == status
    assert answer.json() == {
        "code": code,
        "message": answer.json()["message"],
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    assert sandbox.twilio.account.messages == []


def test_a_wrong_token_and_another_account_are_refused(sandbox: RunningSandbox) -> None:
    account = sandbox.twilio.account
    url = f"{sandbox.twilio_url}/2010-04-01/Accounts"
    for auth in [None, (account.sid, "wrong")]:
        answer = httpx.get(f"{url}/{account.sid}.json", auth=auth)
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    right = (account.sid, account.token)
    assert httpx.get(f"{url}/{account.sid}.json", auth=right).json()["status"] == "active"
    answer = httpx.post(f"{url}/AC{'0' * 32}/Messages.json", auth=right, data={"To": ANA})
    assert (answer.status_code, answer.json()["code"]) == (404, 20404)


@pytest.mark.parametrize(
    ("path", "code"),
    [("/big", 11751), ("/html", 63021), ("/not-a-pdf", 63021), ("/empty", 63019), ("/gone", 63019)],
)
def test_media_that_twilio_does_not_send_fails_after_it_was_accepted(
    sandbox: RunningSandbox, company: Company, path: str, code: int
) -> None:
    assert send(sandbox, Body="", MediaUrl=f"{company.url}{path}").status_code == 201
    until(lambda: company.statuses() == ["queued", "failed"])
    assert company.told[-1][1]["ErrorCode"] == str(code)


def test_media_arrives_with_its_type_and_the_name_of_its_answer(sandbox: RunningSandbox, company: Company) -> None:
    send(sandbox, Body="", MediaUrl=f"{company.url}/pdf")
    until(lambda: "delivered" in company.statuses())
    (message,) = httpx.get(f"{sandbox.base_url}/phone/messages", params={"of": ANA}).json()
    (media,) = message["media"]
    assert (media["type"], media["name"]) == ("application/pdf", "boleto-123.pdf")
    assert httpx.get(sandbox.base_url + media["url"]).content.startswith(b"%PDF-")


def test_outside_24_hours_only_templates_arrive(sandbox: RunningSandbox, company: Company, clock: Clock) -> None:
    sandbox.write(Inbound(ANA, text="oi"))
    clock.moment += timedelta(hours=23, minutes=59)
    send(sandbox)
    until(lambda: "read" in company.statuses())
    clock.moment += timedelta(minutes=1)
    send(sandbox)
    until(lambda: "undelivered" in company.statuses())
    assert company.told[-1][1]["ErrorCode"] == "63016"


def test_templates_are_rendered_with_their_buttons(sandbox: RunningSandbox) -> None:
    account = sandbox.twilio.account
    wanted = {
        "friendly_name": "menu",
        "types": {
            "twilio/quick-reply": {"body": "Olá {{1}}", "actions": [{"title": "2ª via", "id": "pedir_segunda_via"}]}
        },
    }
    auth = (account.sid, account.token)
    sid = httpx.post(f"{sandbox.twilio_url}/v1/Content", json=wanted, auth=auth).json()["sid"]
    assert send(sandbox, Body="", ContentSid=sid, ContentVariables="nonsense").json()["code"] == 21656
    answer = send(sandbox, Body="", ContentSid=sid, ContentVariables=json.dumps({"1": "Ana"}))
    assert answer.json()["body"] == "Olá Ana"
    (message,) = account.of(ANA)
    assert [(button["title"], button["id"]) for button in message.buttons] == [("2ª via", "pedir_segunda_via")]


@pytest.mark.parametrize("kind", ["image", "audio", "document", "sticker", "contact"])
def test_a_customers_file_can_be_fetched_where_the_webhook_says(
    sandbox: RunningSandbox, company: Company, kind: str
) -> None:
    assert sandbox.base_url
    answer = httpx.post(f"{sandbox.base_url}/phone/send", json={"from": ANA, "kind": kind})
    assert answer.json()["webhook"]["status"] == 204
    path, form, signature = company.told[0]
    assert (form["NumMedia"], form["Body"], form["WaId"]) == ("1", "", "5547999990001")
    account = sandbox.twilio.account
    assert RequestValidator(account.token).validate(f"{company.url}{path}", form, signature)
    file = httpx.get(form["MediaUrl0"], auth=(account.sid, account.token))
    assert file.headers["content-type"].startswith(form["MediaContentType0"])
    assert file.content


def test_what_is_no_text_arrives_as_what_it_is(sandbox: RunningSandbox, company: Company) -> None:
    sandbox.write(Inbound(ANA, "button", "Segunda via", payload="pedir"))
    sandbox.write(Inbound(ANA, "list", "Outro", payload="outro"))
    sandbox.write(Inbound(ANA, "location", latitude="-26.3", longitude="-48.8", label="Casa"))
    sandbox.write(Inbound("whatsapp:BR.15021234", "empty", profile=None))
    button, choice, place, hidden = (form for _, form, _ in company.told)
    assert (button["ButtonText"], button["ButtonPayload"], button["Body"]) == ("Segunda via", "pedir", "Segunda via")
    assert (choice["ListId"], choice["ListTitle"]) == ("outro", "Outro")
    assert (place["Latitude"], place["Longitude"], place["Label"], place["Body"]) == ("-26.3", "-48.8", "Casa", "")
    assert "WaId" not in hidden
    assert "ProfileName" not in hidden
    assert hidden["ExternalUserIdentifier"] == "BR.15021234"


@pytest.mark.parametrize(("fragment", "attempts"), [("", 1), ("#rc=2&rp=5xx", 3), ("#rc=1&rp=all", 2), ("#rp=rt", 1)])
def test_a_webhook_that_fails_is_called_again_only_where_its_url_says(
    sandbox: RunningSandbox, company: Company, fragment: str, attempts: int
) -> None:
    company.status = 500
    sandbox.twilio.configure(f"{company.url}/webhook{fragment}")
    _, answered = sandbox.write(Inbound(ANA, text="oi"))
    assert answered is not None
    assert (answered.status, answered.error, answered.attempts) == (500, 11200, attempts)
    assert len(company.told) == attempts
    assert len({form["MessageSid"] for _, form, _ in company.told}) == 1


def test_nobody_listening_is_tried_twice() -> None:
    with RunningSandbox() as sandbox:
        sandbox.twilio.configure("http://127.0.0.1:9/webhook")
        _, answered = sandbox.write(Inbound(ANA, text="oi"))
    assert answered is not None
    assert (answered.status, answered.error, answered.attempts) == (None, 11205, 2)


def test_overrides_out_of_range_are_the_defaults() -> None:
    assert Overrides.of("rc=9&ct=99&rt=20000") == Overrides()


def test_typing_shows_and_marks_the_message_as_read(sandbox: RunningSandbox) -> None:
    message, _ = sandbox.write(Inbound(ANA, text="oi"))
    account = sandbox.twilio.account
    call = {"url": f"{sandbox.twilio_url}/v2/Indicators/Typing.json", "auth": (account.sid, account.token)}
    answer = httpx.post(**call, data={"messageId": message.sid, "channel": "whatsapp"})  # type: ignore[arg-type]
    assert answer.json() == {"success": True}
    assert message.status == "read"
    assert httpx.post(**call, data={"messageId": "SM0", "channel": "whatsapp"}).status_code == 400  # type: ignore[arg-type]


def test_the_sender_knows_its_webhooks_and_can_be_told_others(sandbox: RunningSandbox, company: Company) -> None:
    account = sandbox.twilio.account
    auth = (account.sid, account.token)
    (sender,) = httpx.get(f"{sandbox.twilio_url}/v2/Channels/Senders?Channel=whatsapp", auth=auth).json()["senders"]
    assert (sender["sender_id"], sender["status"]) == (NUMBER, "ONLINE")
    assert sender["webhook"]["callback_url"] == f"{company.url}/webhook"
    changed = {"webhook": {"callback_url": f"{company.url}/other"}}
    url = f"{sandbox.twilio_url}/v2/Channels/Senders/{sender['sid']}"
    assert httpx.post(url, json=changed, auth=auth).status_code == 202
    sandbox.write(Inbound(ANA, text="oi"))
    assert company.told[-1][0] == "/other"


def order(sandbox: RunningSandbox, **wanted: object) -> None:
    assert httpx.post(f"{sandbox.base_url}/control/faults", json=wanted).status_code == 200


def test_a_refusal_that_was_ordered_comes_once(sandbox: RunningSandbox) -> None:
    order(sandbox, fault="refuse", code=21610, document=ANA, times=1)
    assert send(sandbox, To="whatsapp:+5547999990002").status_code == 201
    assert send(sandbox).json()["code"] == 21610
    assert send(sandbox).status_code == 201


@pytest.mark.parametrize(("status", "code"), [("429", 20429), ("500", 20500), ("503", 20503)])
def test_a_status_that_was_ordered_is_worded_as_twilio_words_it(
    sandbox: RunningSandbox, status: str, code: int
) -> None:
    order(sandbox, gateway="twilio", fault=status, times=1)
    answer = send(sandbox)
    assert (answer.status_code, answer.json()["code"]) == (int(status), code)
    assert sandbox.twilio.account.messages == []


def test_the_third_message_fails_after_it_was_sent(sandbox: RunningSandbox, company: Company) -> None:
    order(sandbox, fault="fail", code=63024, at="sent", after=2, times=1)
    sids = [send(sandbox).json()["sid"] for _ in range(4)]
    until(lambda: company.statuses().count("read") == 3)
    until(lambda: "undelivered" in company.statuses())
    failed = [form["MessageSid"] for _, form, _ in company.told if form["MessageStatus"] == "undelivered"]
    assert failed == [sids[2]]
    assert sandbox.twilio.account.find(sids[2]).reached == ["queued", "sent", "undelivered"]  # type: ignore[union-attr]


def test_callbacks_out_of_order_missing_and_repeated(sandbox: RunningSandbox, company: Company) -> None:
    order(sandbox, fault="out_of_order", times=1)
    send(sandbox)
    until(lambda: len(company.told) == 4)
    assert company.statuses() == ["read", "delivered", "sent", "queued"]
    company.told.clear()
    order(sandbox, fault="no_callback", at="sent", times=1)
    send(sandbox)
    until(lambda: "read" in company.statuses())
    assert company.statuses() == ["queued", "delivered", "read"]
    company.told.clear()
    order(sandbox, fault="no_callback", at="queued", times=1)
    order(sandbox, fault="no_callback", at="delivered", times=1)
    send(sandbox)
    until(lambda: "read" in company.statuses())
    assert company.statuses() == ["sent", "read"]
    company.told.clear()
    order(sandbox, fault="repeated_callback", times=1)
    send(sandbox)
    until(lambda: len(company.told) == 8)
    assert company.statuses() == ["queued"] * 2 + ["sent"] * 2 + ["delivered"] * 2 + ["read"] * 2


def test_a_phone_without_a_connection_gets_it_later(sandbox: RunningSandbox, company: Company) -> None:
    httpx.post(f"{sandbox.base_url}/phone/offline", json={"of": ANA, "offline": True})
    send(sandbox)
    until(lambda: "sent" in company.statuses())
    time.sleep(0.3)
    assert "delivered" not in company.statuses()
    httpx.post(f"{sandbox.base_url}/phone/offline", json={"of": ANA, "offline": False})
    until(lambda: "read" in company.statuses())
