"""`make validate` tells what Rasa only warns about."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scripts.train import ROOT
from scripts.validate import problems


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    for name in ("domain.yml", "config.yml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.mark.slow
def test_an_intent_without_examples_or_rules_is_told(project: Path) -> None:
    domain = project / "domain.yml"
    text = domain.read_text(encoding="utf-8")
    domain.write_text(text.replace("intents:\n", "intents:\n  - sem_exemplos\n", 1), encoding="utf-8")
    assert any("sem_exemplos" in line for line in problems(project))


@pytest.mark.slow
def test_an_action_that_the_domain_does_not_know_is_told(project: Path) -> None:
    rule = 'version: "3.1"\nrules:\n- rule: x\n  steps:\n  - intent: agradecer\n  - action: action_que_nao_existe\n'
    (project / "data" / "rules" / "x.yml").write_text(rule, encoding="utf-8")
    assert any("action_que_nao_existe" in line for line in problems(project))
