"""One job of the inbox, one turn: what happens when Rasa is away or breaks, or this process dies in its middle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.engine import Engine
from support.jobs import stored_jobs

from segunda_via.app import App
from segunda_via.boletos.outcome import Outcome
from segunda_via.http.rasa_client import RasaUnavailable, Turn, TurnFailed, TurnRejected
from segunda_via.job_queue.job import Job
from segunda_via.job_queue.worker import Done, Ended, Fail, Retry, Verdict
from segunda_via.server import inbox
from segunda_via.server.inbox import TOLD_TO_WAIT_AFTER, WAIT, Inbox
from segunda_via.settings.environment import Environment
from segunda_via.storage.database import metadata
from segunda_via.whatsapp import replies
from segunda_via.whatsapp.buttons import ButtonChoice
from segunda_via.whatsapp.sent_messages import SentMessage, messages_of
from segunda_via.whatsapp.ticket_completion import completions

COMPANY = "default"
CONVERSATION_ID = "whatsapp:+14155238886:whatsapp:+5547999990001"
MESSAGE_ID = "SM" + "0" * 32
INBOUND = {
    "message_id": MESSAGE_ID,
    "sender": "whatsapp:+5547999990001",
    "to": "whatsapp:+14155238886",
    "kind": "text",
    "text": "oi",
}


@dataclass
class Rasa:
    """Says `said`, or raises it; keeps to its word that the same is said again."""

    said: list[Mapping[str, Any]] | Exception = field(default_factory=lambda: [{"text": "um"}, {"text": "dois"}])
    asked: list[tuple[Turn, int]] = field(default_factory=list)

    async def run(self, turn: Turn, attempt: int) -> list[Mapping[str, Any]]:
        self.asked.append((turn, attempt))
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


class OneMessage:
    """A customer's message in the inbox, and what becomes of it."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.began = self.moment = datetime.now(timezone.utc)
        self.app = App(Environment(secret_key=Fernet.generate_key().decode()), now=lambda: self.moment, home=folder)
        self.app.__dict__["engine"] = engine
        self.rasa = Rasa()
        self.queued_times = 0
        self.app.inbox.put(CONVERSATION_ID, MESSAGE_ID, "message", INBOUND)

    def take(self, after: timedelta = timedelta(seconds=1)) -> Job:
        self.moment += after
        (job,) = self.app.whatsapp_inbox.take("test")
        return job

    def handler(self) -> Inbox:
        async def typing(company: str, message_id: str) -> None:
            return None

        def queued() -> None:
            self.queued_times += 1

        app = self.app
        return Inbox(
            self.rasa,
            engine=app.repeatable,
            inbox=app.whatsapp_inbox,
            writer=app.reply_writer,
            choices=app.shown_choices,
            completion=app.ticket_completion,
            tickets=app.tickets,
            is_silenced=app.human_takeover.is_silenced,
            number=lambda company: None,
            words=lambda company, response: response,
            now=app.now,
            typing=typing,
            queued=queued,
        )

    async def run(self, job: Job | None = None) -> Verdict:
        return await self.handler()(job or self.take())

    async def passes(self, seconds: float, step: float = 1.0) -> None:
        """The worker, while that time passes."""
        end = self.moment + timedelta(seconds=seconds)
        while self.moment < end:
            self.moment += timedelta(seconds=step)
            for job in self.app.whatsapp_inbox.take("test"):
                verdict = await self.run(job)
                if isinstance(verdict, Retry):
                    self.app.whatsapp_inbox.retry(job, verdict.after, failed=verdict.failed)
                elif isinstance(verdict, Done):
                    self.app.whatsapp_inbox.done(job, verdict.note)

    def state(self) -> tuple[str, str | None]:
        (row,) = stored_jobs(self.app.engine, "inbox", key=MESSAGE_ID)
        return row.state, row.note

    def queued(self) -> list[str]:
        bodies = []
        while taken := self.app.outbox.take("reader"):
            for job in taken:
                bodies += [str(message["body"]) for _, message in messages_of(job)]
                self.app.outbox.done(job)
        return bodies

    def ticket(self) -> tuple[str, str | None]:
        (entry,) = self.app.journal.recent(COMPANY)
        return entry.status, entry.reason


@pytest.fixture
def inbound(engine: Engine, tmp_path: Path) -> OneMessage:
    return OneMessage(engine, tmp_path)


async def test_a_turn_queues_what_it_said_and_ends_the_job(inbound: OneMessage) -> None:
    assert await inbound.run() == Ended()
    assert inbound.state() == ("done", "2 messages")
    assert inbound.queued_times == 1
    assert inbound.queued() == ["um", "dois"]
    ((turn, attempt),) = inbound.rasa.asked
    assert (turn.conversation_id, turn.message_id, turn.text, turn.intent, attempt) == (
        CONVERSATION_ID, MESSAGE_ID, "oi", None, 1
    )  # fmt: skip
    assert turn.metadata["outbox"] is True


async def test_a_death_before_the_transaction_asks_again_and_queues_once(inbound: OneMessage) -> None:
    """Rasa tells again what it said: see tests/dialogues/test_turns_by_request.py."""

    class Died(BaseException):
        pass

    def dies(*_: object) -> None:
        raise Died

    handler = inbound.handler()
    handler._queue = dies  # type: ignore[method-assign]  between Rasa's answer and the commit
    with pytest.raises(Died):
        await handler(inbound.take())
    assert inbound.queued() == []
    assert await inbound.run(inbound.take(timedelta(seconds=31))) == Ended()
    assert [attempt for _, attempt in inbound.rasa.asked] == [1, 2]
    assert inbound.queued() == ["um", "dois"]


async def test_what_breaks_inside_the_transaction_leaves_nothing_of_it(inbound: OneMessage) -> None:
    class Broken:
        def show(self, *_: object) -> None:
            raise ConnectionError

    inbound.rasa.said = [{"text": "?", "buttons": [{"title": "Sim", "payload": "/x"}]}]
    handler = inbound.handler()
    handler._writer = replies.ReplyWriter(inbound.app.outbox, Broken())  # type: ignore[arg-type]
    with pytest.raises(ConnectionError):
        await handler(inbound.take())
    assert inbound.state() == ("waiting", None)
    assert inbound.queued() == []
    await inbound.run(inbound.take(timedelta(seconds=31)))
    assert inbound.queued() == ["?\n1. Sim"]


async def test_who_has_lost_the_lease_writes_nothing(inbound: OneMessage) -> None:
    late = inbound.take()
    now = inbound.take(timedelta(seconds=31))
    inbound.rasa.said = [{"text": "de quem perdeu"}]
    assert await inbound.run(late) == Ended()
    assert inbound.queued() == []
    assert inbound.state() == ("waiting", None)
    inbound.rasa.said = [{"text": "de quem tem"}]
    await inbound.run(now)
    await inbound.run(late)
    assert inbound.queued() == ["de quem tem"]


async def test_the_same_answers_twice_are_queued_once(inbound: OneMessage) -> None:
    said = replies.texts(["um", "dois"], CONVERSATION_ID)
    for _ in range(2):
        with inbound.app.engine.begin() as connection:
            inbound.app.reply_writer.put(connection, COMPANY, CONVERSATION_ID, MESSAGE_ID, said)
    assert inbound.queued() == ["um", "dois"]


async def test_who_waits_for_others_is_told_so_once(inbound: OneMessage) -> None:
    inbound.app.inbox.put(CONVERSATION_ID, f"{MESSAGE_ID}2", "message", {**INBOUND, "message_id": f"{MESSAGE_ID}2"})
    told = []
    for _ in range(20):
        inbound.moment += timedelta(seconds=3)
        await inbound.handler().reassure()
        told += [(text, inbound.moment - inbound.began > TOLD_TO_WAIT_AFTER) for text in inbound.queued()]
    assert told == [(WAIT, True)]
    await inbound.run()
    assert len(inbound.rasa.asked) == 1, "the turn is run all the same"


async def test_while_rasa_is_away_the_message_waits_and_is_answered_when_it_is_back(inbound: OneMessage) -> None:
    inbound.rasa.said = RasaUnavailable("ConnectError")
    await inbound.passes(9)
    assert inbound.queued() == []
    await inbound.passes(100)
    assert len(inbound.rasa.asked) > inbox.FAILURES
    assert inbound.queued() == [WAIT], "once"
    inbound.rasa.said = [{"text": "um"}]
    await inbound.passes(10)
    assert inbound.queued() == ["um"]
    assert inbound.state()[0] == "done"


async def test_rasa_is_asked_with_patience(inbound: OneMessage) -> None:
    verdicts = []
    inbound.rasa.said = RasaUnavailable("ConnectError")
    for _ in range(5):
        job = inbound.take(timedelta(seconds=6))
        verdict = await inbound.run(job)
        assert isinstance(verdict, Retry)
        assert not verdict.failed
        verdicts.append(verdict.after.total_seconds())
        inbound.app.inbox.retry(job, verdict.after)
    assert [round(each // 1) for each in verdicts[:2]] == [1, 2]
    assert max(verdicts) <= inbox.LONGEST_BACKOFF * 1.2


async def test_after_ten_minutes_without_rasa_a_person_takes_over(inbound: OneMessage) -> None:
    inbound.rasa.said = RasaUnavailable("ConnectError")
    await inbound.passes(620, step=5)
    assert inbound.queued() == [
        WAIT, "utter_segunda_via_error", "utter_segunda_via_hand_over"
    ]  # fmt: skip
    assert inbound.ticket() == ("handed_over", "error")
    assert inbound.state() == ("done", "handed over")


async def test_where_people_answer_nothing_is_said_while_rasa_is_away(inbound: OneMessage) -> None:
    inbound.app.tickets.hand_over(COMPANY, CONVERSATION_ID, "asked", "pediu", "481")
    assert inbound.app.human_takeover.is_silenced(COMPANY, CONVERSATION_ID)
    inbound.rasa.said = RasaUnavailable("ConnectError")
    await inbound.passes(620, step=5)
    assert inbound.queued() == []
    assert inbound.state() == ("done", "people answer there")


async def test_a_timer_waits_for_rasa_without_words_and_without_end(inbound: OneMessage) -> None:
    inbound.app.inbox.cancel_kind(CONVERSATION_ID, "message")
    inbound.app.inbox.put(CONVERSATION_ID, "timer-1", "timer", {"intent": "EXTERNAL_inactive"})
    inbound.rasa.said = RasaUnavailable("ConnectError")
    await inbound.passes(700, step=5)
    assert inbound.queued() == []
    assert inbound.app.inbox.waiting()[0] == 1


async def test_a_turn_that_always_breaks_goes_to_a_person_after_three_tries(inbound: OneMessage) -> None:
    inbound.rasa.said = TurnFailed("status 500")
    await inbound.passes(15)
    assert len(inbound.rasa.asked) == inbox.FAILURES
    assert inbound.queued() == ["utter_segunda_via_error", "utter_segunda_via_hand_over"]
    assert inbound.ticket() == ("handed_over", "error")
    with inbound.app.engine.connect() as connection:
        assert connection.execute(sa.select(completions)).first() is None, "an apology finishes nothing"


async def test_what_broke_while_rasa_was_away_meanwhile_is_tried_as_often(inbound: OneMessage) -> None:
    inbound.rasa.said = RasaUnavailable("ConnectError")
    await inbound.passes(15)
    inbound.rasa.said = TurnFailed("status 504")
    job = inbound.take(timedelta(seconds=6))
    assert job.attempts > inbox.FAILURES
    assert job.failures == 0
    verdict = await inbound.run(job)
    assert isinstance(verdict, Retry)
    assert verdict.failed


async def test_what_rasa_takes_for_no_turn_goes_to_a_person_at_once(inbound: OneMessage) -> None:
    inbound.rasa.said = TurnRejected("status 400")
    await inbound.run()
    assert len(inbound.rasa.asked) == 1
    assert inbound.queued() == ["utter_segunda_via_error", "utter_segunda_via_hand_over"]


async def test_the_choices_that_were_shown_are_understood_after_the_wait_too(inbound: OneMessage) -> None:
    with inbound.app.engine.begin() as connection:
        inbound.app.shown_choices.show(connection, COMPANY, CONVERSATION_ID, [ButtonChoice("OI", "/cumprimentar")])
    inbound.rasa.said = RasaUnavailable("ConnectError")
    await inbound.passes(60)
    assert inbound.queued() == [WAIT]
    inbound.rasa.said = [{"text": "certo"}]
    await inbound.passes(10)
    turn, _ = inbound.rasa.asked[-1]
    assert turn.intent == "cumprimentar"


async def test_a_delivery_finishes_its_ticket_with_its_last_message(inbound: OneMessage) -> None:
    inbound.app.tickets.open(COMPANY, CONVERSATION_ID)
    inbound.rasa.said = [{"text": "dados"}, {"text": "pix"}, {"custom": replies.announcement(Outcome.OVERDUE)}]
    await inbound.run()
    inbound.app.ticket_completion.accepted(COMPANY, MESSAGE_ID, 0)
    assert inbound.ticket()[0] == "open"
    inbound.app.ticket_completion.accepted(COMPANY, MESSAGE_ID, 1)
    assert inbound.ticket()[0] == "finished"


async def test_a_delivery_that_said_nothing_finishes_at_once(inbound: OneMessage) -> None:
    inbound.app.tickets.open(COMPANY, CONVERSATION_ID)
    inbound.rasa.said = [{"custom": replies.announcement(Outcome.OVERDUE)}]
    await inbound.run()
    assert inbound.ticket()[0] == "finished"


async def test_a_death_before_a_silent_delivery_was_finished_is_made_good(inbound: OneMessage) -> None:
    inbound.app.tickets.open(COMPANY, CONVERSATION_ID)
    mark = inbound.app.ticket_completion.mark(COMPANY, CONVERSATION_ID, MESSAGE_ID, Outcome.OVERDUE, 0)
    with inbound.app.engine.begin() as connection:
        mark(connection)
    assert inbound.app.ticket_completion.resume() == 0, "whoever marked it may be at it"
    inbound.moment += timedelta(seconds=60)
    assert inbound.app.ticket_completion.resume() == 1
    assert inbound.ticket()[0] == "finished"


async def test_a_timer_is_a_turn_with_an_intent_and_no_words(inbound: OneMessage) -> None:
    assert inbound.app.inbox.cancel_kind(CONVERSATION_ID, "message") == 1
    inbound.app.inbox.put(CONVERSATION_ID, "timer-1", "timer", {"intent": "EXTERNAL_inactive"})
    inbound.app.inactivity.asked(COMPANY, "shell", "cmdline")
    await inbound.run()
    ((turn, _),) = inbound.rasa.asked
    assert (turn.intent, turn.message_id, turn.text, turn.metadata["outbox"]) == (
        "EXTERNAL_inactive", "timer-1", "", True
    )  # fmt: skip
    assert inbound.app.inbox.waiting()[0] == 0, "the shell's timer is not WhatsApp's"


async def test_what_was_left_waiting_by_an_older_version_is_answered(inbound: OneMessage) -> None:
    inbound.app.inbox.cancel_kind(CONVERSATION_ID, "message")
    older = {"sid": "SM1", **{name: value for name, value in INBOUND.items() if name != "message_id"}}
    inbound.app.inbox.put(CONVERSATION_ID, "SM1", "message", older)
    await inbound.run()
    ((turn, _),) = inbound.rasa.asked
    assert (turn.message_id, turn.text) == ("SM1", "oi")


async def test_what_cannot_be_said_does_not_end_the_turn(inbound: OneMessage) -> None:
    inbound.rasa.said = [{"custom": {"x": 1}}, {"elements": [1]}, {"text": ""}, {}, {"text": "fim"}]
    await inbound.run()
    assert inbound.queued() == ["fim"]


async def test_what_is_no_conversation_on_whatsapp_blocks_nobody(inbound: OneMessage) -> None:
    inbound.app.inbox.cancel_kind(CONVERSATION_ID, "message")
    inbound.app.inbox.put("shell", "x", "timer", {"intent": "EXTERNAL_inactive"})
    assert isinstance(await inbound.run(), Fail)


async def test_no_phone_stands_anywhere_in_clear(inbound: OneMessage, tmp_path: Path) -> None:
    app = inbound.app
    app.tickets.open(COMPANY, CONVERSATION_ID)
    app.inactivity.asked(COMPANY, CONVERSATION_ID, "whatsapp")
    app.timer_queue.put(f"{CONVERSATION_ID}#1", "k", "timer", {})
    menu = {"text": "?", "buttons": [{"title": "Sim", "payload": "/x"}]}
    inbound.rasa.said = [menu, {"custom": replies.announcement(Outcome.OVERDUE)}]
    await inbound.run()
    (job,) = app.outbox.take("test")
    app.sent_messages.accepted(SentMessage.new(job, 0, "text"), "SMx")
    if app.engine.dialect.name != "sqlite":
        with app.engine.connect() as connection:
            shown = str([connection.execute(sa.select(table)).all() for table in metadata.sorted_tables])
        assert "47999990001" not in shown
        return
    files = list(Path(str(app.engine.url.database)).parent.glob("*.db*"))
    assert files
    for file in files:
        assert b"47999990001" not in file.read_bytes(), file.name
