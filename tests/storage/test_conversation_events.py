"""Conversations at rest: encrypted, found by a keyed hash, and what Rasa's own store wrote is taken along."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.engine import Engine, make_url

from segunda_via.errors import ConfigurationError, SecretKeyError
from segunda_via.storage import conversation_events
from segunda_via.storage.conversation_events import ConversationEvents, events
from segunda_via.storage.keys import KeyRing

KEYS, OTHER = (KeyRing(Fernet.generate_key().decode()) for _ in range(2))
PHONE = "+5547999990001"
ANA = f"whatsapp:+14155238886:whatsapp:{PHONE}"
CPF = "52998224725"
NAME = "Ana Exemplo"
PERSONAL = (PHONE, CPF, NAME, "informar_documento")

START = {"event": "session_started", "timestamp": 10.0}
USER = {
    "event": "user",
    "timestamp": 11.5,
    "text": f"sou {NAME}, {CPF}",
    "parse_data": {"intent": {"name": "informar_documento"}},
}
BOT = {"event": "bot", "timestamp": 12.0, "text": "Olá!"}


@pytest.fixture
def kept(empty_database_url: str) -> ConversationEvents:
    return conversation_events.connect(make_url(empty_database_url), KEYS)


def write_plain(engine: Engine, conversation_id: str, *written: dict[str, object]) -> None:
    """Rows as Rasa's own SQL store writes them."""
    with engine.begin() as connection:
        for event in written:
            intent = event.get("parse_data", {}).get("intent", {}).get("name")  # type: ignore[attr-defined]
            connection.execute(
                sa.insert(events).values(
                    sender_id=conversation_id, type_name=event["event"], timestamp=event["timestamp"],
                    intent_name=intent, action_name=event.get("name"), data=json.dumps(event),
                )
            )  # fmt: skip


def stored(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.execute(sa.select(events)).all())


def statements(engine: Engine) -> list[str]:
    seen: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda c, k, statement, *rest: seen.append(statement))
    return seen


def test_what_is_written_is_read_and_stands_nowhere_in_clear(kept: ConversationEvents) -> None:
    kept.append(ANA, [START, USER, BOT])
    assert kept.read(ANA) == [START, USER, BOT]
    assert kept.exists(ANA)
    assert kept.ids() == [ANA]
    assert list(kept.all()) == [(ANA, START), (ANA, USER), (ANA, BOT)]
    shown = stored(kept.engine)
    assert not [each for each in PERSONAL if each in shown]
    assert "session_started" in shown
    assert not kept.exists("somebody else")
    assert kept.read("somebody else") == []


def test_a_turn_is_one_insert(kept: ConversationEvents) -> None:
    seen = statements(kept.engine)
    kept.append(ANA, [USER, BOT] * 20)
    assert [statement.split()[0] for statement in seen if not statement.startswith(("PRAGMA", "BEGIN"))] == ["INSERT"]
    kept.append(ANA, [])
    kept.append(ANA, [USER] * 1201)
    assert kept.count(ANA) == 1241


def test_a_session_is_what_was_written_since_it_began(kept: ConversationEvents) -> None:
    kept.append(ANA, [BOT])
    assert kept.read(ANA) == [BOT], "none has begun"
    kept.append(ANA, [START, USER])
    late = {**START, "timestamp": 5.0}  # a clock that was put right meanwhile
    kept.append(ANA, [late, BOT])
    assert (kept.read(ANA), kept.count(ANA)) == ([late, BOT], 2)
    assert kept.read_all(ANA) == [BOT, START, USER, late, BOT]
    kept.append("other", [START])
    assert kept.count(ANA) == 2


def test_what_rasas_store_wrote_is_read_and_then_encrypted(kept: ConversationEvents) -> None:
    write_plain(kept.engine, ANA, START, USER)
    kept.append(ANA, [BOT])
    assert kept.read(ANA) == [START, USER, BOT]
    assert kept.count(ANA) == 3
    assert kept.ids() == [ANA]
    assert kept.count_plain() == 2
    assert PHONE in stored(kept.engine)
    again = conversation_events.connect(kept.engine.url, KEYS)  # the next start
    assert not [each for each in PERSONAL if each in stored(again.engine)]
    assert again.read(ANA) == [START, USER, BOT]
    assert (again.count_plain(), again.encrypt_plain()) == (0, 0)


def test_many_plain_rows_are_encrypted_in_rounds(kept: ConversationEvents) -> None:
    write_plain(kept.engine, ANA, *[USER] * 1001)
    assert kept.encrypt_plain() == 1001
    assert kept.read(ANA) == [USER] * 1001


def test_the_clear_text_does_not_stay_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "tracker.db"
    older = sa.create_engine(f"sqlite:///{path}")
    with older.begin() as connection:
        events.create(connection)
    write_plain(older, ANA, *[USER] * 300)
    older.dispose()
    assert CPF.encode() in path.read_bytes()
    conversation_events.connect(make_url(f"sqlite:///{path}"), KEYS).engine.dispose()
    for file in tmp_path.iterdir():
        assert not [each for each in PERSONAL if each.encode() in file.read_bytes()], file.name


def test_a_table_of_another_store_is_left_in_clear_where_that_store_is_in_use(empty_database_url: str) -> None:
    engine = sa.create_engine(empty_database_url)
    with engine.begin() as connection:
        events.create(connection)
    write_plain(engine, ANA, USER)
    kept = conversation_events.connect(make_url(empty_database_url), KEYS, encrypt=False)
    assert kept.read(ANA) == [USER]
    assert kept.count_plain() == 1


def test_erasing_one_conversation_and_what_is_old(kept: ConversationEvents) -> None:
    write_plain(kept.engine, ANA, START)
    kept.append(ANA, [USER])
    kept.append("other", [START, USER, BOT])
    assert kept.delete(ANA) == 2
    assert kept.ids() == ["other"]
    assert kept.delete_older_than(11.5) == 1
    assert kept.read_all("other") == [USER, BOT]


def test_the_newest_of_a_kind_come_first(kept: ConversationEvents) -> None:
    kept.append(ANA, [USER, BOT, {**USER, "text": "later"}])
    assert [event["text"] for event in kept.newest("user")] == ["later", USER["text"]]


def test_another_key_finds_nothing_and_a_row_that_was_moved_is_refused(kept: ConversationEvents) -> None:
    kept.append(ANA, [USER])
    stranger = ConversationEvents(kept.engine, OTHER)
    assert stranger.read(ANA) == []
    assert stranger.ids() == []
    kept.append("other", [BOT])
    moved = "UPDATE events SET sender_id = (SELECT sender_id FROM events ORDER BY id LIMIT 1)"
    with kept.engine.begin() as connection:
        connection.execute(sa.text(moved))
    with pytest.raises(SecretKeyError):
        kept.read(ANA)


@pytest.mark.parametrize("change", [{"type_name": "session_started"}, {"data": "AAAA"}, {"data": "é"}])
def test_a_row_that_was_changed_is_refused(kept: ConversationEvents, change: dict[str, str]) -> None:
    kept.append(ANA, [USER])
    with kept.engine.begin() as connection:
        connection.execute(sa.update(events).values(change))
    with pytest.raises(SecretKeyError):
        kept.read(ANA)
    assert kept.ids() == []


def test_a_new_key_opens_everything_and_can_be_put_in_twice(kept: ConversationEvents) -> None:
    kept.append(ANA, [START, USER])
    write_plain(kept.engine, ANA, BOT)
    assert [kept.reseal(KEYS, OTHER) for _ in range(2)] == [3, 0]
    assert ConversationEvents(kept.engine, OTHER).read(ANA) == [START, USER, BOT]
    assert kept.ids() == []


def test_a_database_that_is_not_there_is_one_line_without_its_password() -> None:
    url = make_url("postgresql://maria:segredo@127.0.0.1:1/rasa")
    with pytest.raises(ConfigurationError) as refused:
        conversation_events.connect(url, KEYS)
    assert "segredo" not in str(refused.value)
    assert "tracker_store" in str(refused.value)
