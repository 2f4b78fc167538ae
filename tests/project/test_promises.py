"""What is promised is alive: names that two files must agree on, checked against each other."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor
from support import assistant

import actions
import segunda_via
from scripts import capabilities
from scripts.validate import SAID_BY_NOBODY
from segunda_via.boletos.outcome import Outcome, TicketFate
from segunda_via.conversation import slots
from segunda_via.gateways.registry import GATEWAYS
from segunda_via.intents import example_files, intent_catalogue
from segunda_via.settings.environment import VARIABLES

ROOT = Path(__file__).parents[2]
ONLY_WITH_RASA = ("rasa_plugin",)


@pytest.fixture(scope="module")
def domain() -> Any:
    return assistant.domain()


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


@pytest.fixture(scope="module")
def homes() -> dict[str | None, str]:
    """Every action that the action server registers, and the module it stands in."""
    executor = ActionExecutor()
    executor.register_package("actions")
    modules = {name: run.__self__.__class__.__module__ for name, run in executor.actions.items()}
    # The SDK registers every subclass in the process: here, those of other tests as well.
    return {name: module for name, module in modules.items() if module.startswith(("actions.", "segunda_via.actions."))}


def test_the_domains_actions_are_the_ones_that_the_action_server_registers(
    domain: Any, homes: dict[str | None, str]
) -> None:
    assert set(homes) == set(domain["actions"])


def test_every_action_stands_in_a_file_of_its_own_name(homes: dict[str | None, str]) -> None:
    assert {name: module.rpartition(".")[2] for name, module in homes.items()} == {name: name for name in homes}


@pytest.mark.parametrize(("name", "kind"), [(slots.OUTCOME, Outcome), (slots.FATE, TicketFate)])
def test_the_slots_have_the_values_of_the_library(domain: Any, name: str, kind: type[Enum]) -> None:
    slot = domain["slots"][name]
    assert slot["type"] == "categorical"
    assert slot["values"] == [each.value for each in kind]


def test_every_response_is_used_and_every_response_used_exists(domain: Any) -> None:
    used = set(re.findall(r"\butter_\w+", assistant.rule_texts()))
    for path in sources("actions", "segunda_via"):
        used |= {
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.fullmatch(r"utter_segunda_via_\w+", node.value)
        }
    # Rasa's form asks for its slot by this name.
    used |= {name for name in domain["responses"] if name.startswith("utter_ask_segunda_via_form_")}
    assert used == set(domain["responses"])


def test_every_intent_has_examples_and_appears_in_a_rule(domain: Any) -> None:
    examples = Counter(each.intent for each in example_files.of_project(ROOT).all())
    ruled = set(re.findall(r"intent: (\w+)", assistant.rule_texts()))
    for intent in domain["intents"]:
        assert intent in ruled, f"{intent} appears in no rule"
        assert examples[intent] >= 10 or intent in SAID_BY_NOBODY, f"{intent} has too few examples"


def test_every_intent_that_is_taught_has_a_name_and_a_meaning_for_operators() -> None:
    assert set(intent_catalogue.INTENTS) == set(example_files.of_project(ROOT).intents())


def test_no_response_holds_a_blank_line_or_begins_with_a_slash(domain: Any) -> None:
    for name, variants in domain["responses"].items():
        for variant in variants:
            text = variant.get("text", "")
            assert not re.search(r"\n\s*\n", text.strip()), f"{name}: Rasa's channels split at a blank line"
            assert not text.startswith("/"), name


def test_the_seeds_question_is_verbatim(domain: Any) -> None:
    (question,) = domain["responses"]["utter_ask_segunda_via_form_segunda_via_document"]
    assert question["text"].splitlines()[0] == "Digite seu CPF ou CNPJ para localizar sua fatura."


def test_every_environment_variable_is_documented() -> None:
    documented = (ROOT / "README.md").read_text("utf-8")
    for name in VARIABLES:
        assert f"`{name}`" in documented, f"{name} is not in the README"


def test_every_environment_variable_that_is_read_is_in_the_list() -> None:
    pattern = re.compile(r"\b(?:SEGUNDA_VIA|TWILIO)_[A-Z_]+\b")
    for path in sources("segunda_via", "actions"):
        for name in pattern.findall(path.read_text("utf-8")):
            assert name in VARIABLES, f"{path.name} speaks of {name}"


def test_the_action_server_loads_neither_rasa_nor_tensorflow() -> None:
    program = (
        "import sys, actions, pkgutil, importlib\n"
        "from segunda_via import app\n"
        "for m in pkgutil.iter_modules(actions.__path__): importlib.import_module(f'actions.{m.name}')\n"
        "print(sorted({'rasa', 'tensorflow', 'sklearn'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_every_module_can_be_imported_alone() -> None:
    for package in (segunda_via, actions):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and module.name.split(".")[1] not in ONLY_WITH_RASA:
                importlib.import_module(module.name)


def test_the_capability_matrix_in_the_docs_is_what_its_file_declares() -> None:
    assert {*capabilities.declared()} == {*GATEWAYS}
    assert all({*each} == {*capabilities.HEADINGS} for each in capabilities.declared().values())
    page = capabilities.PAGE.read_text("utf-8")
    assert capabilities.renewed(page) == page, "run `python -m scripts.capabilities`"
