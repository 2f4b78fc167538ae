"""What a bot that names the importer has of the skill, beside its own."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.importers.importer import TrainingDataImporter
from ruamel.yaml import YAML

from segunda_via import skill
from segunda_via.conversation import domain_file

CONFIG = """
recipe: default.v1
language: pt
pipeline: [{name: WhitespaceTokenizer}]
policies: [{name: RulePolicy}]
importers:
  - name: RasaFileImporter
  - name: segunda_via.rasa_plugin.importer.SegundaViaImporter
"""
DOMAIN = """
version: "3.1"
session_config: {session_expiration_time: 7, carry_over_slots_to_new_session: true}
intents: [pedir_pizza, afirmar]
entities: [sabor, cpf]
slots: {sabor: {type: text, mappings: [{type: from_entity, entity: sabor}]}}
responses:
  utter_pizza: [{text: "Já vai!"}]
  utter_segunda_via_error: [{text: "Deu ruim."}]
"""
DATA = """
version: "3.1"
nlu:
  - intent: pedir_pizza
    examples: |
      - quero pizza
rules:
  - rule: pizza
    steps:
      - or: [{intent: pedir_pizza}, {intent: afirmar}]
      - action: utter_pizza
"""


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    for name, text in (("config.yml", CONFIG), ("domain.yml", DOMAIN), ("data.yml", DATA)):
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def importer(bot: Path) -> TrainingDataImporter:
    return TrainingDataImporter.load_from_config(
        str(bot / "config.yml"), str(bot / "domain.yml"), [str(bot / "data.yml")]
    )


def brought() -> Any:
    return YAML(typ="safe").load(skill.DOMAIN.read_text("utf-8"))


def test_the_skill_and_the_bots_own_stand_together(bot: Path) -> None:
    imported = importer(bot)
    domain, ours = imported.get_domain(), brought()
    assert set(domain.intents) >= {"pedir_pizza", *ours["intents"]}
    assert set(domain.entities) == {"sabor", *ours["entities"]}
    assert {slot.name for slot in domain.slots} >= {"sabor", *ours["slots"]}
    assert set(domain.responses) == {"utter_pizza", *ours["responses"]}
    assert set(domain.user_actions) >= set(ours["actions"])
    assert domain.form_names == ["segunda_via_form"]
    said = {message.get("intent") for message in imported.get_nlu_data().intent_examples}
    assert said == {"pedir_pizza", *ours["intents"]} - {"EXTERNAL_inactive"}
    rules = {step.block_name for step in imported.get_stories().story_steps}
    assert {"pizza", "delivered, so the ticket finalises itself"} <= rules


def test_of_what_both_have_the_bots_own_counts_and_rasa_does_not_warn(bot: Path) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        domain = importer(bot).get_domain()
        importer(bot).get_stories()
    assert domain.responses["utter_segunda_via_error"] == [{"text": "Deu ruim."}]
    assert domain.session_config.session_expiration_time == 7
    assert domain.session_config.carry_over_slots
    said = [str(each.message) for each in caught if each.category is UserWarning]
    assert [text for text in said if "Slot auto-fill has been removed" not in text] == []


def test_without_rasa_the_texts_are_the_same(bot: Path) -> None:
    assert domain_file.responses(bot / "domain.yml") == importer(bot).get_domain().responses


def test_pipeline_and_policies_are_the_bots_own(bot: Path) -> None:
    config = importer(bot).get_config()
    assert [each["name"] for each in config["pipeline"]] == ["WhitespaceTokenizer"]
    assert [each["name"] for each in config["policies"]] == ["RulePolicy"]


def test_the_rules_of_the_skill_leave_the_bots_small_talk_alone() -> None:
    """No rule of it begins with a greeting, with what was not understood, or with a bare "sim" or "não"."""
    yaml = YAML(typ="safe")
    for path in skill.RULES.iterdir():
        for rule in yaml.load(path.read_text("utf-8"))["rules"]:
            first = rule["steps"][0]
            intents = {each["intent"] for each in first.get("or", [first]) if "intent" in each}
            assert not intents & {"cumprimentar", "despedir", "nlu_fallback"}, rule["rule"]
            if intents & {"afirmar", "negar", "cancelar"}:
                assert {"active_loop": "segunda_via_form"} in rule.get("condition", ()), rule["rule"]


def test_a_bot_may_ask_for_fewer_examples_spread_over_all_of_them(bot: Path) -> None:
    config = bot / "config.yml"
    whole = importer(bot).get_nlu_data()
    config.write_text(config.read_text("utf-8") + "    examples_per_intent: 10\n", "utf-8")
    fewer = importer(bot).get_nlu_data()
    assert fewer.number_of_examples_per_intent["ja_paguei"] == 10
    assert fewer.number_of_examples_per_intent["pedir_pizza"] == whole.number_of_examples_per_intent["pedir_pizza"]
    paid = [each.get("text") for each in whole.intent_examples if each.get("intent") == "ja_paguei"]
    kept = [paid.index(each.get("text")) for each in fewer.intent_examples if each.get("intent") == "ja_paguei"]
    assert max(kept) > len(paid) * 0.8
