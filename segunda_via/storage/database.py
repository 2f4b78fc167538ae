"""The database: its tables, its engine, and its migration by whichever process starts first.

SQLAlchemy is held at 1.4 by Rasa. SQLite by default, PostgreSQL in production.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timezone
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from segunda_via.errors import ConfigurationError
from segunda_via.storage import postgresql_connections, private_files
from segunda_via.storage.keys import KeyRing
from segunda_via.storage.sqlite_writes import PATIENCE, queue_writers

logger = logging.getLogger(__name__)

_MIGRATION_LOCK = 7_330_164_521  # an arbitrary number of our own for pg_advisory_lock

VERSION_TABLE = "segunda_via_version"

metadata = sa.MetaData()


class Moment(sa.types.TypeDecorator):
    """An aware time in UTC. SQLite keeps no zone, so it is given back here."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=timezone.utc)


class Money(sa.types.TypeDecorator):
    """Reais and cents. SQLite knows no decimals and is given a float, which is exact to the cent when it comes back."""

    impl = sa.Numeric(14, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sa.Float() if dialect.name == "sqlite" else sa.Numeric(14, 2))

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> Any:
        return float(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"))


settings = sa.Table(
    "segunda_via_settings",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("saved_at", Moment, nullable=False),
    sa.Column("saved_by", sa.String(128), nullable=False),
)

lookups = sa.Table(
    "segunda_via_lookups",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("sender", sa.String(64), primary_key=True),
    sa.Column("document", sa.String(64), primary_key=True),
    sa.Index("segunda_via_lookups_by_document", "company", "day", "document"),
)

receivers = sa.Table(
    "segunda_via_receivers",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("sender", sa.String(64), primary_key=True),
    sa.Column("document", sa.String(64), primary_key=True),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("last", sa.Date, nullable=False),
)

tickets = sa.Table(
    "segunda_via_tickets",
    metadata,
    # What is hashed and what is encrypted: `segunda_via.tickets.sealing`.
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("queue", sa.String(128)),
    sa.Column("outcome", sa.String(32)),
    sa.Column("reason", sa.String(128)),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    sa.Column("desk_key", sa.String(255)),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Column("sealed_summary", sa.Text),
    sa.Column("sealed_invoice", sa.Text),
    sa.UniqueConstraint("company", "conversation", "ordinal", name="segunda_via_tickets_ordinal"),
    sa.Index("segunda_via_tickets_by_desk_key", "company", "desk_key"),
)

ticket_events = sa.Table(
    "segunda_via_ticket_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("ticket", sa.String(255), nullable=False),
    sa.Column("conversation", sa.String(64), nullable=False),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("detail", sa.String(128)),
    sa.Column("occurred_at", Moment, nullable=False),
    sa.Index("segunda_via_ticket_events_by_ticket", "company", "ticket", "id"),
    sa.Index("segunda_via_ticket_events_by_conversation", "company", "conversation"),
)


def connect(url: str, keys: KeyRing | None = None) -> Engine:
    """An engine on a migrated database; ConfigurationError when it cannot be reached.

    `keys` encrypt what an older version wrote in clear.
    """
    try:
        engine = open_engine(make_url(url))
        migrate(engine, keys)
    except (SQLAlchemyError, OSError) as error:
        # The driver's own text may repeat the URL with its password.
        raise ConfigurationError(
            f"SEGUNDA_VIA_DATABASE_URL deve ser a de um banco que responde; este falhou ({type(error).__name__})."
        ) from None
    return engine


def open_engine(url: URL, **postgresql: str) -> Engine:
    """An engine, with nothing migrated; `postgresql` is told to its driver."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    engine = sa.create_engine(url, connect_args={"connect_timeout": 5, **postgresql})
    postgresql_connections.keep_simple(engine)
    return engine


def _sqlite(url: URL) -> Engine:
    told = {"timeout": PATIENCE, "check_same_thread": False}
    if url.database in (None, "", ":memory:"):
        return sa.create_engine(url, connect_args=told, poolclass=sa.pool.StaticPool)
    private_files.make_database(Path(url.database))
    # Kept open: when its last connection closes, SQLite empties the write-ahead log and waits for the disk.
    engine = sa.create_engine(url, connect_args=told, poolclass=sa.pool.QueuePool)
    sa.event.listen(engine, "connect", _overwrite_what_is_deleted)
    queue_writers(engine)
    return engine


def _overwrite_what_is_deleted(connection: Any, record: Any) -> None:
    """SQLite would leave the content of deleted rows in the file, for whoever reads that."""
    connection.execute("PRAGMA secure_delete = ON")


def single(engine: Engine) -> AbstractContextManager[Connection]:
    """For one statement that writes. PostgreSQL is spared BEGIN and COMMIT; on SQLite writers queue up by them."""
    alone: AbstractContextManager[Connection] = engine.execution_options(**postgresql_connections.ALONE).begin()
    return alone


@contextmanager
def streaming(engine: Engine) -> Iterator[Connection]:
    """For reading more than should stand in memory at once. PostgreSQL's cursors live in a transaction."""
    with engine.connect() as connection:
        streams = connection.execution_options(stream_results=True)
        with streams.begin() if engine.dialect.name == "postgresql" else nullcontext():
            yield streams


def empty_log(engine: Engine) -> None:
    """Have SQLite's log, in which deleted rows still stand, written into the file and emptied; nothing elsewhere.

    Not while somebody reads an older state: then at the next time.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 1000")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")


def migrate(engine: Engine, keys: KeyRing | None = None) -> None:
    """Bring the schema up to date, and leave that of a newer version alone.

    Of several processes starting at once, one does it and the others wait.
    """
    with migration_lock(engine), engine.connect() as connection:
        keep_write_ahead_log(connection)
        config = _alembic()
        config.attributes["connection"] = connection
        config.attributes["keys"] = keys
        logging.getLogger("alembic").setLevel(logging.WARNING)
        older = _revision(connection)
        if _is_newer(older):
            logger.warning("the database is of a newer release: %s", older)
            return
        command.upgrade(config, "head")
        if older not in (None, _revision(connection)) and engine.dialect.name == "sqlite":
            connection.exec_driver_sql("VACUUM")  # what older versions deleted, and did not overwrite
            empty_log(engine)


def is_migrated(engine: Engine) -> bool:
    """Whether this version can serve with the schema: its own, or a newer one, which has only been added to.

    What a release no longer needs, the next one takes away: `docs/operations.md`, upgrades.
    """
    with engine.connect() as connection:
        revision = _revision(connection)
    return revision == _newest_revision() or _is_newer(revision)


def revision_of(engine: Engine) -> str | None:
    """The schema's revision; None where there is none yet."""
    with engine.connect() as connection:
        return _revision(connection)


def knows(revision: str) -> bool:
    """Whether this version can bring a schema of that revision up to date."""
    return revision in _revisions()


def _is_newer(revision: str | None) -> bool:
    return revision is not None and not knows(revision)


def _revision(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


@cache
def _revisions() -> frozenset[str]:
    return frozenset(each.revision for each in ScriptDirectory.from_config(_alembic()).walk_revisions())


@cache
def _newest_revision() -> str | None:
    return ScriptDirectory.from_config(_alembic()).get_current_head()


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config


def keep_write_ahead_log(connection: Connection) -> None:
    """Readers of a SQLite file do not wait for its writer from now on; nothing elsewhere."""
    if connection.dialect.name == "sqlite" and connection.engine.url.database not in (None, "", ":memory:"):
        connection.execute(sa.text("PRAGMA journal_mode=WAL"))


@contextmanager
def migration_lock(engine: Engine) -> Iterator[None]:
    """One process at a time changes what the database looks like."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection, _advisory_lock(connection):
            yield
    elif engine.url.database in (None, "", ":memory:"):
        yield
    else:
        private = os.open(f"{engine.url.database}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(private, "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


@contextmanager
def _advisory_lock(connection: Connection) -> Iterator[None]:
    connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATION_LOCK})
    try:
        yield
    finally:
        connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": _MIGRATION_LOCK})


def insert_once(engine: Engine, table: sa.Table) -> Any:
    """An INSERT that does nothing when the row is already there."""
    return _insert(engine, table).on_conflict_do_nothing()


def insert_or_advance(engine: Engine, table: sa.Table, key: str, by: str) -> Any:
    """An INSERT that takes the place of the row with that `key` when its `by` is greater than that row's."""
    insert = _insert(engine, table)
    news = {column.name: insert.excluded[column.name] for column in table.columns}
    return insert.on_conflict_do_update(index_elements=[key], set_=news, where=table.c[by] < insert.excluded[by])


def insert_or_change(
    engine: Engine, table: sa.Table, key: Sequence[str], row: Mapping[str, Any], news: Mapping[str, Any]
) -> Any:
    """An INSERT of that row; where one of that `key` is, it takes on the `news`."""
    return _insert(engine, table).values(row).on_conflict_do_update(index_elements=key, set_=news)


def _insert(engine: Engine, table: sa.Table) -> Any:
    if engine.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert
    return insert(table)
