"""The examples, the skill's and the assistant's: enough of them, each said once, and nobody's data."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from rasa.shared.nlu.training_data.training_data import TrainingData
from support import assistant
from support.understanding import Understanding

from scripts.validate import SAID_BY_NOBODY
from segunda_via.intents import example_files
from segunda_via.intents.intent_model import tokens

ROOT = Path(__file__).parents[2]
OTHER_MATTERS = {
    "mudar_vencimento",
    "negociar_divida",
    "cancelar_servico",
    "desbloquear_servico",
    "suporte_tecnico",
    "contratar_servico",
    "outro_assunto",
}

HARD_PAIRS = [
    ("quero mudar o vencimento do boleto", "mudar_vencimento"),
    ("meu boleto venceu", "pedir_segunda_via"),
    ("paguei o boleto", "ja_paguei"),
    ("quero pagar o boleto", "pedir_segunda_via"),
    ("cancela meu plano", "cancelar_servico"),
    ("cancela", "cancelar"),
    ("não recebi o boleto", "pedir_segunda_via"),
    ("boleto", "pedir_segunda_via"),
    ("boletim", "fora_de_escopo"),
]


def fewest(intent: str) -> int:
    return 150 if intent == "pedir_segunda_via" else 50 if intent in OTHER_MATTERS else 40


def test_every_intent_of_the_domain_has_enough_examples(examples: TrainingData) -> None:
    counts = Counter(message.get("intent") for message in examples.intent_examples)
    assert set(counts) == set(assistant.domain()["intents"]) - SAID_BY_NOBODY
    for intent, count in counts.items():
        assert count >= fewest(intent), intent


def test_the_examples_of_an_intent_stand_together_and_sorted() -> None:
    """So that `segunda-via phrases add` and whoever edits a file by hand put a phrase in the same place."""
    blocks = defaultdict(list)
    for each in example_files.of_project(ROOT).all():
        blocks[each.intent].append(each)
    for intent, block in blocks.items():
        assert len({each.file for each in block}) == 1, intent
        texts = [each.text for each in block]
        assert texts == sorted(texts, key=example_files.order), intent


def test_no_sentence_is_there_twice_in_other_clothes(examples: TrainingData) -> None:
    said = defaultdict(list)
    for message in examples.intent_examples:
        text = message.get("text")
        said[" ".join(tokens(text.replace("?", " ").replace("!", " "))) or text].append(message.get("intent"))
    twice = {text: intents for text, intents in said.items() if len(set(intents)) > 1}
    assert twice == {}, "the same words with two intents"


def test_no_example_holds_a_document_or_anything_else_of_somebody(
    examples: TrainingData, understanding: Understanding
) -> None:
    for message in examples.intent_examples:
        text = message.get("text")
        assert not understanding.of(text).get("entities"), text
        assert not re.search(r"\d{5,}|@", text), text


def test_no_entity_is_annotated(examples: TrainingData) -> None:
    """Documents are found by code; an annotated value would be kept in the model."""
    assert examples.entity_examples == []
    assert examples.entity_synonyms == {}


@pytest.mark.parametrize(("text", "intent"), HARD_PAIRS)
def test_almost_the_same_words_with_another_meaning(understanding: Understanding, text: str, intent: str) -> None:
    assert understanding.intent(text) == intent
