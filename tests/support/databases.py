"""Databases of their own for tests: SQLite always, PostgreSQL where SEGUNDA_VIA_TEST_POSTGRES names a server.

def test_something(engine): ...             # runs on both, migrated
def test_several_processes(database_url): ...   # likewise
def test_a_migration(empty_database_url): ...

Migrating takes longer than most tests, so each test process does it once and every test gets a copy.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url

from segunda_via.storage import database

SERVER = "SEGUNDA_VIA_TEST_POSTGRES"
BOTH = ("sqlite", "postgresql")


def migrated_sqlite(folder: Path) -> str:
    """The URL of a migrated SQLite database in `folder`: the one that is there, else a new one without rows."""
    path = folder / "segunda_via.db"
    if not path.exists():
        shutil.copyfile(_sqlite_template(), path)
        path.chmod(0o600)
    return f"sqlite:///{path}"


def engine_in_memory() -> Engine:
    """An engine on a migrated SQLite database that no file holds."""
    engine = database.open_engine(make_url("sqlite://"))
    with closing(sqlite3.connect(_sqlite_template())) as template, closing(engine.raw_connection()) as memory:
        template.backup(memory.driver_connection)
    return engine


@cache
def _sqlite_template() -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "template.db"
    database.connect(f"sqlite:///{path}").dispose()
    return path


@contextmanager
def new_database(kind: str, folder: Path, *, migrated: bool = False) -> Iterator[str]:
    """The URL of a database without rows; skips where there is no server of that kind."""
    if kind == "sqlite":
        yield migrated_sqlite(folder) if migrated else f"sqlite:///{folder / 'segunda_via.db'}"
        return
    server = os.environ.get(SERVER)
    if not server:
        pytest.skip(f"no PostgreSQL server: {SERVER} should hold its URL, as .ci/run sets it")
    name = _create_on(server, _postgres_template(server) if migrated else "template1")
    try:
        yield _url_of(server, name)
    finally:
        _drop_on(server, name)


@cache
def _postgres_template(server: str) -> str:
    name = _create_on(server, "template1")
    atexit.register(_drop_on, server, name)
    database.connect(_url_of(server, name)).dispose()
    return name


def _create_on(server: str, template: str) -> str:
    name = f"segunda_via_{uuid.uuid4().hex}"
    _run_on(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def _drop_on(server: str, name: str) -> None:
    _run_on(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _run_on(server: str, statement: str) -> None:
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text(statement))


def _url_of(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables, SQLite and PostgreSQL in turn."""
    with new_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database, SQLite and PostgreSQL in turn."""
    with new_database(request.param, tmp_path, migrated=True) as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated database, SQLite and PostgreSQL in turn."""
    engine = database.connect(database_url)
    yield engine
    engine.dispose()
