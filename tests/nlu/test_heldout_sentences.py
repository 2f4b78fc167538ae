"""The sentences that nobody read while writing examples: what must be understood of them, and that they stay apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from rasa.shared.nlu.training_data.training_data import TrainingData
from support.understanding import Understanding

from scripts.nlu_report import Result, Sentence, held_out
from segunda_via.intents.intent_model import tokens

NEAR = 0.8
"""Two examples that share more of their letter triples than this say the same thing twice."""

FLOORS = {
    "hard_pairs": 0.90,
    "negation": 0.90,
    "out_of_scope": 0.80,
    "several_intents": 0.85,
    "single_words": 0.95,
    "transcripts": 0.95,
    "typos": 0.93,
}


@pytest.fixture(scope="module")
def sentences() -> list[Sentence]:
    return held_out()


@pytest.fixture(scope="module")
def result(sentences: list[Sentence], understanding: Understanding) -> Result:
    found = [understanding.of(said.text).get("intent") for said in sentences]
    names, confidences = [str(each["name"]) for each in found], [float(each["confidence"]) for each in found]
    return Result("this project", sentences, names, confidences, 0.0)


def test_there_are_enough_sentences_of_every_phenomenon(sentences: list[Sentence]) -> None:
    assert len(sentences) >= 300
    assert set(FLOORS) <= {said.file for said in sentences}


def test_whoever_wants_the_boleto_gets_it(result: Result) -> None:
    assert result.main_recall >= 0.97


def test_hardly_anybody_else_gets_a_boleto_thrown_at_them(result: Result) -> None:
    assert result.taken_for_main <= 0.02


def test_every_intent_is_understood(result: Result) -> None:
    assert result.macro_f1 >= 0.93
    recalls = {label: recall for label, _, recall, _, _ in result.per_intent()}
    assert min(recalls.values()) >= 0.75, recalls


@pytest.mark.parametrize("file", FLOORS)
def test_every_way_of_speaking_is_understood(result: Result, file: str) -> None:
    assert result.accuracy(file) >= FLOORS[file]


def test_those_sure_of_themselves_are_right(result: Result) -> None:
    sure = [ok for ok, confidence in zip(result.right, result.confidences, strict=True) if confidence >= 0.9]
    assert len(sure) > len(result.right) / 2
    assert sum(sure) / len(sure) >= 0.97


def test_no_two_examples_are_the_same_in_other_clothes(examples: TrainingData) -> None:
    near = near_duplicates([message.get("text") for message in examples.intent_examples])
    assert near == []


def test_near_duplicates_are_seen() -> None:
    assert near_duplicates(["quero o meu boleto agora", "quero o meu boleto agora!", "bom dia"]) != []


def near_duplicates(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs whose letter triples overlap by more than `NEAR` (Jaccard)."""
    grams = [_triples(text) for text in texts]
    holders: dict[str, list[int]] = {}
    found = []
    for index, mine in enumerate(grams):
        shared = Counter(other for triple in mine for other in holders.get(triple, ()))
        found += [
            (texts[other], texts[index])
            for other, count in shared.items()
            if count / (len(mine) + len(grams[other]) - count) > NEAR
        ]
        for triple in mine:
            holders.setdefault(triple, []).append(index)
    return found


def _triples(text: str) -> set[str]:
    """Of the words alone: signs and emoji count only where there are no words."""
    words = [token for token in tokens(text) if token.isalnum()] or tokens(text)
    padded = f"  {' '.join(words)} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}
