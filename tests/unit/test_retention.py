"""`purge` reads where Rasa keeps its conversations from endpoints.yml, and erases what is old there and here."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from segunda_via.app import App
from segunda_via.endpoints_file import tracker_store
from segunda_via.errors import ConfigurationError
from segunda_via.outcomes import Outcome
from segunda_via.retention import purge
from segunda_via.settings.environment import Environment

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)


def app_at(moment: datetime, folder: Path) -> App:
    environment = Environment(database_url=f"sqlite:///{folder}/segunda_via.db", retention_days=30)
    return App(environment, today=moment.date, now=lambda: moment, home=folder)


def endpoints(folder: Path, store: str) -> Path:
    path = folder / "endpoints.yml"
    path.write_text(store)
    return path


def test_what_is_older_than_the_retention_is_erased(tmp_path: Path) -> None:
    old = app_at(NOW - timedelta(days=31), tmp_path)
    old.tickets.open("default", "old")
    old.tickets.finish("default", "old", Outcome.OVERDUE)
    tracker = sa.create_engine(f"sqlite:///{tmp_path}/tracker.db")
    with tracker.begin() as connection:
        connection.execute(sa.text("CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id TEXT, timestamp FLOAT)"))
        for age in (31, 29):
            moment = (NOW - timedelta(days=age)).timestamp()
            connection.execute(sa.text("INSERT INTO events (sender_id, timestamp) VALUES ('x', :m)"), {"m": moment})
    path = endpoints(tmp_path, f"tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: {tmp_path}/tracker.db\n")
    purged = purge(app_at(NOW, tmp_path), path)
    assert (purged.conversation_events, purged.tickets) == (1, 1)
    assert purge(app_at(NOW, tmp_path), path).conversation_events == 0


def test_other_stores_are_left_alone(tmp_path: Path) -> None:
    assert tracker_store(endpoints(tmp_path, "tracker_store:\n  type: redis\n  url: localhost\n")).url is None
    assert purge(app_at(NOW, tmp_path), endpoints(tmp_path, "")).conversation_events == 0


def test_a_database_that_rasa_has_not_made_yet_is_not_made_here(tmp_path: Path) -> None:
    path = endpoints(tmp_path, f"tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: {tmp_path}/absent.db\n")
    assert purge(app_at(NOW, tmp_path), path).conversation_events == 0
    assert not (tmp_path / "absent.db").exists()


def test_outside_the_projects_folder_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="em que o Rasa roda"):
        tracker_store(tmp_path / "endpoints.yml")
