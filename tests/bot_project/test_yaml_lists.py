"""Lists of a YAML file, edited: what was there stays as it was written."""

from __future__ import annotations

import difflib

import pytest
from ruamel.yaml import YAML

from segunda_via.bot_project.yaml_lists import YamlLists
from segunda_via.errors import ConfigurationError

X = {"name": "x.Y"}

LISTS = {
    "indented": "pipeline:\n  - name: A  # first\n    epochs: 3\n\n# about policies\npolicies:\n  - name: P\n",
    "not indented": "pipeline:\n- name: A\n- name: B\n  # inside\n  deep: {a: [1, 2]}\npolicies:\n- name: P\n",
    "far indented": "pipeline:\n      - name: A\n      -   name: B\n          epochs: 3\npolicies: []\n",
    "short names": "pipeline:\n  - A\n  - B\n",
    "last of the file, without an end of line": "policies:\n  - name: P\npipeline:\n  - name: A",
    "a comment behind": "pipeline:\n  - name: A\n#  - name: Off\n\n\n",
    "windows": "pipeline:\r\n  - name: A\r\npolicies:\r\n  - name: P\r\n",
    "quoted": 'pipeline:\n  - name: "A"\n    why: "não, obrigado: é R$ 5"\n    long: ' + "palavra " * 40 + "\n",
}


def names(text: str, key: str) -> list[str]:
    return [each if isinstance(each, str) else each["name"] for each in YAML(typ="safe").load(text)[key]]


def gone(before: str, after: str) -> list[str]:
    """The lines that are not there any more."""
    told = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line[2:] for line in told if line.startswith("- ")]


@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS)
def test_an_item_is_written_behind_the_others_and_every_line_stays(text: str) -> None:
    lists = YamlLists(text, "config.yml")
    before = [each["name"] for each in lists.items("pipeline")]
    lists.append("pipeline", [X, {"name": "x.Z", "n": 5}], "why")
    assert names(lists.text, "pipeline") == [*before, "x.Y", "x.Z"]
    assert gone(text, lists.text) == []
    assert ("\r\n" in text) == ("\r\n" in lists.text)
    assert lists.text.count("# why") == 1


@pytest.mark.parametrize("empty", ["pipeline:\n", "pipeline: []\n", "pipeline: null\n", "pipeline: ~  # nothing\n", ""])
def test_a_list_that_is_missing_or_empty_is_made(empty: str) -> None:
    lists = YamlLists(f"language: pt\n{empty}policies:\n  - name: P\n", "config.yml")
    lists.append("pipeline", [X])
    assert names(lists.text, "pipeline") == ["x.Y"]
    assert names(lists.text, "policies") == ["P"]


def test_the_defaults_that_rasa_left_as_a_comment_give_way_and_no_other_comment() -> None:
    text = "pipeline:\n# # No configuration for the NLU pipeline was\n#   - name: A\n\n# Core.\npolicies:\n# mine\n"
    lists = YamlLists(text, "config.yml")
    lists.append("pipeline", [X])
    lists.append("policies", [X])
    assert lists.text == "pipeline:\n  - name: x.Y\n\n# Core.\npolicies:\n  - name: x.Y\n# mine\n"


def test_a_new_list_stands_above_the_key_that_is_named_and_its_comment() -> None:
    lists = YamlLists("language: pt\n\n# components\npipeline:\n  - name: A\n", "config.yml")
    lists.append("importers", [X], before="pipeline")
    assert lists.text == "language: pt\n\nimporters:\n  - name: x.Y\n\n# components\npipeline:\n  - name: A\n"


def test_a_list_in_brackets_becomes_one_item_a_line() -> None:
    lists = YamlLists("pipeline: [{name: A, epochs: 3}, {name: B}]\npolicies: [{name: P}]\n", "config.yml")
    lists.append("pipeline", [X])
    expected = "pipeline:\n  - name: A\n    epochs: 3\n  - name: B\n  - name: x.Y\npolicies: [{name: P}]\n"
    assert lists.text == expected


def test_an_item_moves_with_its_options_and_comments() -> None:
    text = "pipeline:\n  - name: A\n  - name: B  # bee\n    # how long\n    epochs: 3\n  - name: C\n\npolicies: []\n"
    lists = YamlLists(text, "config.yml")
    lists.move_to_end("pipeline", [1])
    moved = "pipeline:\n  - name: A\n  - name: C\n  - name: B  # bee\n    # how long\n    epochs: 3\n\npolicies: []\n"
    assert lists.text == moved


@pytest.mark.parametrize("place", [0, 1])
def test_an_option_is_written_behind_those_of_its_item(place: int) -> None:
    lists = YamlLists("importers:\n- name: A\n  b: 1\n\n# next\n- name: C\n\npipeline: []\n", "config.yml")
    lists.set_option("importers", place, "intents", {"afirmar": "affirm"})
    assert lists.items("importers")[place]["intents"] == {"afirmar": "affirm"}
    assert "  intents: {afirmar: affirm}\n" in lists.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pipeline:\n  - name: [\n", "linha"),
        ("pipeline: a\nb\n", "linha"),
        ("- just\n- a list\n", "chaves"),
        ("pipeline: 5\n", "lista"),
        ("pipeline:\n  - 5\n", "lista"),
        ("a: 1\na: 2\n", "linha"),
    ],
)
def test_what_is_no_such_file_is_refused_in_one_portuguese_line(text: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        YamlLists(text, "config.yml").items("pipeline")
    assert str(refused.value).startswith("config.yml")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["{pipeline: [{name: A}], policies: [{name: P}]}\n", "other: &d\n  - name: A\npipeline: *d\n"]
)
def test_what_cannot_be_edited_without_risk_is_told_with_what_it_should_hold(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"à mão: A · x\.Y"):
        YamlLists(text, "config.yml").append("pipeline", [X])
