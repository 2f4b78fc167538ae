"""Two releases on one database: the newer one only adds, and the older one goes on serving.

Expand first, contract a release later: `docs/operations.md`.
"""

from __future__ import annotations

import ast
import re
from datetime import datetime, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.engine import Engine

from segunda_via.job_queue.queue import JobQueue
from segunda_via.settings.store import SettingsStore
from segunda_via.storage import database
from segunda_via.storage.keys import KeyRing

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
KEYS = KeyRing(Fernet.generate_key().decode())
BEFORE_THE_RULE = 18
VERSIONS = Path(database.__file__).with_name("migrations") / "versions"
TAKEN_AWAY = re.compile(
    r"\b(?:DROP\s+(?:TABLE|COLUMN|CONSTRAINT)|RENAME)\b|ALTER\s+COLUMN.*(?:TYPE|SET NOT NULL)", re.I
)
"""In SQL. Indexes may come and go: no code names them."""
CALLS = {"drop_column", "drop_table", "rename_table", "drop_constraint", "alter_column"}


def taken_away(source: str) -> set[str]:
    """What in a migration's upgrade a release before it may still need."""
    found: set[str] = set()
    for function in ast.parse(source).body:
        if isinstance(function, ast.FunctionDef) and function.name != "downgrade":
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
                    found.add(node.func.attr)
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found |= {match.upper() for match in TAKEN_AWAY.findall(node.value)}
    return found


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("0*.py")), ids=lambda path: path.stem)
def test_a_migration_only_adds_or_says_which_release_stopped_needing_it(path: Path) -> None:
    source = path.read_text("utf-8")
    if int(path.stem[:4]) > BEFORE_THE_RULE and taken_away(source):
        unneeded_since = re.search(r'^UNNEEDED_SINCE = "(\d+\.\d+\.\d+)"$', source, re.MULTILINE)
        assert unneeded_since, f"{taken_away(source)}: say UNNEEDED_SINCE, the release whose code stopped using it"
        released = (Path(__file__).parents[2] / "CHANGELOG.md").read_text("utf-8")
        assert f"## [{unneeded_since[1]}]" in released, "that release is not out yet"


def test_what_takes_away_is_recognised() -> None:
    assert taken_away('def upgrade():\n    op.drop_column("a", "b")\n') == {"drop_column"}
    assert taken_away('def upgrade():\n    op.execute("ALTER TABLE a DROP COLUMN b")\n') == {"DROP COLUMN"}
    assert not taken_away(
        'def upgrade():\n    op.add_column("a", b)\n\ndef downgrade():\n    op.drop_column("a", "b")\n'
    )


def upgraded_by_the_next_release(engine: Engine) -> None:
    """A column and a table more, and a revision that this release does not know."""
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE segunda_via_jobs ADD COLUMN of_tomorrow VARCHAR(8)"))
        connection.execute(sa.text("CREATE TABLE segunda_via_of_tomorrow (id INTEGER)"))
        connection.execute(sa.text("UPDATE segunda_via_version SET version_num = '9999'"))


def test_the_release_before_goes_on_serving_and_starts_again(engine: Engine, database_url: str) -> None:
    queue, store = JobQueue(engine, KEYS, lambda: NOON, "inbox"), SettingsStore(engine, KEYS)
    queue.put("ana", "SM1", "message", {"text": "oi"})
    upgraded_by_the_next_release(engine)
    assert database.is_migrated(engine), "it stays ready, and keeps its customers"
    (job,) = queue.take("w")
    assert queue.done(job)
    store.put("default", "queue", {"name": "Segunda Via de Boleto"}, by="maria", at=NOON)
    again = database.connect(database_url, KEYS)
    assert database.revision_of(again) == "9999", "what the newer one did is left alone"
    assert JobQueue(again, KEYS, lambda: NOON, "inbox").put("ana", "SM2", "message", {"text": "oi"})
    again.dispose()


def test_a_schema_that_is_behind_is_not_ready(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE segunda_via_version SET version_num = '0017'"))
    assert not database.is_migrated(engine)
