"""From an empty database and from an older one with data, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from cryptography.fernet import Fernet

from segunda_via import app as composition
from segunda_via.errors import ConfigurationError, SavedMeanwhile
from segunda_via.job_queue.job import jobs
from segunda_via.job_queue.queue import JobQueue
from segunda_via.settings.store import SettingsStore
from segunda_via.storage import database
from segunda_via.storage.keys import KeyRing
from segunda_via.tickets.human_takeover import HumanTakeover
from segunda_via.tickets.journal import Journal
from segunda_via.tickets.ticket import InvoiceSent
from segunda_via.tickets.ticket_service import TicketService
from segunda_via.whatsapp.buttons import ButtonChoice
from segunda_via.whatsapp.inbound import Inbound
from segunda_via.whatsapp.sent_messages import SentMessages, sent_messages
from segunda_via.whatsapp.shown_choices import ShownChoices
from segunda_via.whatsapp.ticket_completion import TicketCompletion

KEYS = KeyRing(Fernet.generate_key().decode())
CUSTOMER = "whatsapp:+5547999990001"
PERSONAL = ("5547999990001", "5547999990009", "Joaquina")
NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)


def up_to(engine: sa.engine.Engine, revision: str) -> None:
    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(database.__file__).with_name("migrations")))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def columns(engine: sa.engine.Engine) -> dict[str, set[str]]:
    inspector = sa.inspect(engine)
    return {
        table: {column["name"] for column in inspector.get_columns(table)}
        for table in inspector.get_table_names()
        if table != "segunda_via_version"
    }


def test_an_empty_database_gets_what_the_code_expects(empty_database_url: str) -> None:
    assert composition.App, "the tables of every package are known"
    engine = database.connect(empty_database_url)
    known = {table.name: {column.name for column in table.columns} for table in database.metadata.sorted_tables}
    assert columns(engine).items() >= known.items()
    engine.dispose()


@pytest.mark.parametrize("revision", ["0001", "0002", "0005"])
def test_what_an_older_database_holds_stays(empty_database_url: str, revision: str) -> None:
    older = sa.create_engine(empty_database_url)
    up_to(older, revision)
    sealed = KEYS.cipher("settings").encrypt(b'{"gateway": "asaas", "credentials": {"token": "t"}}').decode()
    with older.begin() as connection:
        row = {"company": "default", "name": "gateway", "value": sealed, "saved_at": NOON, "saved_by": "maria"}
        connection.execute(sa.insert(database.settings).values(row))
    older.dispose()
    engine = database.connect(empty_database_url)
    store = SettingsStore(engine, KEYS)
    saved = store.get("default", "gateway")
    assert saved is not None
    assert (saved.value["credentials"], saved.saved_by, saved.saved_at) == ({"token": "t"}, "maria", NOON)
    store.unchanged_since(gateway=saved.version).put("default", "gateway", {"gateway": "sga"}, by="joao", at=NOON)
    engine.dispose()


def test_what_an_older_version_deleted_does_not_stay_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "segunda_via.db"
    older = sa.create_engine(f"sqlite:///{file}")
    up_to(older, "0005")
    with older.begin() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")
        row = {"company": "default", "name": "x", "value": "whatsapp:+5547999990001", "saved_at": NOON, "saved_by": "a"}
        connection.execute(sa.insert(database.settings).values(row))
        connection.execute(sa.delete(database.settings))
    older.dispose()
    assert b"5547999990001" in file.read_bytes(), "SQLite left it there"
    database.connect(f"sqlite:///{file}").dispose()
    assert [path.name for path in tmp_path.iterdir() if b"5547999990001" in path.read_bytes()] == []


def test_two_who_save_at_once_are_told_apart(engine: sa.engine.Engine) -> None:
    first, second = (SettingsStore(engine, KEYS).unchanged_since(queue=None) for _ in range(2))
    first.put("default", "queue", {"message": "um"}, by="maria", at=NOON)
    with pytest.raises(SavedMeanwhile) as told:
        second.put("default", "queue", {"message": "dois"}, by="joao", at=NOON)
    assert told.value.by == "maria"


def test_tickets_that_a_person_took_before_are_known_as_touched(empty_database_url: str) -> None:
    older = sa.create_engine(empty_database_url)
    up_to(older, "0011")
    rows = [
        ("taken", "#1", "finished"),
        ("taken", "#1", "handed_over"),
        ("taken", "#2", "finished"),
        ("left", None, "finished"),
    ]
    insert = (
        "INSERT INTO segunda_via_flow_events (company, occurred_at, event, conversation, ticket_id)"
        " VALUES ('default', '2026-11-23 12:00:00', :event, :conversation, :ticket)"
    )
    with older.begin() as connection:
        for conversation, ticket, event in rows:
            connection.execute(sa.text(insert), {"conversation": conversation, "ticket": ticket, "event": event})
    older.dispose()
    engine = database.connect(empty_database_url)
    with engine.connect() as connection:
        touched = "SELECT conversation, ticket_id, event FROM segunda_via_metric_events WHERE touched"
        told = connection.execute(sa.text(touched))
        assert [tuple(row) for row in told] == [("taken", "#1", "finished")]
    engine.dispose()


TICKETS_OF_0014 = """
INSERT INTO segunda_via_tickets (company, id, conversation_id, ordinal, status, opened_at, changed_at, desk_id, summary,
    invoice_number, invoice_due_date, invoice_amount)
VALUES ('default', 'whatsapp:+5547999990001#1', 'whatsapp:+5547999990001', 1, 'finished', :at, :at, NULL, NULL,
        '15924715', :due, '189.90'),
       ('default', '481', 'whatsapp:+5547999990001', 2, 'handed_over', :at, :at, '481', 'sou a Joaquina',
        NULL, NULL, NULL)
"""
EVENTS_OF_0014 = """
INSERT INTO segunda_via_ticket_events (company, ticket_id, event, occurred_at)
VALUES ('default', 'whatsapp:+5547999990001#1', 'opened', :at), ('default', '481', 'handed_over', :at),
       ('default', 'whatsapp:+5547999990009#7', 'opened', :at)
"""
CARE_OF_0014 = """
INSERT INTO segunda_via_care (company, conversation_id, ticket_id, since, until)
VALUES ('default', 'whatsapp:+5547999990001', '481', :at, :later)
"""


def written(statement: str, **moments: date) -> sa.sql.elements.TextClause:
    kinds = {"at": database.Moment(), "later": database.Moment(), "due": sa.Date()}
    return sa.text(statement).bindparams(*(sa.bindparam(name, moments[name], kinds[name]) for name in moments))


def test_tickets_that_an_older_version_kept_in_clear_are_encrypted(empty_database_url: str, tmp_path: Path) -> None:
    older = sa.create_engine(empty_database_url)
    up_to(older, "0014")
    with older.begin() as connection:
        connection.execute(written(TICKETS_OF_0014, at=NOON, due=date(2026, 12, 10)))
        connection.execute(written(EVENTS_OF_0014, at=NOON))
        connection.execute(written(CARE_OF_0014, at=NOON, later=NOON + timedelta(hours=8)))
    older.dispose()
    with pytest.raises(ConfigurationError, match="chave secreta"):
        database.connect(empty_database_url)
    engine = database.connect(empty_database_url, KEYS)
    journal, takeovers = Journal(engine, KEYS, lambda: NOON), HumanTakeover(engine, KEYS, lambda: NOON)
    first, second = (journal.entry("default", each) for each in ("whatsapp:+5547999990001#1", "481"))
    assert first is not None
    assert second is not None
    assert first.invoice == InvoiceSent("15924715", date(2026, 12, 10), Decimal("189.90"))
    assert (second.ticket.conversation_id, second.ticket.desk_id, second.summary) == (CUSTOMER, "481", "sou a Joaquina")
    assert [event for _, event, _ in journal.events(first.ticket)] == ["opened"]
    assert journal.open("default", CUSTOMER)[0].id == f"{CUSTOMER}#3", "ordinals go on"
    takeover = takeovers.of("default", CUSTOMER)
    assert takeover is not None
    assert (takeover.conversation_id, takeover.ticket_id) == (CUSTOMER, "481")
    with engine.connect() as connection:
        shown = str([connection.execute(sa.select(table)).all() for table in database.metadata.sorted_tables])
    assert not [each for each in PERSONAL if each in shown]
    engine.dispose()
    for file in tmp_path.iterdir():
        assert not [each for each in PERSONAL if each.encode() in file.read_bytes()], file.name


JOBS_OF_0015 = """
INSERT INTO segunda_via_lanes (queue, company, lane, key, batch, kind, payload, state, attempts, created_at, due_at,
    holder, lease, leased_until)
VALUES ('inbox', 'default', 'ana', 'a1', '', 'message', :payload, 'waiting', 1, :at, :at, 'host/1/1', 'token', :later),
       ('inbox', 'default', 'ana', 'a2', '', 'message', :payload, 'waiting', 0, :at, :at, NULL, NULL, NULL),
       ('inbox', 'default', 'bia', 'b1', '', 'message', :payload, 'waiting', 0, :at, :at, NULL, NULL, NULL)
"""


def test_what_waited_in_an_older_queue_is_handled_in_its_order(empty_database_url: str) -> None:
    older = sa.create_engine(empty_database_url)
    up_to(older, "0015")
    payload = KEYS.cipher("lanes").encrypt(b'{"text": "oi"}').decode()
    with older.begin() as connection:
        statement = written(JOBS_OF_0015, at=NOON, later=NOON + timedelta(seconds=30))
        connection.execute(statement, {"payload": payload})
    older.dispose()
    engine = database.connect(empty_database_url, KEYS)
    queue = JobQueue(engine, KEYS, lambda: NOON, "inbox")
    assert not queue.put("ana", "a1", "message", {}), "its key is known"
    assert queue.put("bia", "b2", "message", {}), "ids go on"
    assert [(job.ordering_key, job.key, job.payload) for job in queue.take("me")] == [("bia", "b1", {"text": "oi"})]
    after = JobQueue(engine, KEYS, lambda: NOON + timedelta(seconds=30), "inbox")
    assert [(job.key, job.attempts) for job in after.take("me")] == [("a1", 2), ("b1", 2)]
    inspector = sa.inspect(engine)
    assert "segunda_via_lanes" not in inspector.get_table_names()
    assert {index["name"]: index["column_names"] for index in inspector.get_indexes(jobs.name)}.items() >= {
        index.name: [column.name for column in index.columns] for index in jobs.indexes
    }.items()
    assert [each["name"] for each in inspector.get_unique_constraints(jobs.name)] == ["segunda_via_jobs_key"]
    force = sa.update(jobs).where(jobs.c.key == "a2").values(lease="x", lease_owner="x")
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(force)
    engine.dispose()


QUEUES_OF_0017 = """
INSERT INTO segunda_via_jobs (queue, company, ordering_key, key, batch, kind, payload, state, attempts, created_at,
    due_at)
VALUES ('inbox', 'default', '{who}', 'SM2', '', 'message', :inbound, 'waiting', 0, :at, :at),
       ('inbox', 'default', '{who}', 'SM1', '', 'message', NULL, 'done', 1, :at, :at),
       ('whatsapp', 'default', '{who}', 'SM1:0', 'SM1', 'text', :text, 'waiting', 0, :at, :at);
INSERT INTO segunda_via_turns (turn, company, conversation, run, steps, changed_at)
VALUES ('SM1', 'default', '{who}', 'r', 1, :at), ('SM2', 'default', '{who}', 'r', NULL, :at);
INSERT INTO segunda_via_choices (company, conversation, payload, shown_at) VALUES ('default', '{who}', :choices, :at);
INSERT INTO segunda_via_steps (key, company, conversation, turn, ordinal, kind, sid, clear_attempts, changed_at)
VALUES ('SM0:0', 'default', '{who}', 'SM0', 0, 'text', 'SMx', 0, :at);
INSERT INTO segunda_via_finishing (company, turn, conversation, ticket_id, outcome, state, changed_at)
VALUES ('default', 'SM1', '{who}', '{who}#1', 'overdue', 'marked', :at),
       ('default', 'SM2', '{who}', '{who}#1', 'overdue', 'marked', :at);
"""


def test_what_waited_in_the_queues_is_sealed_and_handled(empty_database_url: str, tmp_path: Path) -> None:
    who = f"whatsapp:+14155238886:{CUSTOMER}"
    older = sa.create_engine(empty_database_url)
    up_to(older, "0017")
    inbound = {"sid": "SM2", "sender": CUSTOMER, "to": "whatsapp:+14155238886", "kind": "text", "text": "oi"}
    text = {"kind": "text", "from": "whatsapp:+14155238886", "to": CUSTOMER, "body": "olá", "ordinal": 0, "of": 1}
    contents = {
        "inbound": KEYS.box("lanes").seal(inbound),
        "text": KEYS.box("lanes").seal(text),
        "choices": KEYS.box("turns").seal([{"title": "Sim", "payload": "/afirmar"}]),
    }
    with older.begin() as connection:
        for statement in QUEUES_OF_0017.format(who=who).split(";\n")[:-1]:
            used = {name: value for name, value in contents.items() if f":{name}" in statement}
            connection.execute(written(statement, at=NOON), used)
    older.dispose()
    engine = database.connect(empty_database_url, KEYS)
    with engine.connect() as connection:
        shown = str([connection.execute(sa.select(table)).all() for table in database.metadata.sorted_tables])
    assert "47999990001" not in shown
    if engine.dialect.name == "sqlite":
        assert [path.name for path in tmp_path.iterdir() if b"47999990001" in path.read_bytes()] == []

    waits, outbox = (JobQueue(engine, KEYS, lambda: NOON, queue) for queue in ("inbox", "whatsapp"))
    (job,) = waits.take("me")
    assert (job.ordering_key, job.key, job.failures) == (who, "SM2", 0)
    assert Inbound.of_payload(job.payload).message_id == "SM2"
    assert not waits.put(who, "SM1", "message", {}), "its key is known"
    (answer,) = outbox.take("me")
    assert (answer.ordering_key, answer.payload) == (who, text)
    assert ShownChoices(engine, KEYS, lambda: NOON).of("default", who) == [ButtonChoice("Sim", "/afirmar")]
    sent = SentMessages(engine, lambda: NOON).by_sid("SMx")
    assert sent is not None
    assert (sent.key, sent.message_id) == ("SM0:0", "SM0")
    twice = sa.insert(sent_messages).values(**{**vars(sent), "key": "SM0:1", "changed_at": NOON})
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(twice)

    journal = Journal(engine, KEYS, lambda: NOON)
    ticket, _ = journal.open("default", who)
    tickets = TicketService(journal, HumanTakeover(engine, KEYS, lambda: NOON), lambda: NOON)
    completion = TicketCompletion(engine, KEYS, lambda: NOON, tickets, journal.current)
    completion.accepted("default", "SM2", 0)
    assert journal.entry("default", ticket.id).status == "open", "that turn had not ended, and is run again"
    completion.accepted("default", "SM1", 0)
    assert journal.entry("default", ticket.id).status == "finished"
    engine.dispose()
