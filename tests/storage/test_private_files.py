"""Whatever the machine's umask: what the product writes is its owner's alone, and what stands there becomes so."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from segunda_via.storage import database, private_files

ROOT = Path(__file__).parents[2]
PROCESS = """
import os
os.umask(0o022)
from segunda_via import app
built = app.build({})
built.settings.get("default", "gateway")
print(built.keys is not None, flush=True)
os.makedirs("var/log/deeper")
open("var/log/deeper/rasa.log", "w").close()
os._exit(0)  # with its write-ahead log left where it stands
"""


def loose(folder: Path) -> list[str]:
    """What others may do something with."""
    found = [folder, *folder.rglob("*")]
    return [str(path.relative_to(folder)) for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077]


@pytest.fixture
def open_handed() -> object:
    """A machine on which others may read what is made."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_everything_that_a_process_makes_is_private(tmp_path: Path) -> None:
    told = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", PROCESS], cwd=tmp_path, env=told, check=True, capture_output=True)
    names = {path.name for path in (tmp_path / "var").rglob("*")}
    assert names >= {"secret.key", "segunda_via.db", "segunda_via.db-wal", "segunda_via.db.lock", "rasa.log"}
    assert loose(tmp_path / "var") == []


def test_what_stood_there_becomes_private_and_links_are_left_alone(tmp_path: Path, open_handed: object) -> None:
    outside, home = tmp_path / "outside.txt", tmp_path / "var"
    outside.touch()
    (home / "log").mkdir(parents=True)
    for name in ("tracker.db", "tracker.db-wal", "log/rasa.log"):
        (home / name).touch()
    (home / "link").symlink_to(outside)
    private_files.begin(home)
    (home / "link").unlink()
    assert loose(home) == []
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644
    private_files.begin(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_database_is_private_wherever_it_stands_and_however_it_was(tmp_path: Path, open_handed: object) -> None:
    path = tmp_path / "data" / "mine.db"
    for _ in range(2):
        engine = database.connect(f"sqlite:///{path}")
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE IF NOT EXISTS t (x)"))
        assert {each.name for each in path.parent.iterdir()} >= {"mine.db", "mine.db-wal", "mine.db-shm"}
        assert loose(path.parent) == []
        engine.dispose()
        path.chmod(0o644)  # as an older version left it
        path.with_name("mine.db.lock").chmod(0o644)
