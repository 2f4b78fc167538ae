"""What only Chatwoot has: lower-cased teams, labels that replace each other, and conversations that we open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from desks.conftest import COMPANY, CUSTOMER, QUEUE, Clock, app_with, telling, until
from desks.test_whaticket import event
from support.alone import Alone
from support.jobs import nothing_waits

from sandbox.chatwoot import INBOX, ChatwootSimulator
from sandbox.server import RunningSandbox
from segunda_via.boletos.outcome import Outcome
from segunda_via.desks.chatwoot.adapter import ATTRIBUTE, Chatwoot
from segunda_via.errors import ConfigurationError, TicketDeskError
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.tickets import Ticket, TicketEventKind


@pytest.fixture
async def client(chatwoot: ChatwootSimulator) -> AsyncIterator[httpx.AsyncClient]:
    chatwoot.add_conversation(481, labels=["vip"])
    async with Alone(chatwoot).client() as client:
        yield client


@pytest.fixture
def desk(chatwoot: ChatwootSimulator, client: httpx.AsyncClient) -> Chatwoot:
    return Chatwoot(chatwoot.credentials("http://localhost"), client, sessions=ApiSessions())


async def test_a_team_is_found_though_chatwoot_stores_it_in_lower_case(
    desk: Chatwoot, chatwoot: ChatwootSimulator
) -> None:
    assert chatwoot.teams[1]["name"] == "segunda via de boleto"
    assert await desk.missing(QUEUE) is None
    await desk.transfer(event(TicketEventKind.TRANSFERRED))
    assert chatwoot.conversations[481].team_id == 2


async def test_a_team_with_a_space_too_many_is_not_it(desk: Chatwoot, chatwoot: ChatwootSimulator) -> None:
    chatwoot.teams[1]["name"] = "segunda via de boleto "
    assert "`segunda via de boleto␠`" in (await desk.missing(QUEUE) or "")
    with pytest.raises(TicketDeskError, match="não há fila"):
        await desk.transfer(event(TicketEventKind.TRANSFERRED))


async def test_the_labels_that_stand_there_stay(desk: Chatwoot, chatwoot: ChatwootSimulator) -> None:
    await desk.transfer(event(TicketEventKind.TRANSFERRED))
    await desk.transfer(event(TicketEventKind.TRANSFERRED))
    assert chatwoot.conversations[481].labels == ["vip", "segunda-via"]


async def test_the_team_is_created_with_the_message(desk: Chatwoot, chatwoot: ChatwootSimulator) -> None:
    del chatwoot.teams[1]
    await desk.create_queue(QUEUE, "Digite seu CPF ou CNPJ para localizar sua fatura.", "#1F7A4D")
    assert await desk.missing(QUEUE) is None
    assert chatwoot.teams[-1]["description"] == "Digite seu CPF ou CNPJ para localizar sua fatura."


async def test_a_conversation_is_opened_once_for_a_ticket_and_one_contact_for_a_customer(
    desk: Chatwoot, chatwoot: ChatwootSimulator
) -> None:
    first, again, second = [
        await desk.open(Ticket(COMPANY, f"{CUSTOMER}#{ordinal}", CUSTOMER)) for ordinal in (1, 1, 2)
    ]
    assert first == again != second
    (contact,) = chatwoot.contacts
    assert (contact["identifier"], contact["phone_number"]) == (CUSTOMER, "+5547999990001")
    assert (contact["inbox_id"], contact["name"]) == (int(INBOX), "Cliente")


async def test_a_phone_that_is_a_contacts_already_is_that_contact(desk: Chatwoot, chatwoot: ChatwootSimulator) -> None:
    chatwoot.contacts.append({"id": 1, "identifier": None, "phone_number": "+5547999990001", "name": "Maria"})
    opened = await desk.open(Ticket(COMPANY, f"{CUSTOMER}#1", CUSTOMER))
    assert chatwoot.conversations[int(opened or 0)].contact_id == 1
    assert len(chatwoot.contacts) == 1


@pytest.mark.parametrize(
    ("writes", "kept"),
    [("+554799990001", "+5547999990001"), ("+5547999990001", "+554799990001"), ("+14155238886", "+14155238886")],
)
async def test_the_ninth_digit_makes_no_second_contact(
    desk: Chatwoot, chatwoot: ChatwootSimulator, writes: str, kept: str
) -> None:
    chatwoot.contacts.append({"id": 1, "identifier": None, "phone_number": kept, "name": "Maria"})
    customer = f"whatsapp:+14155238886:whatsapp:{writes}"
    opened = await desk.open(Ticket(COMPANY, f"{customer}#1", customer))
    assert len(chatwoot.contacts) == 1
    assert chatwoot.conversations[int(opened or 0)].contact_id == 1


async def test_a_contact_with_the_very_number_goes_before_one_with_its_other_spelling(
    desk: Chatwoot, chatwoot: ChatwootSimulator
) -> None:
    for number, kept in enumerate(("+554799990001", "+5547999990001"), start=1):
        chatwoot.contacts.append({"id": number, "identifier": None, "phone_number": kept, "name": "Maria"})
    opened = await desk.open(Ticket(COMPANY, f"{CUSTOMER}#1", CUSTOMER))
    assert chatwoot.conversations[int(opened or 0)].contact_id == 2


async def test_another_phone_is_another_contact(desk: Chatwoot, chatwoot: ChatwootSimulator) -> None:
    landline = "whatsapp:+14155238886:whatsapp:+554733330001"
    chatwoot.contacts.append({"id": 1, "identifier": None, "phone_number": "+5547933330001", "name": "Maria"})
    await desk.open(Ticket(COMPANY, f"{landline}#1", landline))
    assert len(chatwoot.contacts) == 2


async def test_a_conversation_of_ours_lives_at_the_desk(
    tmp_path: Path, sandbox: RunningSandbox, chatwoot: ChatwootSimulator
) -> None:
    app = app_with(tmp_path, "chatwoot", sandbox.sandbox.desk_credentials(sandbox.base_url)["chatwoot"], Clock())
    app.tickets.open(COMPANY, CUSTOMER)
    app.tickets.finish(COMPANY, CUSTOMER, Outcome.OVERDUE)
    app.tickets.open(COMPANY, CUSTOMER)
    app.tickets.hand_over(COMPANY, CUSTOMER, "suspicious", "uma pessoa envia")
    async with telling(app):
        await until(lambda: nothing_waits(app.engine, "desk"))
    first, second = sorted(chatwoot.conversations.values(), key=lambda each: each.custom_attributes[ATTRIBUTE])
    assert len(chatwoot.contacts) == 1, "though both tickets were told at once"
    assert (first.status, first.resolutions, first.team_id) == ("resolved", 1, 2)
    assert (second.status, [message["private"] for message in second.messages]) == ("open", [True])
    assert app.journal.entry(COMPANY, str(second.id)).ticket.id == f"{CUSTOMER}#2"  # type: ignore[union-attr]
    assert not app.human_takeover.is_silenced(COMPANY, CUSTOMER), "Twilio carries it: the assistant goes on"
    await app.close()


async def test_without_an_inbox_what_chatwoot_does_not_carry_is_the_journals_alone(
    tmp_path: Path, sandbox: RunningSandbox
) -> None:
    credentials = sandbox.sandbox.desk_credentials(sandbox.base_url)["chatwoot"]
    del credentials["inbox_id"]
    app = app_with(tmp_path, "chatwoot", credentials, Clock())
    app.tickets.open(COMPANY, CUSTOMER)
    assert nothing_waits(app.engine, "desk")
    await app.close()


async def test_account_and_inbox_are_numbers(client: httpx.AsyncClient) -> None:
    for wrong in ({"account_id": "../1"}, {"account_id": "1", "inbox_id": "abc"}):
        with pytest.raises(ConfigurationError):
            Chatwoot({"base_url": "http://localhost", "token": "t", **wrong}, client, sessions=ApiSessions())
