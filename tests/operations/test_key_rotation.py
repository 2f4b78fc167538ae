"""A new secret key opens everything that the old one sealed, or nothing is changed."""

from __future__ import annotations

import ast
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.engine import Engine

from segunda_via.boletos.outcome import Outcome
from segunda_via.delivery.late_deliveries import LateDeliveries
from segunda_via.delivery.next_invoice import NextInvoiceOffers
from segunda_via.errors import SecretKeyError
from segunda_via.http.api_session_store import DatabaseSessionStore
from segunda_via.intents.misunderstood_store import MisunderstoodStore
from segunda_via.job_queue.queue import JobQueue
from segunda_via.operations import key_rotation
from segunda_via.settings.store import SettingsStore
from segunda_via.storage.database import metadata
from segunda_via.storage.keys import KeyRing
from segunda_via.tickets.human_takeover import HumanTakeover
from segunda_via.tickets.journal import Journal
from segunda_via.tickets.ticket import InvoiceSent
from segunda_via.tickets.ticket_service import TicketService
from segunda_via.whatsapp.buttons import ButtonChoice
from segunda_via.whatsapp.replies import Replies, ReplyWriter
from segunda_via.whatsapp.sent_messages import messages_of
from segunda_via.whatsapp.shown_choices import ShownChoices
from segunda_via.whatsapp.ticket_completion import TicketCompletion, completions

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
SIM = ButtonChoice("Sim", "/afirmar")
INVOICE = InvoiceSent("15924715", date(2026, 12, 10), Decimal("189.90"))
OLD, NEW, OTHER = (KeyRing(Fernet.generate_key().decode()) for _ in range(3))


def test_everything_that_is_sealed_is_sealed_anew_or_erased() -> None:
    """Whoever adds a cipher says here what becomes of what it sealed."""
    purposes = {
        node.args[0].value
        for path in (Path(__file__).parents[2] / "segunda_via").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"cipher", "authenticated_cipher", "box"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert purposes == {*key_rotation.SEALED, *key_rotation.ELSEWHERE, *key_rotation.ERASED}


def fill(engine: Engine, keys: KeyRing) -> None:
    """A row with something sealed in every table that has such a column."""
    settings = SettingsStore(engine, keys)
    settings.put("default", "gateway", {"token": "segredo"}, by="maria", at=NOON)
    settings.put("default", "draft 7", {"token": "colado e não confirmado"}, by="maria", at=NOON)
    queue = JobQueue(engine, keys, lambda: NOON, "whatsapp")
    said = Replies([{"kind": "text", "from": "a", "to": "b", "body": "olá"}], [SIM])
    mark = completion_with(engine, keys).mark("default", "ana", "SM1", Outcome.OVERDUE, 1)
    with engine.begin() as connection:
        ReplyWriter(queue, ShownChoices(engine, keys, lambda: NOON)).put(connection, "default", "ana", "SM1", said)
        mark(connection)
    NextInvoiceOffers(engine, keys, lambda: NOON).make("default", "ana", "52998224725", ["1"])
    late_with(engine, keys).promise("default", "ana", "52998224725", Outcome.GATEWAY_UNAVAILABLE, message_id="SM1")
    DatabaseSessionStore(engine, keys, lambda: NOON).put("sga", "sessão", None)
    MisunderstoodStore(engine, keys, lambda: NOON).note("default", "me vê o trem de pagar")
    service = service_with(engine, keys)
    service.open("default", "ana", "481")
    service.delivers("default", "ana", INVOICE)
    service.hand_over("default", "ana", "error", "CPF mascarado", "481")


def service_with(engine: Engine, keys: KeyRing) -> TicketService:
    return TicketService(Journal(engine, keys, lambda: NOON), HumanTakeover(engine, keys, lambda: NOON), lambda: NOON)


def late_with(engine: Engine, keys: KeyRing) -> LateDeliveries:
    inbox = JobQueue(engine, keys, lambda: NOON, "inbox")
    return LateDeliveries(engine, keys, lambda: NOON, inbox, [timedelta(minutes=1)])


def completion_with(engine: Engine, keys: KeyRing) -> TicketCompletion:
    tickets = service_with(engine, keys)
    return TicketCompletion(engine, keys, lambda: NOON, tickets, Journal(engine, keys, lambda: NOON).current)


def rows(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        count: int = connection.execute(sa.select(sa.func.count()).select_from(metadata.tables[table])).scalar()
    return count


def test_what_every_table_seals_is_read_with_the_new_key_alone(engine: Engine) -> None:
    fill(engine, OLD)
    sealed = [table for places in key_rotation.SEALED.values() for table, _ in places]
    assert all(rows(engine, table) for table in (*sealed, *key_rotation.ERASED.values())), "no table was forgotten here"
    told = "a setting, a waiting message, its completion, what was offered, a ticket, who is silenced, what is promised"
    assert key_rotation.rotate(engine, OLD, NEW) == 7, told
    assert SettingsStore(engine, NEW).version("default", "draft 7") is None, "a token that nobody confirmed is erased"
    saved = SettingsStore(engine, NEW).get("default", "gateway")
    assert saved is not None
    assert (saved.value, saved.saved_by) == ({"token": "segredo"}, "maria")
    queue = JobQueue(engine, NEW, lambda: NOON, "whatsapp")
    assert queue.cancel_kind("bia", "text") == 0
    (entry,) = queue.take("worker")
    assert (entry.ordering_key, [body["body"] for _, body in messages_of(entry)]) == ("ana", ["olá"])
    promised = late_with(engine, NEW).of("default", "ana")
    assert promised is not None
    assert promised.document == "52998224725"
    assert ShownChoices(engine, NEW, lambda: NOON).of("default", "ana") == [SIM]
    assert not any(rows(engine, table) for table in key_rotation.ERASED.values())
    journal, takeovers = Journal(engine, NEW, lambda: NOON), HumanTakeover(engine, NEW, lambda: NOON)
    kept = journal.entry("default", "481")
    assert kept is not None
    assert (kept.ticket.conversation_id, kept.summary, kept.invoice) == ("ana", "CPF mascarado", INVOICE)
    assert [event for _, event, _ in journal.events(kept.ticket)] == ["opened", "transferred", "handed_over"]
    takeover = takeovers.of("default", "ana")
    assert takeover is not None
    assert takeover.conversation_id == "ana"
    assert Journal(engine, OLD, lambda: NOON).entry("default", "481") is None
    with pytest.raises(SecretKeyError):
        SettingsStore(engine, OLD).get("default", "gateway")
    completion_with(engine, NEW).accepted("default", "SM1", 0)
    with engine.connect() as connection:
        assert connection.execute(sa.select(completions.c.state)).scalar() == "finished"
    assert key_rotation.opens(engine, NEW)
    assert not key_rotation.opens(engine, OLD)


def test_one_value_of_another_key_leaves_everything_as_it_was(engine: Engine) -> None:
    SettingsStore(engine, OLD).put("default", "gateway", {"token": "a"}, by="maria", at=NOON)
    SettingsStore(engine, OTHER).put("default", "queue", {}, by="maria", at=NOON)
    with pytest.raises(SecretKeyError, match="nada foi mudado"):
        key_rotation.rotate(engine, OLD, NEW)
    assert SettingsStore(engine, OLD).get("default", "gateway") is not None
