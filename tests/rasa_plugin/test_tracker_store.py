"""Our tracker store beside Rasa's own: the same conversations, encrypted. It is in force, or Rasa does not start."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
import structlog
from cryptography.fernet import Fernet
from rasa.core.agent import Agent, load_agent
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore, TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from segunda_via import app as composition
from segunda_via.app import App
from segunda_via.rasa_plugin.patches import tracker_store_in_force
from segunda_via.rasa_plugin.tracker_store import EncryptedTrackerStore
from segunda_via.settings.environment import Environment
from segunda_via.storage.conversation_events import events
from segunda_via.storage.endpoints_file import ENCRYPTED

PHONE = "+5547999990001"
ANA = f"whatsapp:+14155238886:whatsapp:{PHONE}"
CPF = "52998224725"
NAME = "Ana Exemplo"
DOMAIN = Domain.from_dict({"slots": {"segunda_via_document": {"type": "text", "mappings": [{"type": "custom"}]}}})


@pytest.fixture(autouse=True)
def app() -> Iterator[App]:
    key = Fernet.generate_key().decode()
    app = App(Environment.read({"SEGUNDA_VIA_SECRET_KEY": key}))
    composition.use(app)
    yield app
    composition.use(None)


@pytest.fixture
def store(empty_database_url: str) -> TrackerStore:
    return created(empty_database_url)


def created(url: str, kind: str = ENCRYPTED) -> TrackerStore:
    """As Rasa makes it of `endpoints.yml`."""
    store = TrackerStore.create(EndpointConfig(url=url, type=kind))
    store.domain = DOMAIN
    return store


def asks(text: str = f"sou {NAME}, {CPF}") -> list[Event]:
    parsed = {"intent": {"name": "informar_documento"}, "entities": [{"entity": "cpf", "value": CPF}]}
    return [
        UserUttered(text, parse_data=parsed, message_id="SM1", metadata={"profile_name": NAME}),
        SlotSet("segunda_via_document", CPF),
        ActionExecuted("action_send_boleto"),
        BotUttered("🏦 Pix", {"image": None}, {"utter_action": "utter_x"}),
        ActionExecuted("action_listen"),
    ]


def session() -> list[Event]:
    return [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]


async def talk(store: TrackerStore) -> None:
    """A first session, one that began anew in the middle of a turn, and a turn after it."""
    tracker = await store.get_or_create_tracker(ANA, append_action_listen=False)
    for turn in (lambda: [*session(), *asks()], lambda: [*asks("oi"), Restarted(), *session()], asks):
        for event in turn():
            tracker.update(event)
        await store.save(tracker)
        tracker = await store.retrieve(ANA)


def told(tracker: DialogueStateTracker | None) -> list[dict[str, object]]:
    assert tracker is not None
    return [{**event.as_dict(), "timestamp": None} for event in tracker.events]


async def test_it_gives_back_what_rasas_own_store_gives_back(store: TrackerStore, tmp_path: Path) -> None:
    own = SQLTrackerStore(DOMAIN, db=str(tmp_path / "own.db"))
    for each in (own, store):
        await talk(each)
    assert told(await store.retrieve(ANA)) == told(await own.retrieve(ANA))
    assert told(await store.retrieve_full_tracker(ANA)) == told(await own.retrieve_full_tracker(ANA))
    mine = await store.retrieve(ANA)
    assert mine is not None
    assert mine.get_slot("segunda_via_document") == CPF
    assert mine.sender_id == ANA
    assert await store.exists(ANA)
    assert not await store.exists("somebody")
    assert await store.retrieve("somebody") is None


async def test_nothing_of_the_customer_stands_in_clear(store: TrackerStore) -> None:
    await talk(store)
    assert isinstance(store, EncryptedTrackerStore)
    with store._kept.engine.connect() as connection:
        shown = str(connection.execute(sa.select(events)).all())
    assert not [each for each in (PHONE, CPF, NAME, "Pix", "informar_documento", "segunda_via") if each in shown]
    assert await store.keys() == [ANA]
    await store.delete(ANA)
    assert (await store.keys(), await store.retrieve(ANA)) == ([], None)


@pytest.mark.parametrize("asked", [False, True])
def test_what_rasa_logs_is_redacted_where_endpoints_yml_asks_for_it(
    asked: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make, processors = logging.getLogRecordFactory(), list(structlog.get_config()["processors"])
    logging.setLogRecordFactory(logging.LogRecord)
    try:
        told = {"dialect": "sqlite", "db": str(tmp_path / "t.db"), **({"redact_logs": True} if asked else {})}
        TrackerStore.create(EndpointConfig(type=ENCRYPTED, **told))
        logging.getLogger("rasa.core").warning("Received user message %s", CPF)
        logging.getLogger("segunda_via.x").warning("a document: %s", CPF)
    finally:
        logging.setLogRecordFactory(make)
        structlog.configure(processors=processors)
    rasas, ours = caplog.messages
    assert (CPF in rasas) is not asked
    assert ours == "a document: <cpf>"


async def test_what_rasas_own_store_wrote_goes_on(empty_database_url: str) -> None:
    own = created(empty_database_url, "SQL")
    assert isinstance(own, SQLTrackerStore)
    await talk(own)
    before = told(await own.retrieve(ANA))
    own.engine.dispose()
    store = created(empty_database_url)
    assert told(await store.retrieve(ANA)) == before
    assert PHONE not in str(await rows(store))
    tracker = await store.get_or_create_tracker(ANA)
    tracker.update(BotUttered("mais"))
    await store.save(tracker)
    assert len(told(await store.retrieve(ANA))) == len(before) + 1


async def rows(store: TrackerStore) -> list[sa.engine.Row]:
    assert isinstance(store, EncryptedTrackerStore)
    with store._kept.engine.connect() as connection:
        return list(connection.execute(sa.select(events)))


async def test_a_turn_is_read_in_one_statement_and_written_in_one_insert(store: TrackerStore) -> None:
    await talk(store)
    assert isinstance(store, EncryptedTrackerStore)
    seen: list[str] = []
    sa.event.listen(store._kept.engine, "before_cursor_execute", lambda c, k, text, *rest: seen.append(text.split()[0]))
    tracker = await store.get_or_create_tracker(ANA)
    for event in asks():
        tracker.update(event)
    await store.save(tracker)
    assert [each for each in seen if each not in {"PRAGMA", "BEGIN"}] == ["SELECT", "INSERT"]


async def test_conversations_do_not_wait_for_each_other_in_the_loop(store: TrackerStore) -> None:
    trackers = [await store.get_or_create_tracker(f"{ANA}-{number}") for number in range(20)]
    for tracker in trackers:
        tracker.update(BotUttered("olá"))
    await asyncio.gather(*(store.save(tracker) for tracker in trackers))
    assert len(list(await store.keys())) == 20


async def agent_with(kind: str, url: str) -> tuple[Agent, AvailableEndpoints]:
    endpoints = AvailableEndpoints(tracker_store=EndpointConfig(url=url, type=kind))
    with pytest.warns(UserWarning, match="no model"):
        return await load_agent(endpoints=endpoints), endpoints


@pytest.mark.parametrize("kind", [f"{ENCRYPTED}s", ENCRYPTED.replace("rasa_plugin", "plugin")])
async def test_a_wrong_class_path_ends_the_start(kind: str, tmp_path: Path) -> None:
    agent, endpoints = await agent_with(kind, f"sqlite:///{tmp_path}/tracker.db")
    with pytest.raises(SystemExit, match="só na memória"):
        tracker_store_in_force.require(agent, endpoints)


async def test_a_dead_database_is_an_error_and_no_new_conversation(tmp_path: Path) -> None:
    agent, endpoints = await agent_with(ENCRYPTED, f"sqlite:///{tmp_path}/tracker.db")
    assert isinstance(agent.tracker_store, FailSafeTrackerStore)
    agent.processor = SimpleNamespace(tracker_store=agent.tracker_store)  # type: ignore[assignment]
    tracker_store_in_force.require(agent, endpoints)
    store = agent.tracker_store
    assert isinstance(store, EncryptedTrackerStore)
    assert agent.processor.tracker_store is store
    with store._kept.engine.begin() as connection:
        events.drop(connection)
    with pytest.raises(sa.exc.SQLAlchemyError):
        await store.retrieve(ANA)
    with pytest.raises(sa.exc.SQLAlchemyError):
        await store.save(DialogueStateTracker.from_events(ANA, [BotUttered("olá")]))


async def test_another_store_stays_as_rasa_wraps_it(tmp_path: Path) -> None:
    agent, endpoints = await agent_with("SQL", f"sqlite:///{tmp_path}/tracker.db")
    tracker_store_in_force.require(agent, endpoints)
    assert isinstance(agent.tracker_store, FailSafeTrackerStore)
    tracker_store_in_force.require(Agent(), AvailableEndpoints())


def test_a_database_that_is_not_there_ends_the_start_with_one_line() -> None:
    with pytest.raises(SystemExit, match="tracker_store") as ended:
        created("postgresql://maria:segredo@127.0.0.1:1/rasa")
    assert "segredo" not in str(ended.value)
