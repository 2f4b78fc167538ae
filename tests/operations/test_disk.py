"""A disk that is full or read-only: a clear word, and nothing that was acknowledged is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from support.databases import migrated_sqlite

from segunda_via.app import App
from segunda_via.errors import ConfigurationError
from segunda_via.operations import disk_space
from segunda_via.settings.environment import Environment
from segunda_via.storage import database, keys


def test_the_disk_is_measured_where_data_will_be_written(tmp_path: Path) -> None:
    free = disk_space.least_free(f"sqlite:///{tmp_path}/not/yet/x.db", tmp_path / "var")
    assert 0 < free < 1 << 60
    assert disk_space.least_free("postgresql://db/segunda_via", tmp_path) > 0


def fill(app: App) -> None:
    for number in range(2, 2000):
        app.inbox.put("ana", f"SM{number}", "message", {"text": "x" * 4000})


@pytest.mark.parametrize("pragma", ["PRAGMA max_page_count = 1", "PRAGMA query_only = ON"])
def test_what_was_written_before_stays_and_what_cannot_be_is_refused(pragma: str, tmp_path: Path) -> None:
    """SQLite's own errors of a full and of a read-only disk."""
    app = App(Environment.read({"SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(tmp_path)}), home=tmp_path)
    app.inbox.put("ana", "SM1", "message", {"text": "oi"})
    app.engine.dispose()
    broken = True

    def begin(connection: object, record: object) -> None:
        if broken:
            connection.execute(pragma)  # type: ignore[attr-defined]

    sa.event.listen(app.engine, "connect", begin)
    with pytest.raises(sa.exc.OperationalError):
        fill(app)
    broken = False
    app.engine.dispose()
    taken = []
    while jobs := app.inbox.take("w"):
        taken += [job.key for job in jobs]
        for job in jobs:
            app.inbox.done(job)
    assert taken[0] == "SM1"
    app.inbox.put("ana", "SM9999", "message", {"text": "de novo"})
    assert [job.key for job in app.inbox.take("w")] == ["SM9999"], "with room again, all goes on"


def test_where_nothing_can_be_written_the_start_ends_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"^SEGUNDA_VIA_DATABASE_URL deve ser"):
        database.connect(f"sqlite:///{tmp_path}/file/x.db")
    with pytest.raises(ConfigurationError, match=r"secret\.key.*não é uma pasta"):
        keys.load_or_create(tmp_path / "file" / "secret.key")
