"""What PostgreSQL is sent, counted on the wire; and connections that the server ended."""

from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url

from bench.wire import Relays
from segunda_via.storage import database, postgresql_connections

READ = sa.text("SELECT relname FROM pg_class LIMIT 1")
WRITE = sa.text("INSERT INTO boletos VALUES (1)")
ENDED = sa.text(
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def postgresql(database_url: str) -> str | None:
    return database_url if database_url.startswith("postgresql") else None


def test_one_statement_is_one_statement(postgresql: str | None) -> None:
    if postgresql is None:
        return
    with Relays() as relays:
        relay = relays.to(make_url(postgresql))
        engine = database.open_engine(relay.relayed)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE boletos (a integer)"))
        relay.counted.clear()
        with engine.connect() as connection:
            connection.execute(READ)
        with database.single(engine) as connection:
            connection.execute(WRITE)
        assert relay.counted == Counter({"SELECT pg_class": 1, "INSERT boletos": 1})
        relay.counted.clear()
        with engine.begin() as connection:
            connection.execute(WRITE)
            connection.execute(WRITE)
        assert relay.counted == Counter({"BEGIN": 1, "INSERT boletos": 2, "COMMIT": 1})
        relay.counted.clear()
        with engine.connect() as connection, connection.begin() as transaction:
            connection.execute(WRITE)
            transaction.rollback()
        assert relay.counted == Counter({"BEGIN": 1, "INSERT boletos": 1, "ROLLBACK": 1})
        with engine.connect() as connection:
            assert connection.execute(sa.text("SELECT count(*) FROM boletos")).scalar() == 3
        engine.dispose()


@pytest.mark.parametrize("silent", [60.0, 0.0])
def test_who_was_cut_off_meanwhile_does_not_notice(postgresql: str | None, silent: float) -> None:
    if postgresql is None:
        return
    engine, other = sa.create_engine(postgresql), database.open_engine(make_url(postgresql))
    postgresql_connections.keep_simple(engine, silent)
    for _ in range(3):
        _use(engine)
        with other.connect() as connection:
            connection.execute(ENDED)
    _use(engine)
    engine.dispose()
    other.dispose()


def _use(engine: Engine) -> None:
    """Two connections at once, a read and a transaction."""
    with engine.connect() as one, engine.begin() as two:
        assert one.execute(READ).first() == two.execute(READ).first()
