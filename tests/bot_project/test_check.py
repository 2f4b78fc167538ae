"""What `plugin check` finds: each thing that is missing, misplaced or in conflict, in words; and what Rasa loads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from support.bots import PIZZA, starter, write

from segunda_via import skill
from segunda_via.bot_project import changes as changing
from segunda_via.bot_project.changes import Bot, changes
from segunda_via.bot_project.check import findings
from segunda_via.bot_project.domain_intents import domain_path, intents
from segunda_via.bot_project.loaded import Loads, NotTold
from segunda_via.bot_project.wanted import CLASSIFIER, IMPORTER, wanted
from segunda_via.operations.probes.probe import Level
from segunda_via.rasa_plugin import loaded_skill

ACTIONS = YAML(typ="safe").load(skill.DOMAIN.read_text("utf-8"))["actions"]


GOOD = {"missing": {}, "own": [], "examples": {"pedir_segunda_via": 9}, "rules": 9, "contradictions": []}


class Answered(Loads):
    """What the processes would answer, without them."""

    def __init__(self, rasa: dict[str, Any] | str = GOOD, sdk: list[str] | str | None = None) -> None:
        self._rasa = rasa
        self._sdk = ["action_pizza", *ACTIONS] if sdk is None else sdk

    def by_rasa(self, folder: Path, config: Path, domain: Path, data: Sequence[Path]) -> dict[str, Any]:
        if isinstance(self._rasa, str):
            raise NotTold(self._rasa)
        return self._rasa

    def by_the_sdk(self, folder: Path, actions: str) -> list[str]:
        if isinstance(self._sdk, str):
            raise NotTold(self._sdk)
        return self._sdk


def taken_in(bot: Bot) -> Bot:
    for change in changes(bot, intents(domain_path(bot.folder))):
        changing.write(change)
    return bot


def lines(bot: Bot, loads: Loads) -> list[str]:
    found = findings(bot, domain_path(bot.folder), [bot.folder / "data"], loads)
    return [f"{each.subject} {each.level.value} {each.detail}" for each in found]


def bad(bot: Bot, loads: Loads | None = None) -> list[str]:
    return [line for line in lines(bot, loads or Answered()) if line.split()[1] != Level.OK.value]


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    return taken_in(write(tmp_path, PIZZA))


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_bot_that_took_it_in_is_in_order(bot: Bot) -> None:
    assert bad(bot) == []
    told = lines(bot, Answered())
    assert [line.split()[0] for line in told] == ["importers", "pipeline", "policies", "endpoints", "actions", "skill"]


def test_a_bot_that_did_not_is_told_everything_at_once(tmp_path: Path) -> None:
    lost = {"missing": {}, "own": [], "examples": {"pedir_segunda_via": 0}, "rules": 0, "contradictions": []}
    found = bad(starter(tmp_path), Answered(rasa=lost))
    assert {line.split()[0] for line in found} == {"importers", "pipeline", "policies", "endpoints", "actions", "skill"}
    assert found[-1] == "skill failure o Rasa não carregou nada da habilidade"


EXTRACTOR = wanted().pipeline[0]
LAST = wanted().pipeline[-1]
FAILURE = wanted().policies[1]

BROKEN_CONFIG = {
    "an importer whose name is misspelt": (IMPORTER, f"{IMPORTER}s", "config.yml não traz a habilidade"),
    "a component is gone": (f"- name: {LAST}\n", "", "pipeline failure falta"),
    "a component of an older version": (LAST, "segunda_via.old.Extractor", "segunda_via.old.Extractor não existe"),
    "a component twice": (f"- name: {LAST}\n", f"- name: {LAST}\n- name: {LAST}\n", "mais de uma vez"),
    "a policy is gone": (f"- name: {FAILURE}\n", "", "policies failure falta SpokenFailurePolicy"),
    "no rules": ("- name: RulePolicy\n", "", "falta RulePolicy"),
    "a policy above ours": ("- name: RulePolicy\n", "- name: RulePolicy\n  priority: 9\n", "RulePolicy (priority: 9)"),
    "an intent that the bot has not": ("affirm, ", "yes_please, ", "o domínio não tem yes_please"),
    "an intent that is not shared": ("{afirmar: affirm", "{pedir_segunda_via: affirm", "não é compartilhado"),
    "a shared intent that is not mapped": ("{afirmar: affirm, negar: deny}", "{negar: deny}", "o bot tem affirm"),
}


@pytest.mark.parametrize(("old", "new", "told"), BROKEN_CONFIG.values(), ids=BROKEN_CONFIG)
def test_what_is_wrong_in_config_yml_is_told(bot: Bot, old: str, new: str, told: str) -> None:
    edited(bot.config, old, new)
    assert told in "\n".join(bad(bot))


def test_a_component_that_a_classifier_follows_is_misplaced(bot: Bot) -> None:
    text = bot.config.read_text("utf-8")
    block, own = f"- name: {LAST}\n", "- name: WhitespaceTokenizer\n"
    bot.config.write_text(text.replace(block, "").replace(own, f"{own}{block}"), "utf-8")
    assert any("está antes de um classificador" in line for line in bad(bot))


@pytest.mark.parametrize("classifier", ["my_bot.nlu.Classifier", "rasa.nlu.classifiers.diet_classifier.DIETClassifier"])
def test_so_it_is_by_any_classifier_but_rasas_fallback(bot: Bot, classifier: str) -> None:
    text = bot.config.read_text("utf-8")
    block = f"- name: {LAST}\n"
    bot.config.write_text(text.replace(block, f"{block}- name: {classifier}\n"), "utf-8")
    assert bot.config_file().misplaced() == [LAST]
    bot.config.write_text(text.replace(block, f"{block}- name: FallbackClassifier\n"), "utf-8")
    assert bot.config_file().misplaced() == []


def test_the_assistants_own_classifier_never_sees_a_document(bot: Bot) -> None:
    edited(bot.config, "- name: DIETClassifier\n  epochs: 5  # enough for us\n", f"- name: {CLASSIFIER}\n")
    assert any("nunca deve ver um documento" in line for line in bad(bot))


def test_what_is_wrong_in_endpoints_yml_is_told(bot: Bot) -> None:
    bot.endpoints.write_text("nlg: {url: http://texts}\ntracker_store: {type: SQL, db: x.db}\n", "utf-8")
    told = "\n".join(bad(bot))
    assert "falta action_endpoint" in told
    assert "ditos por http://texts" in told
    assert "o tracker_store SQL guarda em claro" in told


def test_what_is_wrong_with_the_actions_is_told(bot: Bot) -> None:
    lacking = [name for name in ACTIONS if name != "action_send_boleto"]
    assert any("não registradas: action_send_boleto" in line for line in bad(bot, Answered(sdk=lacking)))
    elsewhere = bad(bot, Answered(sdk="ModuleNotFoundError: No module named 'pizza'"))
    assert any("actions unknown" in line and "No module named 'pizza'" in line for line in elsewhere)
    (bot.folder / "actions.py").write_text("", "utf-8")
    assert any("ninguém importa actions.py" in line for line in bad(bot))
    bot.actions_package.entry.write_text("", "utf-8")
    assert any("actions/__init__.py não importa segunda_via.actions" in line for line in bad(bot))


def told(bot: Bot) -> dict[str, Any]:
    """By Rasa, in this process."""
    return loaded_skill.told(str(bot.config), str(bot.folder / "domain.yml"), [str(bot.folder / "data")])


def test_what_rasa_loads_is_found_out_by_asking_it(bot: Bot) -> None:
    found = told(bot)
    assert found["missing"] == {}
    assert min(found["examples"].values()) > 0
    assert (found["own"], found["contradictions"]) == ([], [])
    assert bad(bot, Answered(rasa=found)) == []


def test_an_importer_that_rasa_cannot_import_is_found_out(bot: Bot) -> None:
    """Rasa only warns of it, and trains without the skill."""
    edited(bot.config, "importer.SegundaViaImporter", "importer.NoSuchImporter")
    lost = told(bot)
    assert "segunda_via_form" in lost["missing"]["forms"]
    assert "skill failure o Rasa não carregou nada da habilidade" in bad(bot, Answered(rasa=lost))


def test_what_of_the_bot_stands_in_the_skills_way_is_told(bot: Bot) -> None:
    text = bot.folder.joinpath("domain.yml").read_text("utf-8")
    bot.folder.joinpath("domain.yml").write_text(f"{text}actions: [action_send_boleto]\n", "utf-8")
    rules = (
        "  - rule: mine\n    steps:\n      - intent: pedir_segunda_via\n      - action: utter_pizza\n"
        "  - rule: paid\n    steps:\n      - intent: ja_paguei\n      - action: utter_pizza\n"
    )
    with (bot.folder / "data" / "pizza.yml").open("a", encoding="utf-8") as file:
        file.write(rules)
    lines_told = "\n".join(bad(bot, Answered(rasa=told(bot))))
    assert "com o mesmo nome, action_send_boleto" in lines_told
    assert "“mine” do bot responde a pedir_segunda_via, como “the segunda via is asked for” da habilidade" in lines_told
    assert "ja_paguei" not in lines_told, "what the bot answers is left to it"


def test_what_keeps_rasa_from_loading_the_bot_is_told(bot: Bot) -> None:
    assert bad(bot, Answered(rasa="InvalidDomain")) == ["skill unknown o Rasa não carregou o bot (InvalidDomain)"]


@pytest.mark.slow
def test_rasa_and_its_sdk_are_really_asked(bot: Bot) -> None:
    """Both as processes of their own, in the bot's folder."""
    assert bad(bot, Loads()) == []
    (bot.folder / "actions" / "pizza.py").write_text("import no_such_library\n", "utf-8")
    edited(bot.config, "importer.SegundaViaImporter", "importer.NoSuchImporter")
    told = "\n".join(bad(bot, Loads()))
    assert "no_such_library" in told
    assert "o Rasa não carregou nada da habilidade" in told
