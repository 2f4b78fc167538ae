"""The sender against a Twilio that is down, slow, or unsure, with a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from cryptography.fernet import Fernet
from sqlalchemy.engine import Engine
from support.retention import erase_old

from segunda_via.app import App
from segunda_via.boletos.outcome import Outcome
from segunda_via.job_queue.job import Job, jobs
from segunda_via.job_queue.worker import Done, Ended, Fail, Retry, Verdict
from segunda_via.media.links import QrLink
from segunda_via.settings import whatsapp
from segunda_via.settings.environment import Environment
from segunda_via.whatsapp.replies import Replies
from segunda_via.whatsapp.sender import Sender
from segunda_via.whatsapp.sent_messages import SentMessage
from segunda_via.whatsapp.twilio_client import TwilioClient, new_client

NUMBER = whatsapp.checked(
    {
        "account_sid": "AC" + "0" * 32,
        "auth_token": "token",
        "number": "+14155238886",
        "webhook_url": "https://bot.example.com/w/webhook",
    }
)
CUSTOMER = "whatsapp:+5547999990001"
CONVERSATION_ID = f"{NUMBER.number}:{CUSTOMER}"
KEY = Fernet.generate_key().decode()


class Twilio:
    """Accepts, unless `answers` has something else to do first; `lost` accepts and then cuts the line."""

    def __init__(self) -> None:
        self.answers: list[Callable[[], httpx.Response]] = []
        self.posted: list[dict[str, str]] = []
        self.accepted: list[dict[str, Any]] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"messages": list(reversed(self.accepted))})
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        self.posted.append(form)
        if self.answers:
            return self.answers.pop(0)()
        return self.accept(form)

    def accept(self, form: dict[str, str]) -> httpx.Response:
        sid = f"SM{len(self.accepted):032x}"
        made = datetime.now(timezone.utc).strftime("%a, %d %b %Y %H:%M:%S +0000")
        media = "1" if "MediaUrl" in form else "0"
        self.accepted.append(
            {"sid": sid, "body": form.get("Body", ""), "num_media": media, "date_created": made, "direction": "out"}
        )
        return httpx.Response(201, json={"sid": sid})

    def lost(self) -> httpx.Response:
        self.accept(self.posted[-1])
        raise httpx.ReadTimeout("slow")

    def refuse(self, code: int, status: int = 400) -> Callable[[], httpx.Response]:
        return lambda: httpx.Response(status, json={"code": code})


class Line:
    """An outbox whose worker is the test."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.moment = datetime.now(timezone.utc)
        self.seconds = 0.0
        self.app = App(Environment(secret_key=KEY), now=lambda: self.moment, home=folder)
        self.app.__dict__["engine"] = engine
        self.twilio = Twilio()
        client = TwilioClient("https://twilio.test", new_client(httpx.MockTransport(self.twilio.handle)))
        self.sender = Sender(
            engine=engine,
            sent_messages=self.app.sent_messages,
            completion=self.app.ticket_completion,
            twilio=client,
            links=self.app.media_links,
            number=lambda company: NUMBER,
            now=lambda: self.moment,
            holds=self.app.outbox.extend,
            on_its_way=0.0,
            clock=lambda: self.seconds,
        )

    def queue(self, *bodies: str, turn: str = "SM1", delivery: bool = False) -> None:
        self.queue_steps(*({"kind": "text", "body": body} for body in bodies), turn=turn, delivery=delivery)

    def queue_steps(self, *steps: dict[str, Any], turn: str = "SM1", delivery: bool = False) -> None:
        outcome = Outcome.OVERDUE if delivery else None
        said = Replies([{**step, "from": NUMBER.number, "to": CUSTOMER} for step in steps], delivered=outcome)
        marks = []
        if delivery:
            self.app.tickets.open("default", CONVERSATION_ID)
            completion = self.app.ticket_completion
            marks = [completion.mark("default", CONVERSATION_ID, turn, Outcome.OVERDUE, len(steps))]
        with self.app.engine.begin() as connection:
            self.app.reply_writer.put(connection, "default", CONVERSATION_ID, turn, said)
            for mark in marks:
                mark(connection)

    async def step(self) -> Verdict | None:
        """One turn's messages taken and handled; None when nothing is due."""
        taken = self.app.outbox.take("test")
        if not taken:
            return None
        (entry,) = taken
        verdict = await self.sender(entry)
        self.settle(entry, verdict)
        return verdict

    def settle(self, entry: Job, verdict: Verdict) -> None:
        if isinstance(verdict, Done):
            self.app.outbox.done(entry, verdict.note)
        elif isinstance(verdict, Fail):
            self.app.outbox.fail(entry, verdict.reason)
        elif isinstance(verdict, Retry):
            self.app.outbox.retry(entry, verdict.after)

    async def begin_to_send(self) -> tuple[asyncio.Task[Verdict | None], str]:
        """A step that was accepted and now waits, as long as it takes, until it is on its way."""
        self.sender._on_its_way = 60.0
        step = asyncio.create_task(self.step())
        sid = "SM" + "0" * 32
        while self.app.sent_messages.by_sid(sid) is None:  # noqa: ASYNC110  it comes to stand in the database
            await asyncio.sleep(0.01)
        return step, sid

    async def run(self, seconds: float = 0, step: float = 1.0) -> None:
        """Everything that becomes due while that time passes."""
        end = self.moment + timedelta(seconds=seconds)
        while True:
            while await self.step() is not None:
                pass
            if self.moment >= end:
                return
            self.moment += timedelta(seconds=step)

    def bodies(self) -> list[str]:
        return [each["body"] for each in self.twilio.accepted]

    def ticket(self) -> tuple[str, str | None]:
        (entry,) = self.app.journal.recent("default")
        return entry.status, entry.reason


@pytest.fixture
def line(engine: Engine, tmp_path: Path) -> Line:
    return Line(engine, tmp_path)


async def test_in_order_with_a_callback_for_each(line: Line) -> None:
    line.queue("um", "dois", "três")
    await line.run()
    assert line.bodies() == ["um", "dois", "três"]
    assert {form["StatusCallback"] for form in line.twilio.posted} == {"https://bot.example.com/w/status"}


async def test_the_next_message_waits_until_this_one_is_on_its_way(line: Line) -> None:
    line.queue("um", "dois")
    first, sid = await line.begin_to_send()
    await line.sender.status(sid, "queued", None)
    await asyncio.sleep(0.1)
    assert not first.done()
    assert line.bodies() == ["um"]
    assert line.app.outbox.take("other") == []
    line.sender._on_its_way = 0.0
    await line.sender.status(sid, "sent", None)
    assert await asyncio.wait_for(first, 10) == Done("2 of 2 sent")
    assert line.bodies() == ["um", "dois"]


async def test_a_message_whose_callback_went_to_another_server_is_looked_for(line: Line) -> None:
    line.queue("um")
    first, sid = await line.begin_to_send()
    with line.app.engine.begin() as connection:
        line.app.sent_messages.tell(connection, [(sid, "delivered", None)])
    assert await asyncio.wait_for(first, 10) == Done("1 of 1 sent")


async def test_down_for_ten_minutes_then_everything_arrives_once(line: Line) -> None:
    line.queue("um", "dois", delivery=True)
    back = line.moment + timedelta(minutes=10)

    def down() -> httpx.Response:
        if line.moment < back:
            line.twilio.answers.append(down)
            raise httpx.ConnectError("refused")
        return line.twilio.accept(line.twilio.posted[-1])

    line.twilio.answers.append(down)
    await line.run(700, step=5)
    assert line.bodies() == ["um", "dois"]
    assert line.ticket()[0] == "finished"
    assert len(line.twilio.posted) < 60, "it was asked with patience"


async def test_after_half_an_hour_a_person_takes_over(line: Line) -> None:
    line.queue("um", "dois", delivery=True)

    def down() -> httpx.Response:
        line.twilio.answers.append(down)
        raise httpx.ConnectError("refused")

    line.twilio.answers.append(down)
    await line.run(1900, step=10)
    assert line.bodies() == []
    assert line.ticket() == ("handed_over", "send_failed")
    assert line.app.outbox.waiting()[0] == 0


async def test_an_answer_that_was_lost_is_looked_for_and_not_repeated(line: Line) -> None:
    line.queue("um", "dois", delivery=True)
    line.twilio.answers.append(line.twilio.lost)
    await line.run(10)
    assert line.bodies() == ["um", "dois"]
    assert line.ticket()[0] == "finished"


async def test_the_same_words_twice_are_two_messages(line: Line) -> None:
    line.queue("um", "um")
    line.twilio.answers.append(line.twilio.lost)
    await line.run(10)
    assert line.bodies() == ["um", "um"]


@pytest.mark.parametrize("died", ["before the call", "after the call", "after it was written down"])
async def test_a_death_at_each_point_of_a_step(line: Line, died: str) -> None:
    line.queue("um", "dois", delivery=True)
    (entry,) = line.app.outbox.take("dead")
    if died != "before the call":
        sid = line.twilio.accept({"Body": "um"}).json()["sid"]
        if died == "after it was written down":
            line.app.sent_messages.accepted(SentMessage.new(entry, 0, "text"), sid)
    await line.run(29)
    assert len(line.bodies()) == (died != "before the call"), "the lease still runs"
    await line.run(5)
    assert line.bodies() == ["um", "dois"]
    assert line.ticket()[0] == "finished"


async def test_a_death_after_the_first_message_leaves_the_second_one_alone_in_doubt(line: Line) -> None:
    line.queue("um", "dois", "três", delivery=True)
    (entry,) = line.app.outbox.take("dead")
    sid = line.twilio.accept({"Body": "um"}).json()["sid"]
    line.app.sent_messages.accepted(SentMessage.new(entry, 0, "text"), sid)
    line.twilio.accept({"Body": "dois"})
    await line.run(35)
    assert line.bodies() == ["um", "dois", "três"]
    assert line.ticket()[0] == "finished"


async def test_who_stood_still_and_lost_the_job_sends_nothing_more(line: Line) -> None:
    line.queue("um", "dois", delivery=True)
    (entry,) = line.app.outbox.take("stood still")

    def late() -> httpx.Response:
        line.seconds += 40
        line.moment += timedelta(seconds=40)
        assert line.app.outbox.take("other")
        return line.twilio.accept(line.twilio.posted[-1])

    line.twilio.answers.append(late)
    assert await line.sender(entry) == Ended()
    assert line.bodies() == ["um"]


async def test_who_stood_still_and_holds_the_job_goes_on(line: Line) -> None:
    line.queue("um", "dois", delivery=True)

    def late() -> httpx.Response:
        line.seconds += 40
        return line.twilio.accept(line.twilio.posted[-1])

    line.twilio.answers.append(late)
    await line.run()
    assert line.bodies() == ["um", "dois"]


async def test_what_an_older_version_queued_is_sent(line: Line) -> None:
    for ordinal, body in enumerate(["um", "dois"]):
        text = {"kind": "text", "body": body, "from": NUMBER.number, "to": CUSTOMER, "ordinal": ordinal, "of": 2}
        line.app.outbox.put(CONVERSATION_ID, f"SM1:{ordinal}", "text", text, batch="SM1")
    line.app.tickets.open("default", CONVERSATION_ID)
    with line.app.engine.begin() as connection:
        line.app.ticket_completion.mark("default", CONVERSATION_ID, "SM1", Outcome.OVERDUE, 2)(connection)
    await line.run()
    assert line.bodies() == ["um", "dois"]
    assert line.ticket()[0] == "finished"


async def test_a_wrong_token_waits_for_the_operator(line: Line) -> None:
    line.queue("um")
    line.twilio.answers += [line.twilio.refuse(20003, 401)] * 3
    await line.run(20)
    assert line.bodies() == []
    await line.run(100)
    assert line.bodies() == ["um"]


async def test_a_message_that_is_refused_lets_the_next_ones_go(line: Line) -> None:
    line.queue("um", "dois", "três", delivery=True)
    line.twilio.answers.append(lambda: line.twilio.accept(line.twilio.posted[-1]))
    line.twilio.answers.append(line.twilio.refuse(63019))
    await line.run()
    assert line.bodies() == ["um", "três"]
    assert line.ticket() == ("handed_over", "send_failed")
    assert "2 de 3" in str(line.app.journal.recent("default")[0])


async def test_a_status_before_the_answer_counts(line: Line) -> None:
    line.queue("um", delivery=True)
    await line.sender.status("SM" + "0" * 32, "undelivered", "63016")
    await line.run()
    assert line.ticket() == ("handed_over", "send_failed")


async def test_statuses_only_move_forward(line: Line) -> None:
    for status in ("delivered", "sent", "read", "queued"):
        await line.sender.status("SMx", status, None)
    found = line.app.sent_messages.status("SMx")
    assert found is not None
    assert found.status == "read"


async def test_statuses_that_come_together_count_by_how_far_the_message_has_come(line: Line) -> None:
    told = ("sent", "undelivered", "delivered", "sent")
    await asyncio.gather(*(line.sender.status("SMx", status, "63016" if "un" in status else None) for status in told))
    found = line.app.sent_messages.status("SMx")
    assert found is not None
    assert (found.status, found.error, found.failed) == ("undelivered", "63016", True)


async def test_links_are_minted_when_they_are_sent(line: Line) -> None:
    line.queue_steps({"kind": "image", "url": line.app.media_links.qr("00020126")})
    line.moment += timedelta(minutes=20)
    await line.run()
    (form,) = line.twilio.posted
    assert form["MediaUrl"].startswith("https://bot.example.com/w/media/")
    line.moment += timedelta(hours=23, minutes=50)
    assert line.app.media_links.open(form["MediaUrl"].rsplit("/", 1)[1]) == QrLink("00020126")


async def test_bodies_are_erased_after_a_day(line: Line) -> None:
    line.queue("um")
    await line.run()
    assert erase_old(line.app.engine, jobs, line.moment + timedelta(hours=23)) == 0
    assert erase_old(line.app.engine, jobs, line.moment + timedelta(hours=25)) == 1


async def test_what_is_queued_again_changes_nothing(line: Line) -> None:
    line.queue("um", "dois")
    line.queue("outro")
    await line.run()
    assert line.bodies() == ["um", "dois"]
