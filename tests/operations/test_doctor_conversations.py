"""What the doctor says of the place where conversations are kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.databases import migrated_sqlite

from segunda_via.app import App
from segunda_via.operations.probes.probe import Level, run
from segunda_via.operations.probes.registry import PROBES
from segunda_via.settings.environment import Environment
from segunda_via.storage.conversation_events import events
from segunda_via.storage.endpoints_file import ENCRYPTED


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def told(folder: Path, store: str | None) -> tuple[Level, str]:
    if store is not None:
        (folder / "endpoints.yml").write_text(store)
    app = App(Environment(database_url=migrated_sqlite(folder)), home=folder)
    try:
        findings = await run(PROBES, app, "default")
    finally:
        await app.close()
    return next((each.level, each.detail) for each in findings if each.subject == "conversations")


async def test_what_is_not_encrypted_is_said(tmp_path: Path) -> None:
    level, detail = await told(tmp_path, "")
    assert (level, "só na memória" in detail, ENCRYPTED in detail) == (Level.WARNING, True, True)
    level, detail = await told(tmp_path, "tracker_store: {type: SQL, db: tracker.db}")
    assert (level, "em claro" in detail) == (Level.WARNING, True)
    assert (await told(tmp_path, f"tracker_store: {{type: {ENCRYPTED}, db: tracker.db}}"))[0] is Level.OK


async def test_what_was_written_in_clear_is_counted_and_left_to_rasa(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/tracker.db")
    with engine.begin() as connection:
        events.create(connection)
        row = {"sender_id": "ana", "type_name": "bot", "data": json.dumps({"event": "bot"})}
        connection.execute(sa.insert(events).values(row))
    for _ in range(2):
        level, detail = await told(tmp_path, f"tracker_store: {{type: {ENCRYPTED}, db: tracker.db}}")
        assert (level, "1 eventos" in detail) == (Level.WARNING, True)
    engine.dispose()


@pytest.mark.parametrize(
    "store", [None, f"tracker_store: {{type: {ENCRYPTED}, url: 'postgresql://maria:segredo@127.0.0.1:1/rasa'}}"]
)
async def test_what_cannot_be_read_fails(tmp_path: Path, store: str | None) -> None:
    level, detail = await told(tmp_path, store)
    assert level is Level.FAILURE
    assert "segredo" not in detail
