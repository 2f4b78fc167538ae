"""What `plugin add` would change in a bot, and that it is written whole."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from support.bots import PIZZA, starter, write

from segunda_via.bot_project import changes as changing
from segunda_via.bot_project.changes import Bot, Change, changes
from segunda_via.bot_project.domain_intents import domain_path, intents
from segunda_via.bot_project.wanted import IMPORTER, rasa_defaults, wanted
from segunda_via.errors import ConfigurationError


def add(bot: Bot) -> list[Change]:
    """As the command does."""
    made = changes(bot, intents(domain_path(bot.folder)))
    for change in made:
        changing.write(change)
    return made


def config(bot: Bot) -> Any:
    return YAML(typ="safe").load(bot.config)


def names(listed: list[dict[str, Any]]) -> list[str]:
    return [each["name"] for each in listed]


def test_the_starter_gets_rasas_defaults_and_the_skill_and_a_second_time_nothing(tmp_path: Path) -> None:
    bot = starter(tmp_path)
    assert {change.path.relative_to(tmp_path).as_posix() for change in add(bot)} == {
        "config.yml",
        "endpoints.yml",
        "actions/__init__.py",
    }
    now = config(bot)
    assert names(now["importers"]) == ["RasaFileImporter", IMPORTER]
    assert now["importers"][1]["intents"] == {"afirmar": "affirm", "negar": "deny"}
    defaults = rasa_defaults("pipeline")
    assert now["pipeline"] == [*defaults, *({"name": name} for name in wanted().pipeline)]
    own = rasa_defaults("policies")
    assert now["policies"] == [*own, *({"name": name} for name in wanted().policies if name not in names(own))]
    assert now["language"] == "en"
    endpoints = YAML(typ="safe").load(bot.endpoints)
    assert endpoints["action_endpoint"] == {"url": "http://localhost:5055/webhook"}
    assert endpoints["nlg"]["type"].endswith("SavedResponsesGenerator")
    assert changes(bot, intents(domain_path(bot.folder))) == []


def test_a_bot_with_its_own_pipeline_keeps_every_line(tmp_path: Path) -> None:
    bot = write(tmp_path, PIZZA)
    before = bot.config.read_text("utf-8").splitlines()
    add(bot)
    after = bot.config.read_text("utf-8").splitlines()
    assert [line for line in before if line not in after] == []
    now = config(bot)
    assert names(now["pipeline"])[-len(wanted().pipeline) :] == list(wanted().pipeline)
    assert names(now["policies"])[:2] == ["MemoizationPolicy", "RulePolicy"]
    assert "http://actions:5055/webhook" in bot.endpoints.read_text("utf-8")
    assert changes(bot, intents(domain_path(bot.folder))) == []


def test_components_that_a_classifier_overrules_move_behind_it(tmp_path: Path) -> None:
    last = wanted().pipeline[-1]
    text = PIZZA["config.yml"].replace("- name: DIETClassifier", f"- name: {last}\n- name: DIETClassifier")
    bot = write(tmp_path, {**PIZZA, "config.yml": text})
    assert bot.config_file().misplaced() == [last]
    add(bot)
    assert names(config(bot)["pipeline"])[-1] == last
    assert bot.config_file().misplaced() == []


def test_the_importers_of_the_bot_stay_and_ours_comes_behind(tmp_path: Path) -> None:
    text = PIZZA["config.yml"] + "importers:\n- name: MultiProjectImporter\n"
    bot = write(tmp_path, {**PIZZA, "config.yml": text})
    add(bot)
    assert names(config(bot)["importers"]) == ["MultiProjectImporter", IMPORTER]


def test_names_that_the_developer_chose_for_intents_stay(tmp_path: Path) -> None:
    importers = f"importers:\n- name: RasaFileImporter\n- name: {IMPORTER}\n  intents: {{negar: deny}}\n"
    bot = write(tmp_path, {**PIZZA, "config.yml": PIZZA["config.yml"] + importers})
    add(bot)
    assert config(bot)["importers"][1]["intents"] == {"negar": "deny"}


def test_a_generator_of_the_bots_own_stays(tmp_path: Path) -> None:
    bot = write(tmp_path, {**PIZZA, "endpoints.yml": "nlg:\n  url: http://texts\n"})
    add(bot)
    assert YAML(typ="safe").load(bot.endpoints)["nlg"] == {"url": "http://texts"}


def test_a_domain_in_a_folder_is_read(tmp_path: Path) -> None:
    files = {name: text for name, text in PIZZA.items() if name != "domain.yml"}
    bot = write(tmp_path, {**files, "domain/a/pizza.yml": PIZZA["domain.yml"], "domain/b.yml": "responses: {}\n"})
    assert intents(domain_path(bot.folder)) == {"pedir_pizza", "affirm", "deny"}


def test_files_that_are_missing_are_made_but_for_config_yml(tmp_path: Path) -> None:
    bot = write(tmp_path, {"config.yml": PIZZA["config.yml"]})
    made = add(bot)
    assert {change.path.name for change in made if change.before is None} == {"endpoints.yml", "__init__.py"}
    bot.config.unlink()
    with pytest.raises(ConfigurationError, match=r"config\.yml não está aqui"):
        changes(bot, [])


def test_a_file_keeps_its_mode_its_link_and_its_ends_of_lines(tmp_path: Path) -> None:
    bot = write(tmp_path, PIZZA)
    real = tmp_path / "elsewhere.yml"
    real.write_bytes(bot.config.read_bytes().replace(b"\n", b"\r\n"))
    real.chmod(0o640)
    bot.config.unlink()
    bot.config.symlink_to(real)
    add(bot)
    assert bot.config.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert real.read_bytes().count(b"\n") == real.read_bytes().count(b"\r\n")
    assert IMPORTER.encode() in real.read_bytes()


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "config.yml"
    path.write_text("old", "utf-8")
    with pytest.raises(UnicodeEncodeError):
        changing.write(Change(path, "old", "new \udcff"))
    assert [each.name for each in tmp_path.iterdir()] == ["config.yml"]
    assert path.read_text("utf-8") == "old"


def test_the_diff_is_that_of_the_three_files(tmp_path: Path) -> None:
    shown = [line for change in changes(write(tmp_path, PIZZA), ["affirm"]) for line in change.diff(tmp_path)]
    assert "+import segunda_via.actions  # noqa: F401  registers the actions of Segunda Via" in shown
    assert "+++ config.yml" in shown
    assert "+    intents: {afirmar: affirm}" not in [line for line in shown if line.startswith("-")]
    assert not [line for line in shown if line.startswith("-") and not line.startswith("---")]
