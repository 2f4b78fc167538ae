"""What a new phrase changes, as the operator is shown it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from rich.console import Console

from scripts.processes import ROOT
from segunda_via.cli.phrases import retrain, teach
from segunda_via.intents import intent_model, model_comparison
from segunda_via.intents.example_files import ExampleFiles, of_project
from segunda_via.intents.model_comparison import Fallback
from segunda_via.intents.training_effect import TrainingEffect

EXAMPLES = """version: "3.1"

nlu:
  - intent: pedir_segunda_via
    examples: |
      - quero o boleto
      - manda a fatura
      - segunda via do boleto
  - intent: cumprimentar
    examples: |
      - bom dia
      - boa tarde
      - oi tudo bem
"""
SENTENCES = """version: "3.1"
nlu:
- intent: pedir_segunda_via
  examples: |
    - o troço de pagar
    - o boleto, cpf 529.982.247-25
- intent: cumprimentar
  examples: |
    - bom dia
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nlu").mkdir()
    (tmp_path / "nlu" / "all.yml").write_text(EXAMPLES, "utf-8")
    (tmp_path / "sentences").mkdir()
    (tmp_path / "sentences" / "plain.yml").write_text(SENTENCES, "utf-8")
    return tmp_path


def taught(folder: Path, phrase: str, intent: str) -> tuple[bool, str]:
    said = io.StringIO()
    console = Console(file=said, highlight=False, soft_wrap=True)
    return teach(console, phrase, intent, ExampleFiles(folder / "nlu"), folder / "sentences"), said.getvalue()


def test_the_phrase_moves_and_takes_its_kin_along(folder: Path) -> None:
    examples = ExampleFiles(folder / "nlu")
    examples.add("manda o troço de pagar bom dia oi", "pedir_segunda_via")
    phrase = "cadê o troço de pagar"
    examples.add(phrase, "cumprimentar")
    sentences = model_comparison.labelled(folder / "sentences")
    found = model_comparison.of([(phrase, "cumprimentar")], model_comparison.taught(examples), sentences)
    (change,) = found.phrases
    assert (change.before.intent, change.after.intent) == ("pedir_segunda_via", "cumprimentar")
    assert 0 < change.before.confidence <= 1
    assert found.asked == 3
    assert [(each.text, each.before, each.after, each.label) for each in found.moved] == [
        ("o troço de pagar", "pedir_segunda_via", "cumprimentar", "pedir_segunda_via")
    ]


def test_what_is_taken_back_is_as_if_it_had_never_been_there(folder: Path) -> None:
    before = model_comparison.taught(ExampleFiles(folder / "nlu"))
    sentences = model_comparison.labelled(folder / "sentences")
    phrase_label = ("o troço de pagar", "pedir_segunda_via")
    there = model_comparison.of([phrase_label], [*before, phrase_label], sentences)
    back = model_comparison.of([], before, sentences, removed=[phrase_label])
    assert there.moved
    assert {(each.text, each.after) for each in back.moved} == {(each.text, each.before) for each in there.moved}
    assert back.phrases[0].before == there.phrases[0].after


@pytest.mark.slow
def test_a_process_of_its_own_finds_the_same(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "nlu").rename(folder / "data" / "nlu")
    (folder / "tests" / "nlu").mkdir(parents=True)
    (folder / "sentences").rename(folder / "tests" / "nlu" / "sentences")
    of_project(folder).add("o troço de pagar", "cumprimentar")
    phrase_label, examples = ("o troço de pagar", "cumprimentar"), model_comparison.taught(of_project(folder))
    command = [sys.executable, "-m", "segunda_via.intents.model_comparison", str(folder)]
    asked = json.dumps({"added": [phrase_label], "removed": []})
    done = subprocess.run(command, cwd=ROOT, input=asked, capture_output=True, text=True, check=True)
    there = model_comparison.labelled(folder / "tests" / "nlu" / "sentences")
    assert TrainingEffect.from_json(done.stdout) == model_comparison.of([phrase_label], examples, there)


def test_the_operator_reads_before_after_and_what_went_elsewhere(folder: Path) -> None:
    new, said = taught(folder, "  o troço   [de] pagar", "pedir_segunda_via")
    assert new
    assert "escrita em data/nlu/all.yml, como pedir_segunda_via" in said
    lines = said.splitlines()
    assert lines[1].startswith("  antes   ")
    assert lines[2].startswith("  depois  pedir_segunda_via (")
    assert lines[3].startswith("  das 3 frases de teste, ")
    assert taught(folder, "O troço de pagar!", "pedir_segunda_via") == (
        False,
        "✓ já estava nos exemplos de pedir_segunda_via\n",
    )


def test_without_test_sentences_only_the_phrase_is_shown(folder: Path) -> None:
    assert model_comparison.labelled(folder / "nowhere") == []
    (folder / "sentences" / "plain.yml").unlink()
    assert "frases de teste" not in taught(folder, "cadê o carnê", "pedir_segunda_via")[1]


def test_documents_are_no_words(folder: Path) -> None:
    known = ExampleFiles(folder / "nlu").all()
    model = intent_model.train([each.text for each in known], [each.intent for each in known])
    assert model_comparison.ask(model, "quero o boleto 529.982.247-25") == model_comparison.ask(model, "quero o boleto")


def test_a_training_that_fails_fails_the_command() -> None:
    said = io.StringIO()
    with pytest.raises(typer.Exit) as ended:
        retrain(Console(file=said), lambda: 3)
    assert ended.value.exit_code == 3
    assert "treinado" not in said.getvalue()
    retrain(Console(file=said), lambda: 0)
    assert "treinado" in said.getvalue()


def test_what_customers_would_get_counts_not_the_guess_below_the_threshold(folder: Path) -> None:
    """A sentence that goes from one guess to another, both below the threshold, has not gone anywhere."""
    examples = ExampleFiles(folder / "nlu")
    examples.add("manda o troço de pagar bom dia oi", "pedir_segunda_via")
    phrase = ("cadê o troço de pagar", "cumprimentar")
    examples.add(*phrase)
    sentences = model_comparison.labelled(folder / "sentences")
    taught_now = model_comparison.taught(examples)
    assert model_comparison.of([phrase], taught_now, sentences).moved
    strict = model_comparison.of([phrase], taught_now, sentences, fallback=Fallback(1.0, 0.0))
    assert not strict.moved
    assert {each.after.intent for each in strict.phrases} == {"nlu_fallback"}


def test_the_threshold_is_the_one_of_the_projects_configuration() -> None:
    assert Fallback.of_project(ROOT) == Fallback(0.5, 0.1)
