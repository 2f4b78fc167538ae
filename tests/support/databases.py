"""Databases of their own for tests: SQLite always, PostgreSQL where SEGUNDA_VIA_TEST_POSTGRES names a server.

def test_something(engine): ...             # runs on both, migrated
def test_several_processes(database_url): ...
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url

from segunda_via.storage import database

SERVER = "SEGUNDA_VIA_TEST_POSTGRES"
BOTH = ("sqlite", "postgresql")


@contextmanager
def new_database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database; skips where there is no server of that kind."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'segunda_via.db'}"
        return
    server = os.environ.get(SERVER)
    if not server:
        pytest.skip(f"no PostgreSQL server: {SERVER} should hold its URL, as .ci/run sets it")
    name = f"segunda_via_{uuid.uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        with admin.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    finally:
        admin.dispose()


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, SQLite and PostgreSQL in turn."""
    with new_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated database, SQLite and PostgreSQL in turn."""
    engine = database.connect(database_url)
    yield engine
    engine.dispose()
