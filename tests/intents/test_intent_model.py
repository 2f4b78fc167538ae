"""The model itself, on a few sentences of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segunda_via.intents import intent_model
from segunda_via.intents.intent_model import IntentModel, features, fold, tokens, train

ASKS = ["quero meu boleto", "segunda via", "manda a fatura", "preciso do boleto", "cadê minha fatura", "boleto"]
PAID = ["já paguei", "paguei ontem", "paguei o boleto", "pagamento feito", "acabei de pagar", "tá pago"]
GREETS = ["oi", "bom dia", "boa tarde", "olá tudo bem", "e aí", "boa noite"]
TEXTS = [*ASKS, *PAID, *GREETS]
LABELS = ["pedir"] * 6 + ["paguei"] * 6 + ["oi"] * 6


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return train(TEXTS, LABELS)


def best(model: IntentModel, text: str) -> str:
    return model.rank(text)[0][0]


@pytest.mark.parametrize(
    ("text", "label"),
    [("qero meu bolto", "pedir"), ("SEGUNDA VIA!!!", "pedir"), ("ja pagei", "paguei"), ("boa noiteee", "oi")],
)
def test_it_sees_through_spelling(model: IntentModel, text: str, label: str) -> None:
    assert best(model, text) == label


def test_confidences_are_probabilities_of_every_label(model: IntentModel) -> None:
    ranked = model.rank("boleto")
    assert {label for label, _ in ranked} == {"pedir", "paguei", "oi"}
    assert sum(confidence for _, confidence in ranked) == pytest.approx(1, abs=1e-5)
    assert [confidence for _, confidence in ranked] == sorted((c for _, c in ranked), reverse=True)


def test_what_was_never_seen_is_not_certain(model: IntentModel) -> None:
    assert [confidence for _, confidence in model.rank("ŋŋŋ")] == pytest.approx([1 / 3] * 3)


def test_the_same_examples_give_the_same_model(model: IntentModel) -> None:
    again = train(TEXTS, LABELS)
    assert again.temperature == model.temperature
    assert np.array_equal(again.weights, model.weights)


def test_the_order_of_the_examples_does_not_matter_to_the_vocabulary(model: IntentModel) -> None:
    assert train(TEXTS[::-1], LABELS[::-1]).vocabulary == model.vocabulary


def test_what_is_saved_is_what_is_read(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = IntentModel.read(tmp_path)
    for text in TEXTS:
        assert again.rank(text) == model.rank(text)


def test_two_labels_are_enough_and_one_is_not() -> None:
    pair = train([*ASKS, *PAID], ["pedir"] * 6 + ["paguei"] * 6)
    assert best(pair, "boleto") == "pedir"
    assert best(pair, "já paguei") == "paguei"
    with pytest.raises(ValueError, match="two intents"):
        train(ASKS, ["pedir"] * 6)


def test_a_label_with_a_single_example_is_trained_all_the_same() -> None:
    assert best(train([*TEXTS, "tchau"], [*LABELS, "tchau"]), "tchau") == "tchau"


def test_calibration_makes_the_confidence_of_unseen_sentences_honest(model: IntentModel) -> None:
    targets = np.asarray([model.labels.index(label) for label in LABELS])
    matrix = intent_model._matrix([features(text) for text in TEXTS], model.vocabulary, model.idf)
    places, scores = intent_model.held_out_scores(matrix, targets, 3, folds=5)
    assert sorted(places) == list(range(len(TEXTS)))
    calibrated = intent_model._loss(scores / model.temperature, targets[places])
    assert calibrated <= intent_model._loss(scores, targets[places])


def test_no_more_folds_are_fitted_than_the_temperature_needs(model: IntentModel) -> None:
    targets = np.asarray([model.labels.index(label) for label in LABELS])
    matrix = intent_model._matrix([features(text) for text in TEXTS], model.vocabulary, model.idf)
    places, scores = intent_model.held_out_scores(matrix, targets, 3, folds=6, enough=4)
    assert len(places) == len(scores) == 6, "two folds of three"


@pytest.mark.parametrize(
    ("written", "folded"), [("NÃO", "nao"), ("２ª via", "2a via"), ("Açaí", "acai"), ("ﬁm", "fim"), ("👍", "👍")]
)
def test_folding(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("oiiiii, tudo bem?", ["oii", "tudo", "bem", "?"]),
        ("paguei 1.234,56 dia 10", ["paguei", "numerotoken", "dia", "10"]),
        ("valeu 🙏🙏", ["valeu", "🙏", "🙏"]),
        ("...", []),
    ],
)
def test_tokens(text: str, words: list[str]) -> None:
    assert tokens(text) == words


@settings(max_examples=200)
@given(st.text(max_size=120))
def test_whatever_is_typed_has_features_and_a_ranking(text: str) -> None:
    features(text)
    assert len(MODEL.rank(text)) == 3


MODEL = train(TEXTS, LABELS)
