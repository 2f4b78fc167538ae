"""The assistant as Rasa reads it: the files of the top level, and those of the skill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.shared.importers.importer import TrainingDataImporter
from ruamel.yaml import YAML

from segunda_via import skill

ROOT = Path(__file__).parents[2]
RULES = (*sorted((ROOT / "data" / "rules").glob("*.yml")), *sorted(skill.RULES.glob("*.yml")))


def importer() -> TrainingDataImporter:
    return TrainingDataImporter.load_from_config(
        str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(ROOT / "data")]
    )


def domain() -> dict[str, Any]:
    """The two files as they are written, laid together without Rasa."""
    own, brought = (YAML(typ="safe").load(path.read_text("utf-8")) for path in (ROOT / "domain.yml", skill.DOMAIN))
    both = dict(own)
    for key, part in brought.items():
        if isinstance(part, list):
            both[key] = [*both.get(key, ()), *(name for name in part if name not in both.get(key, ()))]
        elif isinstance(part, dict):
            both[key] = {**part, **both.get(key, {})}
    return both


def rules() -> list[dict[str, Any]]:
    yaml = YAML(typ="safe")
    return [rule for path in RULES for rule in yaml.load(path.read_text("utf-8"))["rules"]]


def rule_texts() -> str:
    return "\n".join(path.read_text("utf-8") for path in RULES)
