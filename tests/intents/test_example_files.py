"""The operator's new phrasings: the right place, once, and nothing else of the file touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from segunda_via.errors import ConfigurationError
from segunda_via.intents.example_files import add, examples, same_words

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
    assert add("  Me vê o  carnê ", "pedir_segunda_via", folder) == folder / "segunda_via.yml"
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
    add(phrase, "pedir_segunda_via", folder)
    assert [each.text for each in examples(folder) if each.intent == "pedir_segunda_via"] == texts


def test_in_a_file_of_several_intents_it_goes_to_its_own(folder: Path) -> None:
    add("e aí", "cumprimentar", folder)
    assert (folder / "conversa.yml").read_text("utf-8") == TALK.replace("      - oi\n", "      - e aí\n      - oi\n")
    assert next((each.text, each.intent) for each in examples(folder)) == ("e aí", "cumprimentar")


@pytest.mark.parametrize("again", ["Cade meu boleto", "CADÊ, meu boleto!!", "cadê meu boleto?"])
def test_what_is_already_there_is_not_written_twice(folder: Path, again: str) -> None:
    assert add(again, "pedir_segunda_via", folder) is None
    assert (folder / "segunda_via.yml").read_text("utf-8") == BOLETO


def test_the_same_words_cannot_mean_two_things(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"conversa\.yml, como negar"):
        add("NAO", "pedir_segunda_via", folder)


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
        add(phrase, "pedir_segunda_via", folder)
    assert len(phrase.strip()) < 2 or phrase not in str(refused.value)
    assert (folder / "segunda_via.yml").read_text("utf-8") == BOLETO


def test_an_unknown_intent_is_answered_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="cumprimentar, negar, pedir_segunda_via"):
        add("quero pizza", "pedir_pizza", folder)


def test_emoji_are_words_of_their_own() -> None:
    assert same_words("👋") != same_words("🙏")
