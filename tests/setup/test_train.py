"""The model is trained again exactly when something that shapes it changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scripts import train
from segunda_via import skill

FILES = {
    "domain.yml": "intents: [a]",
    "config.yml": "language: pt",
    "data/nlu/money.yml": "nlu: []",
    "data/rules/happy.yml": "rules: []",
    "segunda_via/rasa_plugin/nlu/classifier.py": "x = 1",
    "segunda_via/boletos/documents/find.py": "y = 2",
    "segunda_via/rasa_plugin/importer.py": "z = 3",
    "segunda_via/skill/domain.yml": "intents: [b]",
    "segunda_via/skill/nlu/boleto.yml": "nlu: []",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


def test_dates_and_other_files_change_nothing(project: Path) -> None:
    before = train.fingerprint(project, "3.6.21")
    os.utime(project / "domain.yml", (0, 0))
    (project / "README.md").write_text("hello", encoding="utf-8")
    (project / "segunda_via" / "delivery.py").write_text("z = 3", encoding="utf-8")
    assert train.fingerprint(project, "3.6.21") == before


@pytest.mark.parametrize("name", FILES)
def test_each_shaping_file_counts(project: Path, name: str) -> None:
    before = train.fingerprint(project, "3.6.21")
    (project / name).write_text(FILES[name] + "\n# more", encoding="utf-8")
    assert train.fingerprint(project, "3.6.21") != before


def test_a_new_a_moved_and_a_removed_file_count(project: Path) -> None:
    seen = {train.fingerprint(project, "3.6.21")}
    (project / "data/nlu/new.yml").write_text("nlu: []", encoding="utf-8")
    seen.add(train.fingerprint(project, "3.6.21"))
    (project / "data/nlu/new.yml").rename(project / "data/nlu/renamed.yml")
    seen.add(train.fingerprint(project, "3.6.21"))
    (project / "data/nlu/money.yml").unlink()
    seen.add(train.fingerprint(project, "3.6.21"))
    assert len(seen) == 4


def test_another_rasa_makes_another_model(project: Path) -> None:
    assert train.fingerprint(project, "3.6.20") != train.fingerprint(project, "3.6.21")


def test_text_moved_between_two_files_counts(project: Path) -> None:
    (project / "domain.yml").write_text("ab", encoding="utf-8")
    (project / "config.yml").write_text("cd", encoding="utf-8")
    before = train.fingerprint(project, "3.6.21")
    (project / "domain.yml").write_text("a", encoding="utf-8")
    (project / "config.yml").write_text("bcd", encoding="utf-8")
    assert train.fingerprint(project, "3.6.21") != before


def test_the_patterns_find_what_shapes_our_own_model() -> None:
    found = {path.relative_to(train.ROOT).as_posix() for path in train.sources(train.ROOT)}
    assert {"domain.yml", "config.yml"} <= found
    assert any(name.startswith("data/nlu/") for name in found)
    assert any(name.startswith("data/rules/") for name in found)
    assert any(name.startswith("segunda_via/rasa_plugin/nlu/") for name in found)
    assert any(name.startswith("segunda_via/boletos/documents") for name in found)
    assert {skill.DOMAIN, *skill.NLU.iterdir(), *skill.RULES.iterdir()} <= set(train.sources(train.ROOT))


def test_only_our_older_models_are_removed(tmp_path: Path) -> None:
    keep, old, by_hand = (
        tmp_path / name
        for name in (
            "segunda-via-aaaaaaaaaaaaaaaa.tar.gz",
            "segunda-via-bbbbbbbbbbbbbbbb.tar.gz",
            "20260101-trained.tar.gz",
        )
    )
    for model in (keep, old, by_hand):
        model.touch()
    train.prune(keep)
    assert (keep.exists(), old.exists(), by_hand.exists()) == (True, False, True)


def test_a_failed_training_shows_the_reasons_and_not_the_progress() -> None:
    output = "\n".join(["Epochs: 1"] * 40 + ["2026 INFO  training", "YamlSyntaxException: bad indent", "  in line 3"])
    assert train.telling(output) == "YamlSyntaxException: bad indent\n  in line 3"


@pytest.mark.slow
def test_rasas_own_error_is_shown_when_it_cannot_train(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "domain.yml").write_text("intents: [\n", encoding="utf-8")
    model = project / "models" / "m.tar.gz"
    with pytest.raises(SystemExit) as ended:
        train.train(model, project)
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert "domain.yml" in said
    assert not list(model.parent.iterdir())
