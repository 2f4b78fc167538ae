"""The operator's new phrasings: the right place, once, and nothing else of the file touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from segunda_via.errors import ConfigurationError, ExamplesReadOnly
from segunda_via.intents.example_files import ExampleFiles, of_project, same_words

BOLETO = """version: "3.1"

# The main request.
nlu:
  - intent: pedir_segunda_via
    examples: |
      - cadê meu boleto?
      - segunda via
"""
TALK = """version: "3.1"

nlu:
  - intent: cumprimentar
    examples: |
      - oi
      - 👋

  # kept
  - intent: negar
    examples: |
      - não
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "segunda_via.yml").write_text(BOLETO, "utf-8")
    (tmp_path / "conversa.yml").write_text(TALK, "utf-8")
    return tmp_path


def test_a_phrase_goes_to_its_place_by_its_words_and_nothing_else_changes(folder: Path) -> None:
    assert ExampleFiles(folder).add("  Me vê o  carnê ", "pedir_segunda_via") == folder / "segunda_via.yml"
    written = BOLETO.replace("      - segunda via\n", "      - Me vê o carnê\n      - segunda via\n")
    assert (folder / "segunda_via.yml").read_text("utf-8") == written
    assert (folder / "conversa.yml").read_text("utf-8") == TALK
    assert sorted(path.name for path in folder.iterdir()) == ["conversa.yml", "segunda_via.yml"]


@pytest.mark.parametrize(
    ("phrase", "texts"),
    [
        ("à vista", ["à vista", "cadê meu boleto?", "segunda via"]),
        ("CADÊ A FATURA", ["CADÊ A FATURA", "cadê meu boleto?", "segunda via"]),
        ("último carnê", ["cadê meu boleto?", "segunda via", "último carnê"]),
        ("📄", ["cadê meu boleto?", "segunda via", "📄"]),
    ],
)
def test_examples_stay_sorted(folder: Path, phrase: str, texts: list[str]) -> None:
    ExampleFiles(folder).add(phrase, "pedir_segunda_via")
    assert [each.text for each in ExampleFiles(folder).all() if each.intent == "pedir_segunda_via"] == texts


def test_in_a_file_of_several_intents_it_goes_to_its_own(folder: Path) -> None:
    ExampleFiles(folder).add("e aí", "cumprimentar")
    assert (folder / "conversa.yml").read_text("utf-8") == TALK.replace("      - oi\n", "      - e aí\n      - oi\n")
    assert next((each.text, each.intent) for each in ExampleFiles(folder).all()) == ("e aí", "cumprimentar")


@pytest.mark.parametrize("again", ["Cade meu boleto", "CADÊ, meu boleto!!", "cadê meu boleto?"])
def test_what_is_already_there_is_not_written_twice(folder: Path, again: str) -> None:
    assert ExampleFiles(folder).add(again, "pedir_segunda_via") is None
    assert (folder / "segunda_via.yml").read_text("utf-8") == BOLETO


def test_the_same_words_cannot_mean_two_things(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"conversa\.yml, como negar"):
        ExampleFiles(folder).add("NAO", "pedir_segunda_via")


@pytest.mark.parametrize(
    "phrase",
    [
        "",
        "   ",
        "x" * 301,
        "boleto do cpf 529.982.247-25",
        "manda pro eu@exemplo.com",
        "olha https://exemplo.com",
        "[hoje](data)",
        "[a]{}",
        "a\x1bb",
    ],
)
def test_what_may_not_be_an_example_is_refused_without_repeating_it(folder: Path, phrase: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        ExampleFiles(folder).add(phrase, "pedir_segunda_via")
    assert len(phrase.strip()) < 2 or phrase not in str(refused.value)
    assert (folder / "segunda_via.yml").read_text("utf-8") == BOLETO


def test_an_unknown_intent_is_answered_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="cumprimentar, negar, pedir_segunda_via"):
        ExampleFiles(folder).add("quero pizza", "pedir_pizza")


def test_emoji_are_words_of_their_own() -> None:
    assert same_words("👋") != same_words("🙏")


@pytest.fixture
def beside_the_skill(folder: Path) -> ExampleFiles:
    """A bot that has no example of the skill's intents of its own yet, beside those that the skill brings."""
    own = folder / "own"
    own.mkdir()
    (own / "conversa.yml").write_text(TALK.replace("negar", "agradecer").replace("não", "valeu"), "utf-8")
    return ExampleFiles(own, (folder,))


def test_a_phrase_of_the_skills_intent_goes_to_a_file_of_the_bots_own(beside_the_skill: ExampleFiles) -> None:
    file = beside_the_skill.folder / "pedir_segunda_via.yml"
    for phrase in ("solta o torpedo", "me vê o carnê"):
        assert beside_the_skill.add(phrase, "pedir_segunda_via") == file
    (block,) = YAML(typ="safe").load(file.read_text("utf-8"))["nlu"]
    assert block == {"intent": "pedir_segunda_via", "examples": "- me vê o carnê\n- solta o torpedo\n"}
    assert (beside_the_skill.read_only[0] / "segunda_via.yml").read_text("utf-8") == BOLETO


def test_what_the_skill_knows_is_known(beside_the_skill: ExampleFiles) -> None:
    assert beside_the_skill.intents() == ["agradecer", "cumprimentar", "negar", "pedir_segunda_via"]
    assert beside_the_skill.add("SEGUNDA VIA!", "pedir_segunda_via") is None
    with pytest.raises(ConfigurationError, match=r"segunda_via\.yml, como pedir_segunda_via"):
        beside_the_skill.add("segunda via", "agradecer")
    assert sorted(path.name for path in beside_the_skill.folder.iterdir()) == ["conversa.yml"]


def test_the_last_phrase_taken_back_takes_its_file_along(beside_the_skill: ExampleFiles) -> None:
    beside_the_skill.add("solta o torpedo", "pedir_segunda_via")
    assert not beside_the_skill.remove("segunda via", "pedir_segunda_via"), "that is the skill's"
    assert beside_the_skill.remove("solta o torpedo", "pedir_segunda_via")
    assert sorted(path.name for path in beside_the_skill.folder.iterdir()) == ["conversa.yml"]


def test_a_file_in_another_format_is_not_overwritten(beside_the_skill: ExampleFiles) -> None:
    file = beside_the_skill.folder / "pedir_segunda_via.yml"
    file.write_text("nlu:\n- intent: pedir_segunda_via\n  examples:\n  - text: |\n      pague\n", "utf-8")
    with pytest.raises(ConfigurationError, match="à mão"):
        beside_the_skill.add("solta o torpedo", "pedir_segunda_via")
    assert "pague" in file.read_text("utf-8")


STARTER = """version: "3.1"

nlu:
- intent: greet
  examples: |
    - hey
    - hello
- synonym: boleto
  examples: |
    - carnê
- intent: faq/ask_price
  examples: |
    - how much
rules:
- rule: hello
  steps:
  - or:
      - intent: greet
      - intent: goodbye
  - action: utter_greet
"""
"""As `rasa init` indents, and everything in one file."""


def test_a_bots_own_files_are_read_and_written_as_they_are_indented(tmp_path: Path) -> None:
    (tmp_path / "config.yml").touch()
    (tmp_path / "data" / "talk").mkdir(parents=True)
    file = tmp_path / "data" / "talk" / "all.yml"
    file.write_text(STARTER, "utf-8")
    bot = of_project(tmp_path)
    own = [(each.text, each.intent) for each in bot.all() if each.file == file]
    assert own == [("hey", "greet"), ("hello", "greet"), ("how much", "faq/ask_price")]
    assert bot.add("good day", "greet") == file
    assert file.read_text("utf-8") == STARTER.replace("    - hey\n", "    - good day\n    - hey\n")
    assert bot.remove("good day", "greet")
    assert file.read_text("utf-8") == STARTER
    assert bot.add("solta o torpedo", "pedir_segunda_via") == tmp_path / "data" / "pedir_segunda_via.yml"
    with pytest.raises(ConfigurationError, match=r"all\.yml, como greet"):
        bot.add("Hello!", "pedir_segunda_via")


def test_a_bot_without_a_data_folder_has_one_begun_for_it(tmp_path: Path) -> None:
    (tmp_path / "config.yml").touch()
    bot = of_project(tmp_path)
    assert bot.folder == tmp_path / "var" / "nlu"
    assert not bot.folder.exists(), "nothing is made before something is taught"
    assert bot.add("solta o torpedo", "pedir_segunda_via") == bot.folder / "pedir_segunda_via.yml"
    assert bot.folder.stat().st_mode & 0o077 == 0


def test_where_there_is_no_bot_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ExamplesReadOnly, match="data/nlu"):
        of_project(tmp_path).add("solta o torpedo", "pedir_segunda_via")
    assert list(tmp_path.iterdir()) == []
