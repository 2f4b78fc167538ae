"""The journal and the service of a ticket: everything told twice is done once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.engine import Connection
from support.databases import engine_in_memory
from support.retention import erase_old

from segunda_via.boletos.outcome import Outcome
from segunda_via.errors import TicketDeskError
from segunda_via.storage.database import ticket_events, tickets
from segunda_via.storage.keys import KeyRing
from segunda_via.tickets.human_takeover import HumanTakeover
from segunda_via.tickets.journal import Also, Journal
from segunda_via.tickets.ticket import TicketEvent, TicketEventKind
from segunda_via.tickets.ticket_service import TicketService

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
CUSTOMER = "whatsapp:+5511987654321"
KEYS = KeyRing(Fernet.generate_key().decode())


@pytest.fixture
def clock() -> Iterator[datetime]:
    return (NOON + timedelta(minutes=minute) for minute in range(1000))


@pytest.fixture
def journal(clock: Iterator[datetime]) -> Journal:
    return Journal(engine_in_memory(), KEYS, now=lambda: next(clock))


@pytest.fixture
def service(journal: Journal) -> TicketService:
    return TicketService(journal, HumanTakeover(journal.engine, KEYS, now=lambda: NOON), now=lambda: NOON)


def story(journal: Journal, ticket_id: str) -> list[str]:
    ticket = journal.get("default", ticket_id)
    assert ticket is not None
    return [event for _, event, _ in journal.events(ticket)]


def test_a_ticket_is_opened_once_and_stands_in_the_queue(service: TicketService, journal: Journal) -> None:
    service.open("default", CUSTOMER)
    service.open("default", CUSTOMER)
    (entry,) = journal.recent("default")
    assert (entry.ticket.id, entry.status, entry.queue) == (f"{CUSTOMER}#1", "open", "Segunda Via de Boleto")
    assert story(journal, f"{CUSTOMER}#1") == ["opened", "transferred"]


def test_it_is_opened_and_put_into_the_queue_together_or_not_at_all(journal: Journal) -> None:
    def desk_full(company: str) -> Also:
        def also(connection: Connection, event: TicketEvent) -> None:
            raise OSError("the disk is full")

        return also

    takeovers = HumanTakeover(journal.engine, KEYS, now=lambda: NOON)
    with pytest.raises(OSError, match="full"):
        TicketService(journal, takeovers, now=lambda: NOON, also=desk_full).open("default", CUSTOMER)
    assert journal.recent("default") == []
    told: list[TicketEvent] = []
    service = TicketService(
        journal, takeovers, now=lambda: NOON, also=lambda _: lambda connection, event: told.append(event)
    )
    service.open("default", CUSTOMER)
    service.open("default", CUSTOMER)
    assert [(event.kind, event.queue) for event in told] == [(TicketEventKind.TRANSFERRED, "Segunda Via de Boleto")]


def test_a_delivery_finishes_it_once(service: TicketService, journal: Journal) -> None:
    service.open("default", CUSTOMER)
    service.finish("default", CUSTOMER, Outcome.OVERDUE)
    service.finish("default", CUSTOMER, Outcome.OVERDUE)
    (entry,) = journal.recent("default")
    assert (entry.status, entry.outcome) == ("finished", "overdue")
    assert story(journal, entry.ticket.id) == ["opened", "transferred", "finished"]


@pytest.mark.parametrize(
    "outcome", [outcome for outcome in Outcome if outcome not in {"overdue", "next_due", "partial"}]
)
def test_nothing_but_a_delivery_finishes_a_ticket(service: TicketService, journal: Journal, outcome: Outcome) -> None:
    service.open("default", CUSTOMER)
    with pytest.raises(TicketDeskError):
        service.finish("default", CUSTOMER, outcome)
    assert journal.recent("default")[0].status == "open"


def test_a_finished_ticket_is_never_reused(service: TicketService, journal: Journal) -> None:
    for _ in range(3):
        service.open("default", CUSTOMER)
        service.finish("default", CUSTOMER, Outcome.NEXT_DUE)
    assert [entry.ticket.id for entry in journal.recent("default")] == [f"{CUSTOMER}#{n}" for n in (3, 2, 1)]


def test_a_hand_over_opens_the_ticket_that_was_missing(service: TicketService, journal: Journal) -> None:
    service.hand_over("default", CUSTOMER, "falar_com_atendente", "falar_com_atendente")
    (entry,) = journal.recent("default")
    assert (entry.status, entry.reason) == ("handed_over", "falar_com_atendente")


def test_the_desks_own_ticket_id_is_kept(service: TicketService, journal: Journal) -> None:
    service.open("default", CUSTOMER, desk_ticket_id="481")
    service.finish("default", CUSTOMER, Outcome.OVERDUE)
    service.open("default", CUSTOMER, desk_ticket_id="482")
    assert {entry.ticket.id: entry.status for entry in journal.recent("default")} == {"481": "finished", "482": "open"}


def test_a_desk_may_come_back_with_the_same_ticket(service: TicketService, journal: Journal) -> None:
    service.open("default", CUSTOMER, desk_ticket_id="481")
    service.finish("default", CUSTOMER, Outcome.OVERDUE)
    service.open("default", CUSTOMER, desk_ticket_id="481")
    assert journal.recent("default")[0].status == "open"
    assert story(journal, "481") == ["opened", "transferred", "finished", "opened", "transferred"]


def test_a_reopened_ticket_is_open_again(service: TicketService, journal: Journal) -> None:
    service.open("default", CUSTOMER)
    service.finish("default", CUSTOMER, Outcome.OVERDUE)
    ticket = journal.recent("default")[0].ticket
    journal.reopen(ticket, "failed after acceptance")
    journal.reopen(ticket, "failed after acceptance")
    assert journal.recent("default")[0].status == "open"
    assert story(journal, ticket.id) == ["opened", "transferred", "finished", "reopened"]


def test_companies_and_conversations_do_not_meet(service: TicketService, journal: Journal) -> None:
    service.open("default", CUSTOMER)
    service.open("other", CUSTOMER)
    service.open("default", "another customer")
    service.finish("default", CUSTOMER, Outcome.OVERDUE)
    assert [entry.status for entry in journal.recent("other")] == ["open"]
    assert sorted(entry.status for entry in journal.recent("default")) == ["finished", "open"]


def erase(journal: Journal, days: int) -> None:
    """What that many days later is old."""
    for table in (tickets, ticket_events):
        erase_old(journal.engine, table, NOON + timedelta(days=days))


def test_the_retention_erases_what_nothing_became_of_for_so_long(service: TicketService, journal: Journal) -> None:
    service.open("default", CUSTOMER)
    service.finish("default", CUSTOMER, Outcome.OVERDUE)
    ticket = journal.recent("default")[0].ticket
    erase(journal, days=90)
    assert journal.entry("default", ticket.id) is not None
    erase(journal, days=91)
    assert journal.recent("default") == []
    assert journal.events(ticket) == []


def test_ordinals_go_on_after_the_retention_erased_the_older(service: TicketService, journal: Journal) -> None:
    service.open("default", CUSTOMER)
    service.finish("default", CUSTOMER, Outcome.OVERDUE)
    with journal.engine.begin() as connection:
        first = tickets.c.ordinal == 1
        connection.execute(sa.update(tickets).where(first).values(changed_at=NOON - timedelta(days=91)))
    service.open("default", CUSTOMER)
    erase(journal, days=0)
    service.finish("default", CUSTOMER, Outcome.OVERDUE)
    service.open("default", CUSTOMER)
    assert journal.recent("default")[0].ticket.id == f"{CUSTOMER}#3"


def test_times_come_back_aware(service: TicketService, journal: Journal) -> None:
    service.open("default", CUSTOMER)
    assert journal.recent("default")[0].opened_at.utcoffset() == timedelta(0)


def test_a_long_reason_is_cut_to_what_a_column_holds(service: TicketService, journal: Journal) -> None:
    service.hand_over("default", CUSTOMER, "line_amount, " * 30, "suspicious " * 40, outcome="suspicious " * 30)
    (entry,) = journal.recent("default")
    assert (len(entry.reason or ""), len(entry.outcome or ""), len(entry.summary or "")) == (128, 32, 300)
