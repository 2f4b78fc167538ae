"""The gateway cannot be asked, and the customer is on WhatsApp: the boleto is promised, and comes by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from support.conversations import CNPJ, COMPANY, CPF, DELIVERED, TODAY, Conversation
from support.whatsapp_customer import Customer

from sandbox.asaas import ISSUER
from sandbox.personas import persona
from sandbox.server import RunningSandbox
from segunda_via.boletos import pix
from segunda_via.boletos.outcome import Outcome
from segunda_via.conversation import domain_file
from segunda_via.conversation.attendance_setting import ATTENDANCE_SETTING
from segunda_via.delivery.late_delivery import late_deliveries
from segunda_via.job_queue.job import Job
from segunda_via.server import late_tries

OVERDUE = persona("overdue", TODAY, ISSUER).document
DOWN, REFUSED, UP = Outcome.GATEWAY_UNAVAILABLE, Outcome.TOKEN_REJECTED, Outcome.OVERDUE


def words(name: str) -> str:
    (variant,) = domain_file.responses()[f"utter_segunda_via_{name}"]
    return str(variant["text"])


PROMISE, COMING, CANCELLED = words("late_promise"), words("late_coming"), words("cancelled")
UNAVAILABLE, HAND_OVER = words("unavailable"), words("hand_over")


def rows(customer: Customer) -> int:
    with customer.app.engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(late_deliveries)).scalar_one())


async def is_promised(customer: Customer, *endings: Outcome, document: str = CPF) -> None:
    """They ask, and are told that it comes; after that the gateway behaves so."""
    customer.talk.delivery.endings = [DOWN, *endings]
    assert await customer.writes(f"boleto do documento {document}") == [PROMISE]
    assert customer.talk.ticket() == ("open", None)


@pytest.mark.parametrize("why", [DOWN, REFUSED])
async def test_it_comes_by_itself_and_its_ticket_is_finished(customer: Customer, why: Outcome) -> None:
    await customer.writes("quero a segunda via")
    customer.talk.delivery.endings = [why, DOWN, UP]
    assert await customer.writes(CPF) == [PROMISE]
    assert customer.talk.ticket() == ("open", None)
    assert await customer.hears_after(seconds=29) == []
    customer.talk.passes(minutes=29, seconds=32) if why is REFUSED else customer.talk.passes(seconds=2)
    if why is DOWN:
        assert await customer.hears_after() == []
        assert await customer.hears_after(seconds=89) == [DELIVERED]
        assert customer.talk.delivery.counted == [False, True, True], "the look-up is counted once"
        assert customer.talk.ticket() == ("finished", "overdue")
        assert await customer.hears_after(hours=1) == []
        assert rows(customer) == 0, "the document is erased"
    assert customer.talk.flow().count("promised") == 1


async def test_it_is_tried_when_it_was_said_and_after_the_last_try_a_person_takes_over(customer: Customer) -> None:
    await is_promised(customer)
    asked_at = []
    for second in range(0, 1801, 10):
        count = len(customer.talk.delivery.asked)
        heard = await customer.hears_after(seconds=0 if second == 0 else 10)
        if len(customer.talk.delivery.asked) > count:
            asked_at.append(second)
        assert heard == ([UNAVAILABLE, HAND_OVER] if second == 1800 else [])
    assert asked_at == [30, 120, 300, 600, 1200, 1800]
    assert customer.talk.ticket() == ("handed_over", "gateway_unavailable")
    (entry,) = customer.talk.tickets()
    assert entry.summary == "Pediu: segunda via do boleto. O gateway não respondeu. Documento: ***.982.247-**"
    assert await customer.hears_after(hours=1) == []
    assert rows(customer) == 0


@pytest.mark.parametrize("said", ["segunda via", "oi", "e aí?", "boleto", "ok"])
async def test_who_asks_meanwhile_is_told_that_it_is_coming(customer: Customer, said: str) -> None:
    await is_promised(customer, UP)
    assert await customer.writes(said) == [COMING]
    assert await customer.writes(said) == [COMING]
    assert customer.talk.delivery.asked == [CPF]
    assert await customer.hears_after(seconds=30) == [DELIVERED]
    assert customer.talk.ticket() == ("finished", "overdue")
    assert await customer.writes("oi") != [COMING]


async def test_the_same_document_again_joins_it(customer: Customer) -> None:
    await is_promised(customer, UP)
    assert await customer.writes("529.982.247-25") == [COMING]
    assert await customer.writes("boleto do cpf 529.982.247-25") == [COMING]
    assert customer.talk.delivery.asked == [CPF]
    assert await customer.hears_after(seconds=30) == [DELIVERED]
    assert await customer.hears_after(hours=1) == []
    assert customer.talk.ticket() == ("finished", "overdue")


@pytest.mark.parametrize("ending", [UP, DOWN, Outcome.NOTHING_TO_SEND])
async def test_another_document_takes_its_place(customer: Customer, ending: Outcome) -> None:
    await is_promised(customer, ending, UP)
    heard = await customer.writes(CNPJ)
    assert heard[0] == {UP: DELIVERED, DOWN: PROMISE}.get(ending, words("nothing_to_send"))
    heard = await customer.hears_after(minutes=2)
    assert heard == ([DELIVERED] if ending is DOWN else [])
    assert customer.talk.delivery.asked == [CPF, CNPJ, *([CNPJ] if ending is DOWN else [])]
    assert len(customer.talk.tickets()) == 1


async def test_other_wishes_are_served_meanwhile(customer: Customer) -> None:
    await is_promised(customer, UP)
    assert await customer.writes("obrigado") == [words("you_are_welcome")]
    assert await customer.writes("ajuda") == [words("help")]
    assert "1. " in (await customer.writes("menu"))[0]
    assert await customer.hears_after(seconds=30) == [DELIVERED]


@pytest.mark.parametrize(
    ("said", "ticket"),
    [
        ("cancelar", ("abandoned", None)),
        ("já paguei", ("abandoned", None)),
        ("quero falar com um atendente", ("handed_over", "gateway_unavailable")),
        ("quero mudar o vencimento", ("handed_over", "gateway_unavailable")),
    ],
)
async def test_what_ends_it(customer: Customer, said: str, ticket: tuple[str, str | None]) -> None:
    await is_promised(customer, UP)
    heard = await customer.writes(said)
    if said == "cancelar":
        assert heard == [CANCELLED]
    if said == "já paguei":
        assert heard == [words("already_paid"), words("late_stopped")]
    if ticket[0] == "handed_over":
        assert heard[-2:] == [HAND_OVER, words("late_with_person")]
    assert customer.talk.ticket() == ticket
    assert rows(customer) == 0, "the document is erased at once"
    assert await customer.hears_after(hours=1) == []
    assert customer.talk.delivery.asked == [CPF]


async def test_it_waits_while_another_document_is_asked_for(customer: Customer) -> None:
    await is_promised(customer, UP)
    heard = await customer.writes("11144477734")
    assert heard[-1].startswith("Digite seu CPF ou CNPJ para localizar sua fatura.")
    assert await customer.hears_after(seconds=30) == []
    assert await customer.hears_after(minutes=29) == []
    await customer.writes("11144477733")
    assert await customer.hears_after(minutes=20) == [], "it waits beyond the last try, too"
    assert customer.talk.delivery.asked == [CPF]
    assert await customer.writes("menu") != []
    assert await customer.hears_after(seconds=31) == [DELIVERED]
    assert customer.talk.ticket() == ("finished", "overdue")


async def test_a_question_left_unanswered_ends_and_the_promise_stands(customer: Customer) -> None:
    await is_promised(customer, UP)
    await customer.writes("11144477734")
    patience = customer.app._inactivity(COMPANY) or timedelta()
    customer.talk.passes(seconds=patience.total_seconds() + 1)
    await customer.is_answered(customer.taken())
    assert customer.received() == [COMING]
    assert customer.talk.ticket() == ("open", None)
    if patience < timedelta(hours=23):
        assert await customer.hears_after(seconds=31) == [DELIVERED]


async def test_giving_up_the_question_ends_it_too(customer: Customer) -> None:
    await is_promised(customer, UP)
    await customer.writes("11144477734")
    assert await customer.writes("cancelar") == [CANCELLED]
    assert customer.talk.ticket() == ("abandoned", None)
    assert await customer.hears_after(hours=1) == []


@pytest.mark.parametrize(
    ("ending", "first", "ticket"),
    [
        (Outcome.SUSPICIOUS, "suspicious", ("handed_over", "suspicious")),
        (Outcome.UNPAYABLE, "unpayable", ("handed_over", "unpayable")),
        (Outcome.NOTHING_TO_SEND, "nothing_to_send", ("open", None)),
    ],
)
async def test_what_else_the_gateway_may_say_in_the_end(
    customer: Customer, ending: Outcome, first: str, ticket: tuple[str, str | None]
) -> None:
    await is_promised(customer, ending)
    heard = await customer.hears_after(seconds=30)
    assert heard[0] == words(first)
    assert heard[-1].startswith(HAND_OVER if ticket[0] == "handed_over" else "Digite seu CPF ou CNPJ")
    assert customer.talk.ticket() == ticket
    assert await customer.hears_after(minutes=20) == []
    assert rows(customer) == 0
    assert customer.talk.delivery.asked == [CPF, CPF]


async def test_the_next_invoice_may_come_late(customer: Customer) -> None:
    talk = customer.talk
    talk.delivery.open = ["fatura-1", "fatura-2"]
    await customer.writes(f"boleto {CPF}")
    talk.delivery.endings = [DOWN, UP]
    assert await customer.writes("sim") == [PROMISE]
    assert await customer.hears_after(seconds=30) == [DELIVERED]
    assert talk.delivery.excluded[1:] == [("fatura-1",), ("fatura-1",)]
    assert [entry.status for entry in talk.tickets()] == ["finished", "finished"]


async def test_the_next_invoice_was_paid_meanwhile(customer: Customer) -> None:
    talk = customer.talk
    talk.delivery.open = ["fatura-1", "fatura-2"]
    await customer.writes(f"boleto {CPF}")
    talk.delivery.endings = [DOWN, Outcome.NOTHING_TO_SEND]
    assert await customer.writes("sim") == [PROMISE]
    assert await customer.hears_after(seconds=30) == [words("no_other_open")]
    assert sorted(entry.status for entry in talk.tickets()) == ["abandoned", "finished"]


async def test_outside_the_hours_of_attendance_the_text_says_when_a_person_is_back(customer: Customer) -> None:
    opens_at_eight = {"mon": [["08:00", "09:00"]], "tue": [["08:00", "09:00"]]}
    app = customer.app
    told = {"queues": {}, "hours": opens_at_eight, "holidays": False, "state": None}
    app.settings.put(COMPANY, ATTENDANCE_SETTING.name, told, by="test", at=app.now())
    await is_promised(customer)
    heard = await customer.hears_after(minutes=31)
    assert heard == [UNAVAILABLE, HAND_OVER, words("back_tomorrow").format(hora="08:00")]


async def test_outside_whatsapps_window_a_person_takes_over_without_words(customer: Customer) -> None:
    await is_promised(customer)
    assert await customer.hears_after(hours=24, seconds=1) == []
    assert customer.talk.delivery.asked == [CPF]
    assert customer.talk.ticket() == ("handed_over", "gateway_unavailable")
    assert rows(customer) == 0


async def test_where_people_answer_it_ends(customer: Customer) -> None:
    await is_promised(customer, UP)
    app = customer.app
    with app.engine.begin() as connection:
        app.human_takeover.begin(connection, COMPANY, customer.conversation_id, "481", timedelta(hours=1))
    assert await customer.hears_after(seconds=30) == []
    assert rows(customer) == 0
    assert customer.talk.delivery.asked == [CPF]


@pytest.mark.parametrize("typed", ["/entregar_segunda_via", "entregar_segunda_via", "/EXTERNAL_inactive"])
async def test_what_is_typed_does_nothing_of_what_a_job_does(customer: Customer, typed: str) -> None:
    await is_promised(customer, UP)
    await customer.writes(typed)
    assert customer.talk.delivery.asked == [CPF]
    assert customer.talk.ticket() == ("open", None)
    assert await customer.hears_after(seconds=30) == [DELIVERED]


@pytest.mark.parametrize("typed", ["/entregar_segunda_via", "/EXTERNAL_inactive"])
async def test_nor_is_it_on_a_channel_where_a_slash_names_an_intent(talk: Conversation, typed: str) -> None:
    await talk.says("boleto")
    await talk.says(typed)
    assert await talk.is_asked()
    assert talk.ticket() == ("open", None)
    assert talk.delivery.asked == []
    assert (await talk.says(CPF)).said == [DELIVERED]


async def test_elsewhere_nothing_is_promised(talk: Conversation) -> None:
    talk.delivery.endings = [DOWN]
    assert (await talk.says(f"boleto {CPF}")).said == [UNAVAILABLE, "utter_segunda_via_hand_over"]
    assert talk.ticket() == ("handed_over", "gateway_unavailable")


# what dies, and when


async def runs(customer: Customer, job: Job, *, saved: bool) -> None:
    """Rasa runs the turn, and the public server dies before anything is queued; `saved` False: Rasa before it saves."""
    store = customer.talk.agent.tracker_store
    before = await store.retrieve(customer.conversation_id)
    assert before is not None
    await customer.is_answered_by_rasa(job)
    if not saved:
        await store.save(before)


def again(customer: Customer) -> Job:
    """The job, taken by another process when the lease of the dead one has ended."""
    customer.talk.passes(seconds=31)
    job = customer.taken()
    assert job.attempts == 2
    return job


class Away(EndpointConfig):
    """An action server that fails."""

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        raise ClientResponseError(500, "away", "")


@contextmanager
def without_action_server(customer: Customer) -> Iterator[None]:
    processor = customer.talk.agent.processor
    server, processor.action_endpoint = processor.action_endpoint, Away("http://away")
    try:
        yield
    finally:
        processor.action_endpoint = server


async def test_a_promise_whose_turn_is_run_again_is_made_once(customer: Customer) -> None:
    await customer.writes("oi")
    customer.talk.delivery.endings = [DOWN, UP]
    await runs(customer, customer.sends(f"boleto {CPF}"), saved=False)
    await customer.is_answered(again(customer))
    assert customer.received() == [PROMISE]
    assert customer.talk.delivery.asked == [CPF]
    assert await customer.hears_after(seconds=30) == [DELIVERED]
    assert await customer.hears_after(hours=1) == []
    assert customer.talk.ticket() == ("finished", "overdue")


@pytest.mark.parametrize("saved", [True, False])
async def test_a_death_between_the_try_and_its_answer_delivers_once(customer: Customer, saved: bool) -> None:
    await is_promised(customer, UP)
    customer.talk.passes(seconds=30)
    late_tries.of(customer.app).look()
    await runs(customer, customer.taken(), saved=saved)
    assert customer.received() == []
    late_tries.of(customer.app).look()
    assert rows(customer) == 1, "what was said is not in the outbox yet"
    await customer.is_answered(again(customer))
    assert customer.received() == [DELIVERED]
    assert customer.talk.ticket() == ("finished", "overdue")
    assert await customer.hears_after(hours=1) == []
    assert customer.talk.delivery.asked == ([CPF] * 2 if saved else [CPF] * 3)
    assert rows(customer) == 0


@pytest.mark.parametrize("ending", [Outcome.SUSPICIOUS, Outcome.NOTHING_TO_SEND])
async def test_a_try_that_is_run_again_ends_the_same_way_and_hands_over_once(
    customer: Customer, ending: Outcome
) -> None:
    await is_promised(customer, ending)
    customer.talk.passes(seconds=30)
    late_tries.of(customer.app).look()
    await runs(customer, customer.taken(), saved=False)
    await customer.is_answered(again(customer))
    heard = customer.received()
    assert heard[0] == words("suspicious" if ending is Outcome.SUSPICIOUS else "nothing_to_send")
    assert len(customer.talk.tickets()) == 1
    assert customer.talk.delivery.asked == [CPF, CPF]


async def test_a_try_without_an_action_server_says_nothing_and_is_made_again(customer: Customer) -> None:
    await is_promised(customer, UP)
    with without_action_server(customer):
        assert await customer.hears_after(seconds=30) == []
        assert await customer.hears_after(seconds=61) == []
    assert await customer.hears_after(seconds=61) == [DELIVERED]
    assert customer.talk.ticket() == ("finished", "overdue")


async def test_an_action_server_that_stays_away_leaves_it_to_a_person(customer: Customer) -> None:
    await is_promised(customer, UP)
    with without_action_server(customer):
        assert await customer.hears_after(seconds=30) == []
        assert await customer.hears_after(minutes=30) == [UNAVAILABLE, HAND_OVER]
    assert customer.talk.ticket() == ("handed_over", "gateway_unavailable")
    assert await customer.hears_after(hours=1) == []


async def test_rasa_away_at_the_time_of_a_try_delivers_once_when_it_is_back(customer: Customer) -> None:
    await is_promised(customer, UP)
    for _ in range(5):
        customer.talk.passes(seconds=61)
        late_tries.of(customer.app).look()
    jobs = customer.app.whatsapp_inbox.take("test")
    assert len(jobs) == 1, "a try that waits for Rasa is not put again"
    await customer.is_answered(jobs[0])
    assert customer.received() == [DELIVERED]


async def test_a_gateway_that_is_down_and_up_again(sandbox_customer: Customer, running_sandbox: RunningSandbox) -> None:
    running_sandbox.order("503", gateway="asaas")
    assert await sandbox_customer.writes(f"boleto {OVERDUE}") == [PROMISE]
    assert await sandbox_customer.hears_after(seconds=30) == []
    running_sandbox.reset()
    heard = await sandbox_customer.hears_after(seconds=90)
    assert pix.is_valid(heard[1])
    assert sandbox_customer.talk.tickets()[0].status == "finished"
    assert await sandbox_customer.hears_after(hours=1) == []


async def test_a_gateway_that_is_too_slow_counts_as_one_that_is_down(
    sandbox_customer: Customer, running_sandbox: RunningSandbox
) -> None:
    sandbox_customer.app.budget = 0.4
    running_sandbox.order("slow", gateway="asaas")
    assert await sandbox_customer.writes(f"boleto {OVERDUE}") == [PROMISE]
    assert sandbox_customer.talk.ticket() == ("open", None)
