"""What a bot that names the importer has of the skill, beside its own."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.events import UserUttered
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.importers.importer import TrainingDataImporter
from ruamel.yaml import YAML

from segunda_via import skill
from segunda_via.conversation import domain_file
from segunda_via.intents.example_files import of_project, same_words

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
    assert set(domain.entities) == {"sabor", "cpf", "cnpj", "documento_invalido"}
    assert {slot.name for slot in domain.slots} >= {"sabor", *ours["slots"]}
    assert set(domain.responses) == {"utter_pizza", *ours["responses"]}
    assert set(domain.user_actions) >= set(ours["actions"])
    assert domain.form_names == ["segunda_via_form"]
    said = {message.get("intent") for message in imported.get_nlu_data().intent_examples}
    assert said == {"pedir_pizza", *ours["intents"]} - {"EXTERNAL_inactive", "entregar_segunda_via"}, "said by jobs"
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


def rules_of(imported: TrainingDataImporter) -> set[str]:
    return {step.block_name for step in imported.get_stories().story_steps}


def intents_of(imported: TrainingDataImporter, rule: str) -> set[str]:
    steps = [step for step in imported.get_stories().story_steps if step.block_name == rule]
    return {event.intent_name for step in steps for event in step.events if isinstance(event, UserUttered)}


ENGLISH = CONFIG + "    intents: {afirmar: affirm, falar_com_atendente: talk_to_human, pedir_segunda_via: invoice}\n"
ENGLISH_DOMAIN = DOMAIN.replace("afirmar]", "affirm, talk_to_human, invoice]")
ENGLISH_DATA = DATA.replace("intent: afirmar", "intent: affirm").replace(
    "rules:",
    """  - intent: affirm
    examples: |
      - isso aí
      - manda brasa
rules:""",
)


@pytest.fixture
def english(bot: Path) -> Path:
    (bot / "config.yml").write_text(ENGLISH, "utf-8")
    (bot / "domain.yml").write_text(ENGLISH_DOMAIN, "utf-8")
    (bot / "data.yml").write_text(ENGLISH_DATA, "utf-8")
    return bot


def test_shared_intents_have_the_bots_names_everywhere(english: Path) -> None:
    imported = importer(english)
    domain = imported.get_domain()
    assert set(domain.intents) >= {"affirm", "talk_to_human", "invoice", "negar", "cancelar"}
    assert not {"afirmar", "falar_com_atendente", "pedir_segunda_via"} & set(domain.intents)
    assert intents_of(imported, "the segunda via is asked for") == {"invoice"}
    assert intents_of(imported, "asks again, agrees, or announces a document that is not there") == {
        "invoice",
        "informar_documento",
        "affirm",
    }
    (names,) = [slot.initial_value for slot in domain.slots if slot.name == "segunda_via_intents"]
    assert names == {"afirmar": "affirm", "falar_com_atendente": "talk_to_human", "pedir_segunda_via": "invoice"}


def test_of_a_shared_intent_the_bot_has_its_own_examples(english: Path) -> None:
    examples = importer(english).get_nlu_data().intent_examples
    assert [each.get("text") for each in examples if each.get("intent") == "affirm"] == ["isso aí", "manda brasa"]
    assert not [each for each in examples if each.get("intent") in {"afirmar", "invoice", "talk_to_human"}]


def test_no_words_mean_two_things(bot: Path) -> None:
    """“Sim” is an example of the skill's; here the bot means something else by it."""
    (bot / "data.yml").write_text(DATA.replace("- quero pizza", "- quero pizza\n      - Sim!"), "utf-8")
    said = [each for each in importer(bot).get_nlu_data().intent_examples if same_words(each.get("text")) == "sim"]
    assert {each.get("intent") for each in said} == {"pedir_pizza"}


ANSWERS = """
  - rule: a person
    steps:
      - or: [{intent: falar_com_atendente}, {intent: ja_paguei}]
      - action: utter_pizza
  - rule: a document, in the bot's own form
    condition:
      - active_loop: pizza_form
    steps:
      - intent: informar_documento
      - action: utter_pizza
stories:
  - story: pizza, and thanks
    steps:
      - intent: pedir_pizza
      - action: utter_pizza
"""


def test_what_the_bot_answers_itself_is_left_to_it_outside_of_our_form(bot: Path) -> None:
    (bot / "domain.yml").write_text(DOMAIN + "forms: {pizza_form: {required_slots: [sabor]}}\n", "utf-8")
    (bot / "data.yml").write_text(DATA + ANSWERS, "utf-8")
    left_to_it = {"asks for a person", "already paid"}
    assert rules_of(importer(bot)) & left_to_it == set()
    assert rules_of(importer(bot)) >= {
        "asks for a person, while asked for the document",
        "already paid, while asked for the document",
        "a document is simply sent",
        "the segunda via is asked for",
    }


def test_what_the_bots_stories_answer_is_theirs_but_not_what_their_stories_of_ours_tell(bot: Path) -> None:
    story = """
stories:
  - story: already paid, says the bot
    steps:
      - intent: ja_paguei
      - action: utter_pizza
  - story: pizza, then the boleto
    steps:
      - intent: pedir_pizza
      - action: utter_pizza
      - intent: informar_documento
      - action: action_open_ticket
      - action: segunda_via_form
      - active_loop: segunda_via_form
"""
    (bot / "data.yml").write_text(DATA + story, "utf-8")
    assert "already paid" not in rules_of(importer(bot))
    assert {"a document is simply sent", "asks for a person"} <= rules_of(importer(bot))


@pytest.mark.parametrize(
    ("intents", "said"),
    [
        ("{afirmar: yes_please}", "yes_please"),
        ("{concordar: afirmar}", "concordar"),
        ("[afirmar]", "deve ser como"),
        ("{afirmar: [affirm]}", "deve ser como"),
    ],
)
def test_a_name_that_nobody_has_is_told_and_nothing_is_trained(bot: Path, intents: str, said: str) -> None:
    (bot / "config.yml").write_text(f"{CONFIG}    intents: {intents}\n", "utf-8")
    with pytest.raises(InvalidConfigException, match=said):
        importer(bot).get_domain()


def test_several_data_paths_and_a_domain_folder(bot: Path) -> None:
    (bot / "domain").mkdir()
    (bot / "domain.yml").rename(bot / "domain" / "pizza.yml")
    (bot / "more").mkdir()
    (bot / "more" / "rules.yml").write_text(
        "rules:\n  - rule: a person\n    steps: [{intent: falar_com_atendente}, {action: utter_pizza}]\n", "utf-8"
    )
    imported = TrainingDataImporter.load_from_config(
        str(bot / "config.yml"), str(bot / "domain"), [str(bot / "data.yml"), str(bot / "more")]
    )
    assert "asks for a person" not in rules_of(imported)
    assert imported.get_domain().responses["utter_segunda_via_error"] == [{"text": "Deu ruim."}]
    assert domain_file.responses(bot / "domain.yml") == imported.get_domain().responses


def test_beside_rasas_importer_of_several_projects(bot: Path) -> None:
    (bot / "pizza").mkdir()
    (bot / "domain.yml").rename(bot / "pizza" / "domain.yml")
    examples, rules = DATA.split("rules:")
    (bot / "pizza" / "nlu.yml").write_text(examples, "utf-8")
    (bot / "pizza" / "rules.yml").write_text("rules:" + rules + ANSWERS, "utf-8")
    config = CONFIG.replace("RasaFileImporter", "MultiProjectImporter") + "imports: [pizza]\n"
    (bot / "config.yml").write_text(config, "utf-8")
    imported = TrainingDataImporter.load_from_config(str(bot / "config.yml"))
    assert {"pedir_pizza", "pedir_segunda_via"} <= set(imported.get_domain().intents)
    assert {"pizza", "a person", "the segunda via is asked for"} <= rules_of(imported)
    assert "asks for a person" not in rules_of(imported), "what the imported project answers counts too"
    assert imported.get_domain().responses["utter_segunda_via_error"] == [{"text": "Deu ruim."}]


def test_what_was_taught_to_a_bot_without_a_data_folder_is_read(bot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bot)
    assert of_project(Path()).add("solta o torpedo", "pedir_segunda_via") == Path("var/nlu/pedir_segunda_via.yml")
    said = {each.get("text"): each.get("intent") for each in importer(bot).get_nlu_data().intent_examples}
    assert said["solta o torpedo"] == "pedir_segunda_via"


def test_only_a_plain_wish_for_the_boleto_is_answered_inside_a_form_of_the_bots() -> None:
    """Every other rule that answers a message says where: outside of any form, or in ours. Greetings, what was not
    understood, and a "sim", "não" or "cancelar" outside of our form are the bot's own."""
    yaml = YAML(typ="safe")
    for path in skill.RULES.glob("*.yml"):
        for rule in yaml.load(path.read_text("utf-8"))["rules"]:
            first = rule["steps"][0]
            intents = {each["intent"] for each in first.get("or", [first]) if "intent" in each}
            loops = [each["active_loop"] for each in rule.get("condition", ()) if "active_loop" in each]
            assert not intents & {"cumprimentar", "despedir", "nlu_fallback"}, rule["rule"]
            if intents - {"pedir_segunda_via", "EXTERNAL_inactive", "entregar_segunda_via"}:
                assert loops in ([None], ["segunda_via_form"]), rule["rule"]
            if intents & {"afirmar", "negar", "cancelar"}:
                assert loops == ["segunda_via_form"], rule["rule"]


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
