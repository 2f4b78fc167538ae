"""The endpoints of a run are the committed ones, with the run's own address and secret."""

from __future__ import annotations

import stat
from pathlib import Path

from ruamel.yaml import YAML

from scripts.endpoints import ROOT, write
from segunda_via.storage.endpoints_file import ENCRYPTED


def read(path: Path) -> dict[str, object]:
    return dict(YAML(typ="safe").load(path.read_text(encoding="utf-8")))


def test_address_secret_and_tracker_are_put_in(tmp_path: Path) -> None:
    path = write(tmp_path / "run" / "e.yml", "http://127.0.0.1:5060/webhook", "s3cret", tmp_path / "t.db")
    assert read(path)["action_endpoint"] == {
        "url": "http://127.0.0.1:5060/webhook",
        "headers": {"Authorization": "Bearer s3cret"},
    }
    database = {"dialect": "sqlite", "db": str(tmp_path / "t.db")}
    assert read(path)["tracker_store"] == {"type": ENCRYPTED, "redact_logs": True, **database}


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    target = tmp_path / "e.yml"
    target.touch(mode=0o644)
    assert stat.S_IMODE(write(target, "http://a", "s").stat().st_mode) == 0o600


def test_everything_else_the_committed_file_says_stays(tmp_path: Path) -> None:
    committed, written = read(ROOT / "endpoints.yml"), read(write(tmp_path / "e.yml", "http://a", "s"))
    assert {**written, "action_endpoint": None} == {**committed, "action_endpoint": None}


def test_variables_stay_plain_scalars_so_that_rasa_expands_them(tmp_path: Path) -> None:
    source = tmp_path / "source.yml"
    source.write_text(
        "lock_store:\n  type: redis\n  url: ${REDIS}\n  key_prefix: a-${B}-" + "x" * 120 + "\n", encoding="utf-8"
    )
    text = write(tmp_path / "e.yml", "http://a", "s", source=source).read_text(encoding="utf-8")
    assert "url: ${REDIS}\n" in text
    assert "key_prefix: a-${B}-" + "x" * 120 + "\n" in text


def test_an_empty_committed_file_is_enough(tmp_path: Path) -> None:
    source = tmp_path / "source.yml"
    source.write_text("# nothing\n", encoding="utf-8")
    assert list(read(write(tmp_path / "e.yml", "http://a", "s", source=source))) == ["action_endpoint"]
