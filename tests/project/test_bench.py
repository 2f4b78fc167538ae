"""What `make bench ARGS=--cost` counts by: the statements of a process, on the wire and by SQLite's own trace."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from bench.statements import GROUPS, group, kind
from bench.wire import Relays
from scripts.processes import ROOT


@pytest.mark.parametrize(
    ("statement", "expected", "in_group"),
    [
        ("SELECT a.b FROM segunda_via_jobs AS a", "SELECT jobs", "read"),
        ("\n SELECT 1", "SELECT", "ping"),
        ("INSERT INTO segunda_via_jobs (a) VALUES (1) ON CONFLICT DO NOTHING", "INSERT jobs", "write"),
        ("UPDATE segunda_via_jobs SET a = 1", "UPDATE jobs", "write"),
        ("DELETE FROM events", "DELETE events", "write"),
        ("BEGIN IMMEDIATE", "BEGIN", "transaction"),
        ("RELEASE SAVEPOINT a", "RELEASE", "transaction"),
        ("PRAGMA synchronous=FULL", "PRAGMA", "setting"),
        ("SET default_transaction_isolation TO 'x'", "SET", "setting"),
    ],
)
def test_a_statement_is_told_by_its_verb_and_its_table(statement: str, expected: str, in_group: str) -> None:
    assert (kind(statement), group(expected)) == (expected, in_group)
    assert in_group in GROUPS


def test_on_the_wire_every_statement_is_counted(database_url: str) -> None:
    if not database_url.startswith("postgresql"):
        return  # SQLite has no wire
    with Relays() as relays:
        relay = relays.to(make_url(database_url))
        engine = sa.create_engine(relay.relayed, pool_pre_ping=True)
        with engine.connect() as connection:
            relay.counted.clear()
            connection.execute(sa.text("SELECT 2 FROM pg_class LIMIT 1"))
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE boletos (a integer)"))
        engine.dispose()
        counted = relay.counted
    assert counted == Counter({"SELECT": 1, "BEGIN": 2, "SELECT pg_class": 1, "ROLLBACK": 1, "CREATE": 1, "COMMIT": 1})


def test_sqlite_tells_of_every_statement_of_a_module(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        "import sqlite3\ndef main():\n"
        "    with sqlite3.connect(':memory:') as c:\n"
        "        c.execute('CREATE TABLE a (b)')\n        c.execute('INSERT INTO a VALUES (1)')\n",
        encoding="utf-8",
    )
    file = tmp_path / "statements"
    traced = [sys.executable, str(ROOT / "bench" / "traced.py"), str(ROOT), str(file), "one:main"]
    subprocess.run(traced, cwd=tmp_path, check=True)
    assert file.read_text(encoding="utf-8").splitlines() == ["CREATE", "BEGIN", "INSERT a", "COMMIT"]
