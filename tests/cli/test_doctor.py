"""`segunda-via doctor` as a gate: its exit code says whether customers can be served."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest
import typer
from cryptography.fernet import Fernet
from support.databases import migrated_sqlite
from typer.testing import CliRunner

from segunda_via import cli
from segunda_via.app import App
from segunda_via.cli import findings
from segunda_via.operations.probes.probe import Finding, Level
from segunda_via.settings import gateway as saving
from segunda_via.settings.environment import Environment
from segunda_via.storage.endpoints_file import ENCRYPTED

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation that is in order, with no gateway yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEGUNDA_VIA_DATABASE_URL", migrated_sqlite(tmp_path))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "1.tar.gz").touch()
    (tmp_path / "endpoints.yml").write_text(f"tracker_store: {{type: {ENCRYPTED}, db: tracker.db}}\n")
    return tmp_path


def gate() -> tuple[int, dict[str, str]]:
    done = CliRunner().invoke(cli.app, ["doctor", "--gate", "--json"])
    return done.exit_code, {each["subject"]: each["level"] for each in json.loads(done.output)}


def test_the_gate_opens_where_customers_can_be_served_whatever_the_gateway_does(folder: Path) -> None:
    subjects = ("variables", "database", "disk", "conversations", "model")
    assert gate() == (0, dict.fromkeys(subjects, "ok"))


def test_it_stays_closed_without_a_model_or_with_another_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "models" / "1.tar.gz").unlink()
    code, levels = gate()
    assert (code, levels["model"]) == (1, "failure")
    (folder / "models" / "1.tar.gz").touch()
    app = App(Environment.read({"SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(folder)}), home=folder / "var")
    saving.save(app.settings, "default", "asaas", {"token": "a"}, None, by="maria", at=NOON)
    assert gate()[0] == 0
    monkeypatch.setenv("SEGUNDA_VIA_SECRET_KEY", Fernet.generate_key().decode())
    code, levels = gate()
    assert (code, levels["database"]) == (1, "failure")


def test_a_malformed_variable_closes_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGUNDA_VIA_RETENTION_DAYS", "viele")
    assert gate() == (1, {"variables": "failure"})


@pytest.mark.parametrize(
    ("levels", "code"),
    [
        ([Level.OK, Level.WARNING], None),
        ([Level.UNKNOWN, Level.OK], 3),
        ([Level.UNKNOWN, Level.FAILURE], 1),
    ],
)
def test_the_exit_code_tells_a_failure_from_what_could_not_be_told(levels: list[Level], code: int | None) -> None:
    found = [Finding("model", level, "") for level in levels]
    if code is None:
        findings.end(found)
        return
    with pytest.raises(typer.Exit) as ended:
        findings.end(found)
    assert ended.value.exit_code == code
