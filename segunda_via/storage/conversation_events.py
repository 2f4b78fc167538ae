"""The events of conversations as Rasa's trackers hold them: one row an event, encrypted, found by a keyed hash.

The table is the one of Rasa's SQL tracker store. `data` holds the event and the conversation's id, encrypted;
`sender_id` a keyed hash of that id. In clear stand `type_name`, by which the latest session is found, and `timestamp`
(seconds since 1970), by which old events are erased; `intent_name` and `action_name` stay empty.

Rows that Rasa's own store wrote are plain: `sender_id` is the id and `data` JSON. They are read like the others, until
`encrypt_plain` has encrypted them. No Rasa is imported here: retention, doctor and privacy commands need none.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from segunda_via.errors import ConfigurationError, SecretKeyError
from segunda_via.storage import database
from segunda_via.storage.keys import KeyRing

SESSION_STARTED = "session_started"
_NONCE = 12
"""Bytes that AES-GCM begins with, drawn anew for each event."""
_AT_ONCE = 500
"""Rows of one INSERT, and of one round of a migration; databases bound the parameters of a statement."""

Event = Mapping[str, Any]
"""As Rasa's `Event.as_dict()` gives it: `event` is its type, `timestamp` its time."""

events = sa.Table(
    "events",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sender_id", sa.String(255), nullable=False, index=True),
    sa.Column("type_name", sa.String(255), nullable=False),
    sa.Column("timestamp", sa.Float),
    sa.Column("intent_name", sa.String(255)),
    sa.Column("action_name", sa.String(255)),
    sa.Column("data", sa.Text),
)
_SEALED = (events.c.sender_id, events.c.type_name, events.c.data)
"""What it takes to open one."""
_IS_PLAIN = sa.text("substr(data, 1, 1) = '{'")
_PLAIN = sa.Index("events_plain", events.c.id, sqlite_where=_IS_PLAIN, postgresql_where=_IS_PLAIN)


class Sealing:
    """What one key makes of events and ids. An `InvalidTag` means another key, or a row that somebody changed.

    AES-GCM, since a turn opens every event of its session, and Fernet takes four times as long. Each event is bound to
    the conversation and the type in clear beside it.
    """

    def __init__(self, keys: KeyRing) -> None:
        self._cipher = keys.authenticated_cipher("conversations")
        self.hashed: Callable[[str], str] = keys.fingerprint("conversation ids")

    def row(self, conversation_id: str, event: Event) -> dict[str, Any]:
        sender_id, type_name = self.hashed(conversation_id), event["event"]
        content = json.dumps({"conversation_id": conversation_id, "event": event}).encode()
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, content, _beside(sender_id, type_name))
        return {
            "sender_id": sender_id,
            "type_name": type_name,
            "timestamp": event.get("timestamp"),
            "data": base64.b64encode(sealed).decode(),
        }

    def open(self, row: sa.engine.Row) -> tuple[str, dict[str, Any]]:
        """The conversation's id and the event, of a plain row as well."""
        if row.data.startswith("{"):
            return row.sender_id, json.loads(row.data)
        try:
            sealed = base64.b64decode(row.data, validate=True)
            beside = _beside(row.sender_id, row.type_name)
            content = json.loads(self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], beside))
        except ValueError:  # no base64, or too short
            raise InvalidTag from None
        return content["conversation_id"], content["event"]


def _beside(sender_id: str, type_name: str) -> bytes:
    return f"{sender_id} {type_name}".encode()


class ConversationEvents:
    """`prepare` once before anything else. Nothing here is in a transaction of the caller's."""

    def __init__(self, engine: Engine, keys: KeyRing) -> None:
        self.engine = engine
        self._sealing = Sealing(keys)

    def prepare(self) -> int:
        """Make the table where there is none, and encrypt what Rasa's own store wrote; how many rows those were."""
        with database.migration_lock(self.engine):
            with self.engine.connect() as connection:
                database.keep_write_ahead_log(connection)
            with self.engine.begin() as connection:
                events.create(connection, checkfirst=True)
                _PLAIN.create(connection, checkfirst=True)
            return self.encrypt_plain()

    def append(self, conversation_id: str, new: Sequence[Event]) -> None:
        """Write events, in order; one INSERT but for hundreds of them."""
        rows = [self._sealing.row(conversation_id, event) for event in new]
        if not rows:
            return
        with database.single(self.engine) if len(rows) <= _AT_ONCE else self.engine.begin() as connection:
            for first in range(0, len(rows), _AT_ONCE):
                connection.execute(sa.insert(events).values(rows[first : first + _AT_ONCE]))

    def read(self, conversation_id: str) -> list[dict[str, Any]]:
        """The events of the latest session, in the order in which they were written; all where none has begun."""
        return self._read(conversation_id, *self._latest_session(conversation_id))

    def read_all(self, conversation_id: str) -> list[dict[str, Any]]:
        """The events of all sessions."""
        return self._read(conversation_id, self._of(conversation_id))

    def count(self, conversation_id: str) -> int:
        """How many events the latest session has."""
        query = sa.select(sa.func.count()).select_from(events).where(*self._latest_session(conversation_id))
        with self.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def exists(self, conversation_id: str) -> bool:
        query = sa.select(events.c.id).where(self._of(conversation_id)).limit(1)
        with self.engine.connect() as connection:
            return connection.execute(query).first() is not None

    def ids(self) -> list[str]:
        """The id of every conversation that this key opens."""
        first = sa.select(sa.func.min(events.c.id)).group_by(events.c.sender_id)
        found = {conversation_id for conversation_id, _ in self._opened(events.c.id.in_(first))}
        return sorted(found)

    def all(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every event that this key opens, with its conversation's id, the oldest first."""
        return self._opened(sa.true())

    def newest(self, type_name: str) -> Iterator[dict[str, Any]]:
        """The events of that type that this key opens, the newest first."""
        return (event for _, event in self._opened(events.c.type_name == type_name, newest_first=True))

    def delete(self, conversation_id: str) -> int:
        """Erase one conversation; how many events it had."""
        return self._delete(self._of(conversation_id))

    def delete_older_than(self, timestamp: float) -> int:
        """Erase what happened before `timestamp` (seconds since 1970); how many events that were."""
        return self._delete(events.c.timestamp < timestamp)

    def count_plain(self) -> int:
        """How many rows stand there in clear."""
        with self.engine.connect() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(events).where(_IS_PLAIN)).scalar_one())

    def encrypt_plain(self) -> int:
        """Encrypt every plain row where it stands; how many there were. The clear text does not stay in the file."""
        count = 0
        while True:
            with self.engine.begin() as connection:
                query = sa.select(events).where(_IS_PLAIN).order_by(events.c.id).limit(_AT_ONCE)
                rows = connection.execute(query.with_for_update()).all()
                for row in rows:
                    self._rewrite(connection, row.id, self._sealing.row(*self._sealing.open(row)))
            if not rows:
                break
            count += len(rows)
        if count:
            _overwrite_what_was(self.engine)
        return count

    def reseal(self, old: KeyRing, new: KeyRing) -> int:
        """Encrypt with the key `new` what `old` opens; how many events that were.

        What `old` does not open is left as it is: it was done before, or nobody can read it and its age will erase it.
        """
        before, after, count = Sealing(old), Sealing(new), 0
        with self.engine.begin() as connection:
            for row_id in connection.execute(sa.select(events.c.id)).scalars().all():
                row = connection.execute(sa.select(events).where(events.c.id == row_id)).one()
                try:
                    opened = before.open(row)
                except InvalidTag:
                    continue
                self._rewrite(connection, row_id, after.row(*opened))
                count += 1
        return count

    @staticmethod
    def _rewrite(connection: Connection, row_id: int, row: Mapping[str, Any]) -> None:
        values = {**row, "intent_name": None, "action_name": None}
        connection.execute(sa.update(events).where(events.c.id == row_id).values(values))

    def _read(self, conversation_id: str, *conditions: sa.sql.ColumnElement) -> list[dict[str, Any]]:
        query = sa.select(*_SEALED).where(*conditions).order_by(events.c.id)
        with self.engine.connect() as connection:
            rows = connection.execute(query).all()
        read = []
        for row in rows:
            try:
                read.append(self._sealing.open(row)[1])
            except InvalidTag:  # moved or changed by somebody without the key
                raise SecretKeyError("um evento de uma conversa não abre com a chave em uso") from None
        return read

    def _opened(
        self, condition: sa.sql.ColumnElement, newest_first: bool = False
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        order = events.c.id.desc() if newest_first else events.c.id
        query = sa.select(*_SEALED).where(condition).order_by(order)
        with database.streaming(self.engine) as connection:
            for row in connection.execute(query):
                try:
                    opened = self._sealing.open(row)
                except InvalidTag:
                    continue
                yield opened

    def _of(self, conversation_id: str) -> sa.sql.ColumnElement:
        return events.c.sender_id.in_((self._sealing.hashed(conversation_id), conversation_id))

    def _latest_session(self, conversation_id: str) -> tuple[sa.sql.ColumnElement, sa.sql.ColumnElement]:
        """By the order of writing: the clocks of two machines, or of one that was put right, would hide events."""
        began = (
            sa.select(sa.func.coalesce(sa.func.max(events.c.id), 0))
            .where(self._of(conversation_id), events.c.type_name == SESSION_STARTED)
            .scalar_subquery()
        )
        return self._of(conversation_id), events.c.id >= began

    def _delete(self, condition: sa.sql.ColumnElement) -> int:
        with database.single(self.engine) as connection:
            return int(connection.execute(sa.delete(events).where(condition)).rowcount)


def connect(url: URL, keys: KeyRing, *, encrypt: bool = True) -> ConversationEvents:
    """The events in that database, by default prepared; ConfigurationError when it cannot be reached."""
    schema = os.environ.get("POSTGRESQL_SCHEMA")  # as Rasa's own store reads it
    told = {"options": f"-csearch_path={schema}"} if schema else {}
    try:
        conversations = ConversationEvents(database.open_engine(url, **told), keys)
        if encrypt:
            conversations.prepare()
        else:
            conversations.engine.connect().close()
    except (SQLAlchemyError, OSError) as error:
        # The driver's own text may repeat the URL with its password.
        raise ConfigurationError(
            f"o banco das conversas (tracker_store de endpoints.yml) não pode ser usado ({type(error).__name__})"
        ) from None
    return conversations


def _overwrite_what_was(engine: Engine) -> None:
    """SQLite leaves what was replaced in its pages and in its log: write both anew. PostgreSQL vacuums by itself."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM")
        database.empty_log(engine)
