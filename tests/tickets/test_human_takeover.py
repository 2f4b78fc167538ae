"""Conversations in the hands of people: silent, returned in every way there is, and never muted for ever."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from desks.conftest import COMPANY, CUSTOMER, SECRET, Clock, app_with, telling, until
from support.serving import serving

from segunda_via.app import App
from segunda_via.boletos.outcome import Outcome
from segunda_via.desks.signature import HEADER, sign
from segunda_via.settings import conversation as conversation_setting
from segunda_via.settings.conversation import CONVERSATION_SETTING

CREDENTIALS = {
    "journal": {},
    "webhook": {"base_url": "http://127.0.0.1:9/hook", "secret": SECRET},
    "whaticket": {"base_url": "http://127.0.0.1:9", "email": "a@b.c", "password": "x", "return_secret": SECRET},
    "chatwoot": {"base_url": "http://127.0.0.1:9", "account_id": "3", "token": "x", "return_secret": SECRET},
}


@pytest.fixture
def time() -> Clock:
    return Clock()


@pytest.fixture
async def app(request: pytest.FixtureRequest, tmp_path: Path, time: Clock) -> AsyncIterator[App]:
    desk = getattr(request, "param", "webhook")
    app = app_with(tmp_path, desk, CREDENTIALS[desk], time)
    yield app
    await app.close()


def handed_over(app: App) -> None:
    app.tickets.hand_over(COMPANY, CUSTOMER, "suspicious", "uma pessoa envia", "481")
    assert app.human_takeover.is_silenced(COMPANY, CUSTOMER)


def test_only_a_conversation_that_the_desk_carries_is_silent(app: App) -> None:
    app.tickets.hand_over(COMPANY, "rest", "suspicious", "uma pessoa envia")
    assert not app.human_takeover.is_silenced(COMPANY, "rest")
    app.tickets.open(COMPANY, CUSTOMER, "481")
    assert not app.human_takeover.is_silenced(COMPANY, CUSTOMER), "nobody took it over yet"
    handed_over(app)
    assert not app.human_takeover.is_silenced("other", CUSTOMER)


def test_a_person_gives_it_back(app: App) -> None:
    handed_over(app)
    assert app.tickets.returned(COMPANY, "481")
    assert not app.human_takeover.is_silenced(COMPANY, CUSTOMER)
    assert not app.tickets.returned(COMPANY, "481"), "once"
    assert app.journal.recent(COMPANY)[0].status == "returned"
    app.tickets.open(COMPANY, CUSTOMER, "481")
    app.tickets.finish(COMPANY, CUSTOMER, Outcome.OVERDUE)
    assert app.journal.recent(COMPANY)[0].status == "finished", "the same ticket lives on"


def test_it_can_be_given_back_by_its_conversation(app: App) -> None:
    handed_over(app)
    assert app.tickets.returned(COMPANY, CUSTOMER, "operator")
    assert not app.human_takeover.is_silenced(COMPANY, CUSTOMER)


def test_what_nobody_gives_back_ends_by_itself_after_a_day(app: App, time: Clock) -> None:
    handed_over(app)
    time.ahead = timedelta(hours=23, minutes=59)
    assert app.human_takeover.is_silenced(COMPANY, CUSTOMER)
    time.ahead = timedelta(hours=24, minutes=1)
    assert not app.human_takeover.is_silenced(COMPANY, CUSTOMER)


def test_how_long_it_lasts_at_most_is_the_operators(app: App, time: Clock) -> None:
    settings = conversation_setting.ConversationSettings(silence_hours=2)
    CONVERSATION_SETTING.save(app.settings, COMPANY, settings, by="maria", at=app.now())
    handed_over(app)
    time.ahead = timedelta(hours=2, minutes=1)
    assert not app.human_takeover.is_silenced(COMPANY, CUSTOMER)


async def test_the_journal_says_that_it_expired(app: App, time: Clock) -> None:
    handed_over(app)
    time.ahead = timedelta(hours=25)
    async with telling(app):
        await until(lambda: app.journal.recent(COMPANY)[0].status == "returned")
    ticket = app.journal.recent(COMPANY)[0].ticket
    assert app.journal.events(ticket)[-1][1:] == ("returned", "expired")


Post = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def post(app: App) -> AsyncIterator[Post]:
    async with serving(app) as client:

        async def send(desk: str, body: object, **headers: str) -> httpx.Response:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            return await client.post(f"/desk/{desk}", content=content, headers=headers)

        yield send


RETURNED = json.dumps({"event": "ticket.returned", "ticket_id": "481"}).encode()


def signed(app: App, body: bytes = RETURNED, secret: str = SECRET, late: int = 0) -> dict[str, str]:
    return {HEADER: sign(body, secret, at=int(app.now().timestamp()) - late)}


async def test_our_own_signature_returns_it(app: App, post: Post) -> None:
    handed_over(app)
    response = await post("webhook", RETURNED, **signed(app))
    assert (response.status_code, response.json()) == (200, {"returned": True})
    assert not app.human_takeover.is_silenced(COMPANY, CUSTOMER)
    assert (await post("webhook", RETURNED, **signed(app))).json() == {"returned": False}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer errado"},
        {"Authorization": "Basic x"},
        {HEADER: "t=1,v1=00"},
        {HEADER: "lixo"},
        {"X-Chatwoot-Signature": "sha256=00", "X-Chatwoot-Timestamp": "1"},
    ],
)
async def test_nobody_else_returns_it(app: App, post: Post, headers: dict[str, str]) -> None:
    handed_over(app)
    assert (await post("webhook", RETURNED, **headers)).status_code == 401
    assert app.human_takeover.is_silenced(COMPANY, CUSTOMER)


async def test_an_old_signature_and_one_of_another_body_are_refused(app: App, post: Post) -> None:
    handed_over(app)
    assert (await post("webhook", RETURNED, **signed(app, late=600))).status_code == 401
    assert (await post("webhook", RETURNED, **signed(app, body=b"{}"))).status_code == 401
    assert (await post("webhook", RETURNED, **signed(app, secret="outro"))).status_code == 401
    assert app.human_takeover.is_silenced(COMPANY, CUSTOMER)


@pytest.mark.parametrize("app", ["chatwoot"], indirect=True)
@pytest.mark.parametrize(("status", "returns"), [("open", False), ("pending", True), ("resolved", True)])
async def test_chatwoots_own_webhook_returns_it(app: App, post: Post, status: str, returns: bool) -> None:
    handed_over(app)
    body = json.dumps({"event": "conversation_status_changed", "id": 481, "status": status}).encode()
    moment = str(int(app.now().timestamp()))
    signature = hmac.new(SECRET.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"X-Chatwoot-Signature": f"sha256={signature}", "X-Chatwoot-Timestamp": moment}
    assert (await post("chatwoot", body, **headers)).json() == {"returned": returns}
    assert app.human_takeover.is_silenced(COMPANY, CUSTOMER) is not returns


@pytest.mark.parametrize("app", ["whaticket"], indirect=True)
async def test_a_ticket_closed_in_whaticket_comes_back(app: App, post: Post) -> None:
    handed_over(app)
    basic = {"Authorization": f"Basic {base64.b64encode(f'desk:{SECRET}'.encode()).decode()}"}
    ours = {"ticket": {"id": 481, "status": "pending", "queueId": 2, "userId": None}}
    assert (await post("whaticket", ours, **basic)).json() == {"returned": False}, "that is our own hand-over"
    closed = {"ticket": {"id": 481, "status": "closed"}}
    assert (await post("whaticket", closed, **basic)).json() == {"returned": True}
    assert not app.human_takeover.is_silenced(COMPANY, CUSTOMER)


@pytest.mark.parametrize("app", ["journal", "whaticket"], indirect=True)
async def test_a_desk_that_is_not_in_force_has_no_route(app: App, post: Post) -> None:
    assert (await post("webhook", RETURNED, **signed(app))).status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"{}", b'{"event": "ticket.returned"}'])
async def test_what_cannot_be_read_returns_nothing(app: App, post: Post, body: bytes) -> None:
    handed_over(app)
    response = await post("webhook", body, Authorization=f"Bearer {SECRET}")
    assert response.status_code in {200, 400}
    assert app.human_takeover.is_silenced(COMPANY, CUSTOMER)


async def test_a_return_that_cannot_be_written_down_is_asked_for_again(app: App, post: Post) -> None:
    handed_over(app)
    with app.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE segunda_via_tickets RENAME TO away"))
    response = await post("webhook", RETURNED, **signed(app))
    assert (response.status_code, response.json()) == (503, {"error": "try again"})
    with app.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE away RENAME TO segunda_via_tickets"))
    assert (await post("webhook", RETURNED, **signed(app))).json() == {"returned": True}
