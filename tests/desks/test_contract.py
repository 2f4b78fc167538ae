"""What holds at every desk, the journal among them: from what the dialogue tells to how the ticket stands there."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from decimal import Decimal

import pytest
from desks.conftest import COMPANY, CUSTOMER, DESKS, QUEUE, TOLD, Kit, telling, until
from desks.desk_sides import SIDES
from support.jobs import nothing_waits

from segunda_via.boletos.outcome import Outcome
from segunda_via.tickets import InvoiceSent

INVOICE = InvoiceSent("15924715", date(2026, 11, 10), Decimal("189.90"))

every_desk = pytest.mark.parametrize("kit", DESKS, indirect=True)
every_told_desk = pytest.mark.parametrize("kit", TOLD, indirect=True)


@every_desk
async def test_entering_the_flow_puts_the_ticket_into_the_queue(kit: Kit) -> None:
    kit.service.open(COMPANY, CUSTOMER, "481")
    kit.service.open(COMPANY, CUSTOMER, "481")
    await kit.told()
    assert kit.side.status() == "queued"
    assert kit.entry().queue == QUEUE
    assert (kit.side.queue() or "").casefold() == QUEUE.casefold()


@every_desk
async def test_a_delivery_closes_it_once(kit: Kit) -> None:
    kit.service.open(COMPANY, CUSTOMER, "481")
    kit.service.delivers(COMPANY, CUSTOMER, INVOICE)
    kit.service.finish(COMPANY, CUSTOMER, Outcome.OVERDUE)
    kit.service.finish(COMPANY, CUSTOMER, Outcome.OVERDUE)
    await kit.told()
    assert (kit.side.status(), kit.side.closings()) == ("closed", 1)
    assert (kit.entry().outcome, kit.entry().invoice) == ("overdue", INVOICE)


@every_desk
async def test_a_hand_over_waits_in_the_queue_with_its_reason_for_the_agent(kit: Kit) -> None:
    kit.service.open(COMPANY, CUSTOMER, "481")
    kit.service.hand_over(COMPANY, CUSTOMER, "line_amount", "pediu a segunda via, CPF ***.982.247-**", "481")
    await kit.told()
    (note,) = kit.side.notes()
    # People read it in words; the journal and other programs keep its name.
    assert ("O valor na linha digitável" if kit.side.people_read else "line_amount") in note
    assert "pediu a segunda via, CPF ***.982.247-**" in note
    assert kit.side.status() == kit.side.handed_over


@every_desk
async def test_a_hand_over_goes_to_the_queue_of_its_theme(kit: Kit) -> None:
    kit.side.add_queue("Financeiro")
    kit.service.hand_over(COMPANY, CUSTOMER, "negociar_divida", "quer negociar", "481", queue="Financeiro")
    await kit.told()
    assert kit.entry().queue == "Financeiro"
    assert (kit.side.queue() or "").casefold() == "financeiro"


@every_desk
async def test_a_ticket_is_reopened_for_a_person(kit: Kit) -> None:
    kit.service.open(COMPANY, CUSTOMER, "481")
    kit.service.finish(COMPANY, CUSTOMER, Outcome.NEXT_DUE)
    assert kit.service.reopen(COMPANY, "481", "send_failed")
    assert not kit.service.reopen(COMPANY, "481", "send_failed")
    await kit.told()
    assert kit.side.status() == "open"


@every_desk
async def test_who_leaves_a_question_unanswered_has_the_ticket_closed(kit: Kit) -> None:
    kit.service.open(COMPANY, CUSTOMER, "481")
    kit.service.abandon(COMPANY, CUSTOMER)
    await kit.told()
    assert (kit.entry().status, kit.entry().outcome) == ("abandoned", "abandoned")
    if kit.desk != "journal":
        assert (kit.side.status(), kit.side.closings()) == ("closed", 1)


@every_told_desk
async def test_an_event_told_twice_has_its_effect_once(kit: Kit) -> None:
    """As when a process dies between the telling and its being written down."""
    kit.service.open(COMPANY, CUSTOMER, "481")
    kit.service.hand_over(COMPANY, CUSTOMER, "suspicious", "uma pessoa envia", "481")
    kit.service.reopen(COMPANY, "481", "again")
    kit.service.finish(COMPANY, CUSTOMER, Outcome.OVERDUE)
    for _ in range(4):
        (entry,) = kit.app.desk_queue.take("test")
        await kit.app.desk_relay.tell(entry)
        await kit.app.desk_relay.tell(entry)
        assert kit.app.desk_queue.done(entry)
    assert (kit.side.closings(), len(kit.side.notes())) == (1, 1)


@every_told_desk
@pytest.mark.parametrize("fault", ["500", "503", "429", "cut", "401"])
@pytest.mark.slow
async def test_a_desk_in_trouble_is_told_when_it_is_well_again(kit: Kit, fault: str) -> None:
    kit.sandbox.order(fault, gateway=kit.desk, times=2)
    kit.receiver.status = 503
    kit.service.open(COMPANY, CUSTOMER, "481")
    kit.service.finish(COMPANY, CUSTOMER, Outcome.OVERDUE)
    async with telling(kit.app):
        await until(lambda: kit.desk != "webhook" or len(kit.receiver.requests) > 1)
        kit.receiver.status = 204

        def all_told() -> bool:
            kit.time.ahead += timedelta(seconds=1)
            return nothing_waits(kit.app.engine, "desk")

        await until(all_told)
    assert (kit.side.status(), kit.side.closings()) == ("closed", 1)


@every_told_desk
async def test_a_desk_that_is_slow_makes_nobody_wait(kit: Kit) -> None:
    kit.sandbox.order("slow", gateway=kit.desk)
    kit.receiver.status = 503
    kit.service.open(COMPANY, CUSTOMER, "481")
    kit.service.finish(COMPANY, CUSTOMER, Outcome.OVERDUE)
    assert kit.entry().status == "finished", "the customer's turn is over, whatever the desk does"
    assert kit.app.desk_queue.waiting()[0] == 2


@pytest.mark.parametrize("kit", [name for name in TOLD if SIDES[name].knows_its_tickets], indirect=True)
async def test_a_ticket_that_the_desk_does_not_know_is_given_up_and_the_journal_says_so(kit: Kit) -> None:
    kit.service.open(COMPANY, "another conversation", "999")
    await kit.told()
    (remark,) = [detail for _, event, detail in kit.app.journal.events(kit.entry("999").ticket) if event == "not_told"]
    assert "HTTP 404" in (remark or "")
    kit.service.open(COMPANY, CUSTOMER, "481")
    await kit.told()
    assert kit.side.status() == "queued", "the others go on"


@every_told_desk
async def test_neither_logs_nor_the_journal_hold_secrets_or_customers(
    kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    kit.sandbox.order("500", gateway=kit.desk, times=3)
    kit.service.open(COMPANY, CUSTOMER, "481")
    kit.service.hand_over(COMPANY, CUSTOMER, "suspicious", "CPF 529.982.247-25 pediu", "481")
    async with telling(kit.app):
        await until(lambda: _later(kit))
    secrets = [value for name, value in kit.app.desk_settings(COMPANY).credentials.items() if name in SECRETS]
    assert secrets
    for hidden in (*secrets, "Cliente da Silva", "+5547999990001", "52998224725", "529.982.247-25"):
        assert hidden not in caplog.text
    assert "529.982.247-25" not in (kit.entry().summary or "")
    assert "529.982.247-25" not in "".join(kit.side.notes())


SECRETS = {"token", "password", "secret"}


def _later(kit: Kit) -> bool:
    kit.time.ahead += timedelta(seconds=1)
    return nothing_waits(kit.app.engine, "desk")
