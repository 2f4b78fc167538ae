"""What is promised, and tried: once, whoever tries; ended once, whatever ends it. On SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.engine import Engine
from support.clock import Clock
from support.jobs import stored_jobs

from segunda_via.boletos.outcome import Outcome
from segunda_via.delivery.deliver_late import COMING, PROMISE, DeliverLate
from segunda_via.delivery.deliver_segunda_via import Delivery
from segunda_via.delivery.late_deliveries import DELIVER_LATE, LateDeliveries
from segunda_via.delivery.late_delivery import Concluded, LateDelivery, late_deliveries, reseal
from segunda_via.job_queue.queue import JobQueue
from segunda_via.storage.keys import KeyRing
from segunda_via.tickets.human_takeover import HumanTakeover
from segunda_via.tickets.journal import Journal
from segunda_via.tickets.ticket_service import TicketService

COMPANY = "default"
ANA, BIA = "whatsapp:+551140000000:whatsapp:+5547999990001", "whatsapp:+551140000000:whatsapp:+5547999990002"
CPF, CNPJ = "52998224725", "11222333000181"
KEYS = KeyRing("c2VndW5kYS12aWEtdGVzdC1rZXktb2YtMzItYnl0ZXM=")
NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
WAITS = tuple(timedelta(minutes=minutes) for minutes in (0.5, 2, 5))
DOWN, REFUSED = Outcome.GATEWAY_UNAVAILABLE, Outcome.TOKEN_REJECTED


@pytest.fixture
def time() -> Clock:
    return Clock(NOON)


@pytest.fixture
def inbox(engine: Engine, time: Clock) -> JobQueue:
    return JobQueue(engine, KEYS, time, "inbox")


@pytest.fixture
def late(engine: Engine, time: Clock, inbox: JobQueue) -> LateDeliveries:
    return LateDeliveries(engine, KEYS, time, inbox, WAITS)


def promise(late: LateDeliveries, conversation_id: str = ANA, outcome: Outcome = DOWN, mark: str = "") -> None:
    late.promise(COMPANY, conversation_id, CPF, outcome, message_id="SM1", mark=mark)


def due(late: LateDeliveries, mark: str | None = None) -> list[LateDelivery]:
    return late.due(COMPANY, lambda: mark)


def entered(late: LateDeliveries, inbox: JobQueue) -> LateDelivery:
    """The try that is due, taken from the inbox."""
    (each,) = due(late)
    assert late.enter(each)
    (job,) = inbox.take("test")
    found = late.of_try(COMPANY, job.ordering_key, job.payload["metadata"]["late_delivery"])
    assert isinstance(found, LateDelivery)
    return found


def test_a_try_enters_as_a_job_that_names_no_document(late: LateDeliveries, inbox: JobQueue, time: Clock) -> None:
    promise(late)
    time.pass_by(timedelta(seconds=29))
    assert due(late) == []
    time.pass_by(timedelta(seconds=1))
    (first,) = due(late)
    assert (first.conversation_id, first.document) == (ANA, CPF)
    assert late.enter(first)
    (job,) = inbox.take("test")
    assert (job.ordering_key, job.payload["intent"]) == (ANA, DELIVER_LATE)
    assert job.payload["metadata"] == {"late_delivery": job.key}
    assert CPF not in str(job.payload)
    assert due(late) == []


def test_of_many_who_look_at_once_one_lets_it_in(late: LateDeliveries, engine: Engine, time: Clock) -> None:
    promise(late)
    time.pass_by(WAITS[0])
    seen = [due(late)[0] for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(late.enter, seen)) == 1
    assert len(stored_jobs(engine, "inbox")) == 1


def test_what_is_kept_is_encrypted_and_names_nobody(late: LateDeliveries, engine: Engine) -> None:
    promise(late)
    with engine.connect() as connection:
        (row,) = connection.execute(sa.select(late_deliveries)).all()
    written = " ".join(map(str, row))
    assert CPF not in written
    assert "99990001" not in written
    assert "SM1" not in written


def test_the_tries_are_counted_from_the_promise(late: LateDeliveries, inbox: JobQueue, time: Clock) -> None:
    promise(late)
    time.pass_by(timedelta(seconds=40))
    assert late.try_again(entered(late, inbox), DOWN)
    inbox_job_ends(late, inbox)
    time.pass_by(timedelta(seconds=79))
    assert due(late) == []
    time.pass_by(timedelta(seconds=1))
    second = entered(late, inbox)
    time.pass_by(timedelta(minutes=3))
    assert not late.try_again(second, DOWN), "the last one was due meanwhile"


def inbox_job_ends(late: LateDeliveries, inbox: JobQueue) -> None:
    with inbox._engine.begin() as connection:
        connection.execute(sa.text("UPDATE segunda_via_jobs SET state = 'done', lease = NULL, lease_owner = NULL"))


def test_refused_credentials_are_not_used_again_and_other_ones_at_once(
    late: LateDeliveries, inbox: JobQueue, time: Clock
) -> None:
    promise(late, outcome=REFUSED, mark="old")
    time.pass_by(timedelta(minutes=2))
    assert due(late, "old") == due(late, None) == []
    (changed,) = due(late, "new")
    assert late.is_refused(changed, "old")
    assert not late.is_refused(changed, "new")
    assert late.enter(changed)
    again = late.of(COMPANY, ANA)
    assert again is not None
    assert late.try_again(again, REFUSED, "new")
    inbox_job_ends(late, inbox)
    assert due(late, "new") == []
    time.pass_by(timedelta(minutes=3))
    assert len(due(late, "new")) == 1, "after the last try a person is asked for"


def test_a_try_that_nothing_became_of_is_made_again_but_not_beside_one_that_is_under_way(
    late: LateDeliveries, inbox: JobQueue, time: Clock
) -> None:
    promise(late)
    time.pass_by(WAITS[0])
    entered(late, inbox)
    time.pass_by(timedelta(minutes=1))
    assert due(late) == []
    inbox_job_ends(late, inbox)
    assert len(due(late)) == 1


def test_only_the_latest_try_counts(late: LateDeliveries, inbox: JobQueue, time: Clock) -> None:
    promise(late)
    time.pass_by(WAITS[0])
    first = entered(late, inbox)
    inbox_job_ends(late, inbox)
    time.pass_by(timedelta(minutes=1))
    second = entered(late, inbox)
    assert late.of_try(COMPANY, ANA, first.reference) is None
    assert not late.try_again(first, DOWN)
    assert late.of_try(COMPANY, BIA, second.reference) is None, "nobody else's conversation"
    assert late.of_try("other", ANA, second.reference) is None


@pytest.mark.parametrize("delivered", [True, False])
def test_what_was_said_is_erased_when_its_job_has_ended(
    late: LateDeliveries, inbox: JobQueue, engine: Engine, time: Clock, delivered: bool
) -> None:
    promise(late)
    time.pass_by(WAITS[0])
    tried = entered(late, inbox)
    if delivered:
        late.said(tried)
    else:
        late.conclude(tried, Outcome.SUSPICIOUS, "pix_malformed")
    assert late.of(COMPANY, ANA) is None, "nothing is promised any more"
    assert late.waiting(COMPANY).customers == 0
    assert late.erase_ended(COMPANY) == 0
    again = late.of_try(COMPANY, ANA, tried.reference)
    if delivered:
        assert isinstance(again, LateDelivery)
    else:
        assert again == Concluded(Outcome.SUSPICIOUS, "pix_malformed")
        with engine.connect() as connection:
            assert connection.execute(sa.select(late_deliveries.c.sealed)).scalar_one() is None
    inbox_job_ends(late, inbox)
    assert late.erase_ended(COMPANY) == 1
    assert late.of_try(COMPANY, ANA, tried.reference) is None


@pytest.fixture
def tickets(late: LateDeliveries, engine: Engine, time: Clock) -> TicketService:
    journal, takeovers = Journal(engine, KEYS, time), HumanTakeover(engine, KEYS, time)
    return TicketService(journal, takeovers, time, also=lambda _: late.ticket_changed)


def test_it_ends_with_a_ticket_that_is_handed_over_or_abandoned(late: LateDeliveries, tickets: TicketService) -> None:
    for conversation_id in (ANA, BIA):
        tickets.open(COMPANY, conversation_id)
        promise(late, conversation_id)
    tickets.abandon(COMPANY, ANA)
    assert late.of(COMPANY, ANA) is None
    assert late.of(COMPANY, BIA) is not None
    tickets.hand_over(COMPANY, BIA, "falar_com_atendente", "pediu")
    assert late.of(COMPANY, BIA) is None


def test_an_earlier_delivery_that_arrives_meanwhile_does_not_end_it(
    late: LateDeliveries, tickets: TicketService
) -> None:
    tickets.open(COMPANY, ANA)
    promise(late)
    tickets.finish(COMPANY, ANA, Outcome.OVERDUE)
    assert late.of(COMPANY, ANA) is not None


def test_operators_see_how_many_wait(late: LateDeliveries, time: Clock) -> None:
    assert (late.waiting(COMPANY).customers, late.waiting(COMPANY).since) == (0, None)
    promise(late, ANA)
    time.pass_by(timedelta(minutes=1))
    promise(late, BIA)
    waiting = late.waiting(COMPANY)
    assert (waiting.customers, waiting.since) == (2, NOON)


def test_with_a_new_secret_key_what_was_promised_still_comes(
    late: LateDeliveries, engine: Engine, inbox: JobQueue, time: Clock
) -> None:
    promise(late)
    new = KeyRing(Fernet.generate_key().decode())
    with engine.begin() as connection:
        assert reseal(connection, KEYS, new) == 1
    anew = LateDeliveries(engine, new, time, inbox, WAITS)
    found = anew.of(COMPANY, ANA)
    assert found is not None
    assert found.document == CPF
    assert late.of(COMPANY, ANA) is None


@dataclass
class Gateway:
    """Stands for `DeliverSegundaVia`: ends as told, in order; `mark` are the credentials in force."""

    endings: list[Outcome]
    mark: str = "old"
    asked: list[str] = field(default_factory=list)

    async def __call__(
        self, company: str, sender: str, written: str, excluding: Sequence[str] = (), **_: object
    ) -> Delivery:
        self.asked.append(self.mark)
        return Delivery(self.endings.pop(0), (), "because", mark=self.mark)


async def test_a_token_that_is_refused_is_asked_with_again_only_after_it_was_changed(
    late: LateDeliveries, inbox: JobQueue, time: Clock
) -> None:
    gateway = Gateway([REFUSED, DOWN, Outcome.OVERDUE])
    use_case = DeliverLate(gateway, late, lambda _: gateway.mark)  # type: ignore[arg-type]
    promised = await use_case.now_or_later(COMPANY, ANA, "SM1", CPF)
    assert (promised.promised, promised.messages[0].lines[0].response) == (True, PROMISE)  # type: ignore[union-attr]

    async def tries(**passed: float) -> bool:
        time.pass_by(timedelta(**passed))
        for each in due(late, gateway.mark):
            assert late.enter(each)
        jobs = inbox.take("test")
        for job in jobs:
            await use_case.try_promised(COMPANY, ANA, job.key, asking=False)
            inbox.done(job)
        return bool(jobs)

    assert not await tries(seconds=30)
    assert not await tries(minutes=1)
    gateway.mark = "new"
    assert await tries(), "at once"
    assert await tries(seconds=30), "from now on as for any gateway that is down"
    assert gateway.asked == ["old", "new", "new"]


async def test_a_refused_token_that_nobody_changes_leaves_it_to_a_person(
    late: LateDeliveries, inbox: JobQueue, time: Clock
) -> None:
    gateway = Gateway([REFUSED])
    use_case = DeliverLate(gateway, late, lambda _: gateway.mark)  # type: ignore[arg-type]
    await use_case.now_or_later(COMPANY, ANA, "SM1", CPF)
    time.pass_by(WAITS[-1])
    tried = await use_case.try_promised(COMPANY, ANA, entered(late, inbox).reference, asking=False)
    assert tried is not None
    assert (tried.delivery.outcome, tried.delivery.promised) == (REFUSED, False)
    assert gateway.asked == ["old"]


async def test_the_same_request_again_asks_nobody(late: LateDeliveries) -> None:
    gateway = Gateway([DOWN])
    use_case = DeliverLate(gateway, late, lambda _: gateway.mark)  # type: ignore[arg-type]
    said = [
        (await use_case.now_or_later(COMPANY, ANA, message_id, written)).messages[0].lines[0].response  # type: ignore[union-attr]
        for message_id, written in (("SM1", CPF), ("SM1", CPF), ("SM2", "529.982.247-25"))
    ]
    assert said == [PROMISE, PROMISE, COMING], "a turn that is run again says the same"
    assert gateway.asked == ["old"]
