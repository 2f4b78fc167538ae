"""An empty database for a measurement: an SQLite file, or one on the PostgreSQL server that the tests use, too."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

SERVER = "SEGUNDA_VIA_TEST_POSTGRES"


def postgresql() -> str | None:
    """The server's URL, where there is one."""
    return os.environ.get(SERVER)


@contextmanager
def new_database(kind: str, folder: Path) -> Iterator[str]:
    """Its URL; empty for a kind that is no database."""
    if kind != "postgresql":
        yield f"sqlite:///{folder / 'channel.db'}" if kind == "sqlite" else ""
        return
    url, name = make_url(os.environ[SERVER]), f"bench_{uuid.uuid4().hex}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()
