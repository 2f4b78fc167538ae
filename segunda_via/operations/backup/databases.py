"""One database into a file and back, while others use it: SQLite's online backup, or pg_dump and psql.

PostgreSQL may hold other programs' tables beside ours: only ours are copied and replaced. A SQLite file is copied
whole.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from segunda_via.errors import BackupError
from segunda_via.storage import private_files
from segunda_via.storage.database import VERSION_TABLE, open_engine
from segunda_via.storage.sqlite_writes import PATIENCE


@dataclass(frozen=True)
class Source:
    """A database of ours: `tables` are the names of our tables in it, as a pattern."""

    name: str
    url: URL
    tables: str

    @property
    def kind(self) -> str:
        return str(self.url.get_backend_name())

    @property
    def _file(self) -> Path:
        return Path(self.url.database or "")


def dump(source: Source, to: Path) -> None:
    """Its content as it is at one moment, in `to`."""
    if source.kind == "sqlite":
        with closing(_open(source._file)) as origin, closing(sqlite3.connect(to)) as copy:
            origin.backup(copy)
        return
    table = f"--table={source.tables}"
    _run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", table, f"--file={to}"], source.url)


def check(source: Source, dumped: Path) -> None:
    """BackupError when what was copied cannot be read back whole."""
    if source.kind == "sqlite":
        try:
            with closing(sqlite3.connect(dumped)) as copy:
                sound = copy.execute("PRAGMA quick_check").fetchone() == ("ok",)
        except sqlite3.DatabaseError:
            sound = False
        if not sound:
            raise BackupError(f"a cópia está danificada ({source.name})")
    else:
        _run(["pg_restore", f"--file={os.devnull}", str(dumped)], None)


def holds_rows(source: Source) -> bool:
    """Whether there is anything in our tables that a restored copy would replace."""
    if source.kind == "sqlite" and not source._file.exists():
        return False
    engine = open_engine(source.url)
    try:
        names = [name for name in _tables(engine, source) if name != VERSION_TABLE]
        with engine.connect() as connection:
            return any(
                connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first()
                for name in names
            )
    except SQLAlchemyError as error:
        raise BackupError(f"o banco {source.name} não pode ser lido ({type(error).__name__})") from None
    finally:
        engine.dispose()


def load(source: Source, dumped: Path) -> None:
    """Put that copy in the place of what is there, in one transaction: whole, or nothing was changed."""
    if source.kind == "sqlite":
        private_files.make_database(source._file)
        with closing(sqlite3.connect(dumped)) as copy, closing(_open(source._file)) as target:
            copy.backup(target)
        return
    engine = open_engine(source.url)
    try:
        present = _tables(engine, source)
    finally:
        engine.dispose()
    quote = engine.dialect.identifier_preparer.quote_identifier
    script = dumped.with_suffix(".sql")
    with script.open("wb") as file:
        file.write("".join(f"DROP TABLE {quote(name)} CASCADE;\n" for name in present).encode())
        file.flush()
        _run(["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(dumped)], None, output=file.fileno())
    psql = ["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={script}"]
    _run(psql, source.url)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=PATIENCE)


def _tables(engine: sa.engine.Engine, source: Source) -> list[str]:
    return [name for name in sa.inspect(engine).get_table_names() if fnmatch(name, source.tables)]


def _run(command: list[str], url: URL | None, output: int = subprocess.DEVNULL) -> None:
    """A program of PostgreSQL's. The password goes through its environment: arguments can be read by everybody."""
    program = shutil.which(command[0])
    if program is None:
        raise BackupError(f"falta o programa {command[0]}: instale o cliente do PostgreSQL (postgresql-client)")
    environment: Mapping[str, str] = {**os.environ, "LC_ALL": "C"}
    if url is not None:
        plain = url.set(drivername="postgresql", password=None)
        command = [*command, f"--dbname={plain.render_as_string(hide_password=False)}"]
        environment = {**environment, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    done = subprocess.run(  # noqa: S603  a program of PostgreSQL's, without a shell
        [program, *command[1:]], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, env=environment,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise BackupError(f"{command[0]} falhou: {_first_error(done.stderr.decode(errors='replace'))}")


def _first_error(told: str) -> str:
    """The first line that speaks of an error, without the statement that it may quote."""
    lines = [line.strip() for line in told.splitlines() if "error" in line.lower()]
    return lines[0][:200] if lines else "sem explicação"
