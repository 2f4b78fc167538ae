"""Bots of other people, for the tests of what takes the skill in."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from segunda_via.bot_project.changes import Bot

PIZZA = {
    "config.yml": """\
recipe: default.v1
assistant_id: pizza
language: pt
pipeline:
- name: WhitespaceTokenizer
- name: CountVectorsFeaturizer
- name: DIETClassifier
  epochs: 5  # enough for us
- name: FallbackClassifier
  threshold: 0.3
policies:
- name: MemoizationPolicy
- name: RulePolicy
""",
    "domain.yml": """\
version: "3.1"
intents:
  - pedir_pizza
  - affirm
  - deny:
      use_entities: []
responses:
  utter_pizza: [{text: "Já vai!"}]
""",
    "data/pizza.yml": """\
version: "3.1"
nlu:
  - intent: pedir_pizza
    examples: |
      - quero uma pizza
      - me vê uma pizza grande
  - intent: affirm
    examples: |
      - pode ser
      - com certeza
  - intent: deny
    examples: |
      - melhor não
      - deixa para lá
rules:
  - rule: pizza
    steps:
      - intent: pedir_pizza
      - action: utter_pizza
""",
    "endpoints.yml": 'action_endpoint:\n  url: "http://actions:5055/webhook"\n',
    "actions/__init__.py": "",
    "actions/pizza.py": "from rasa_sdk import Action\n",
}


def write(folder: Path, files: dict[str, str]) -> Bot:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return Bot(folder, folder / "config.yml", folder / "endpoints.yml")


def starter(folder: Path) -> Bot:
    """What `rasa init` makes."""
    found = importlib.util.find_spec("rasa")
    assert found
    assert found.submodule_search_locations
    source = Path(found.submodule_search_locations[0]) / "cli" / "initial_project"
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return Bot(folder, folder / "config.yml", folder / "endpoints.yml")
