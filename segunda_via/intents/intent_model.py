"""What an intent is recognised by: a logistic regression over words and character n-grams, calibrated, without Rasa.

Character n-grams make it robust to the spelling of phones ("bolto", "segnda via"); word pairs, also with one or two
words between them, tell "quero pagar" from "já paguei"; words that follow a negation are told from the same words
wished for ("não quero boleto, quero cancelar"). One regression per intent, each against the rest: in cross-validation
on the examples as good as a joint one, and ten times faster to fit. Features and strength were chosen there too.

Confidences are probabilities: a temperature, fitted on sentences held out of the training (cross-validation), corrects
the over-confidence of a regression on few examples. Everything is deterministic for given data.

Saved as JSON (vocabulary) and an `.npz` of plain arrays, never pickled. Predicting needs numpy alone; scikit-learn is
imported only to train.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segunda_via.boletos.plain_text import without_accents

Floats = npt.NDArray[np.float32]
Counts = tuple[Counter[str], Counter[str]]
"""Of words, and of characters."""

_NUMBER = "numerotoken"
_SEED = 20250222
_FOLDS = 5
_ENOUGH = 2000
"""Sentences held out after which no further fold is fitted: more do not move the temperature."""
_REGULARISATION = 20.0
_GAPS = (2, 3)
"""Distances, in words, of the pairs that are counted beside the neighbours."""
_NEGATED = 3
"""Words that a negation reaches."""
_RARE = 2
"""Pairs and n-grams of fewer training sentences than this are noise and weight; single words all stay."""

_LONG_NUMBER = re.compile(r"\d[\d.,/-]{3,}")
_REPEATED = re.compile(r"(\w)\1{2,}")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_MUTE = frozenset(".,;:-_*\"'()")
_NOT = frozenset({"nao", "n", "nn", "num", "naum", "nem", "nunca", "sem"})
_TURN = frozenset({",", ".", "!", "?", "mas"})
"""What ends a negation before its reach does."""


def fold(text: str) -> str:
    """Lower-case, without accents or compatibility forms: "NÃO" -> "nao", "２ª" -> "2a"."""
    return without_accents(text.lower())


def tokens(text: str) -> list[str]:
    """Words, and signs and emoji one by one; long numbers are alike, and "oiiii" is "oii"."""
    return [token for token in _all_tokens(text) if token not in _MUTE]


def _all_tokens(text: str) -> list[str]:
    return _TOKEN.findall(_REPEATED.sub(r"\1\1", _LONG_NUMBER.sub(f" {_NUMBER} ", fold(text))))


def negated(text: str) -> list[str]:
    """The words within the reach of a negation: "não quero boleto, quero pagar" -> ["quero", "boleto"]."""
    found: list[str] = []
    reach = 0
    for token in _all_tokens(text):
        if token in _NOT:
            reach = _NEGATED
        elif token in _TURN:
            reach = 0
        elif reach:
            reach -= 1
            found.append(token)
    return found


def features(text: str) -> Counts:
    """Counts of words, word pairs and negated words, and of character n-grams (2 to 5, within word bounds)."""
    words = tokens(text)
    bounded = ["<", *words, ">"]
    in_words = Counter(f"w:{word}" for word in words)
    in_words.update(f"p:{first} {second}" for first, second in itertools.pairwise(bounded) if words)
    for gap in _GAPS:
        apart = zip(bounded, bounded[gap:], strict=False)
        in_words.update(f"s:{first} {second}" for first, second in apart if (first, second) != ("<", ">"))
    in_words.update(f"n:{word}" for word in negated(text))
    in_chars: Counter[str] = Counter()
    for word in words:
        if word == _NUMBER:
            continue
        padded = f" {word} "
        for size in range(2, 6):
            in_chars.update(f"c:{padded[i : i + size]}" for i in range(len(padded) - size + 1))
    return in_words, in_chars


@dataclass(frozen=True)
class IntentModel:
    """`weights` has a row per feature and a column per label; `temperature` divides the scores."""

    labels: tuple[str, ...]
    vocabulary: dict[str, int]
    idf: Floats
    weights: Floats
    bias: Floats
    temperature: float

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Every label with its probability, likeliest first."""
        scores = self._scores(text) / self.temperature
        odds = np.exp(scores - scores.max())
        probabilities = odds / odds.sum()
        order = np.argsort(-probabilities, kind="stable")
        return [(self.labels[i], float(probabilities[i])) for i in order]

    def _scores(self, text: str) -> Floats:
        columns, values = vector(features(text), self.vocabulary, self.idf)
        if not columns:  # nothing in it was ever seen: no intent is likelier than another
            return np.zeros_like(self.bias)
        return np.asarray(values @ self.weights[columns] + self.bias, dtype=np.float32)

    def save(self, folder: Path) -> None:
        names = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        about = {"labels": self.labels, "temperature": self.temperature, "vocabulary": names}
        (folder / "model.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(folder / "model.npz", idf=self.idf, weights=self.weights, bias=self.bias)

    @classmethod
    def read(cls, folder: Path) -> IntentModel:
        """Raises FileNotFoundError when nothing was saved there."""
        about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        with np.load(folder / "model.npz", allow_pickle=False) as arrays:
            idf, weights, bias = arrays["idf"], arrays["weights"], arrays["bias"]
        vocabulary = {name: column for column, name in enumerate(about["vocabulary"])}
        return cls(tuple(about["labels"]), vocabulary, idf, weights, bias, float(about["temperature"]))


def vector(counted: Counts, vocabulary: dict[str, int], idf: Floats) -> tuple[list[int], Floats]:
    """The known ones of these features: columns and weights. Words and characters each have length 1, so neither drowns
    the other."""
    columns: list[int] = []
    values: list[float] = []
    for counts in counted:
        known = [(vocabulary[name], count) for name, count in counts.items() if name in vocabulary]
        weighted = [(1.0 + math.log(count)) * float(idf[column]) for column, count in known]
        length = math.sqrt(sum(weight * weight for weight in weighted)) or 1.0
        columns.extend(column for column, _ in known)
        values.extend(weight / length for weight in weighted)
    return columns, np.asarray(values, dtype=np.float32)


def train(texts: Sequence[str], labels: Sequence[str]) -> IntentModel:
    """The model of these examples. Every label needs at least two; ValueError when there are fewer than two labels."""
    names = tuple(sorted(set(labels)))
    if len(names) < 2:
        raise ValueError("an intent model needs examples of at least two intents")
    targets = np.asarray([names.index(label) for label in labels])
    counted = [features(text) for text in texts]
    vocabulary, idf = _vocabulary(counted)
    matrix = _matrix(counted, vocabulary, idf)
    weights, bias = _fit(matrix, targets, len(names))
    temperature = _temperature(matrix, targets, len(names))
    return IntentModel(names, vocabulary, idf, weights, bias, temperature)


def _vocabulary(counted: Sequence[Counts]) -> tuple[dict[str, int], Floats]:
    sentences: Counter[str] = Counter()
    for in_words, in_chars in counted:
        sentences.update(in_words.keys())
        sentences.update(in_chars.keys())
    kept = sorted(name for name, count in sentences.items() if count >= _RARE or name.startswith("w:"))
    idf = [math.log((1 + len(counted)) / (1 + sentences[name])) + 1 for name in kept]
    return {name: column for column, name in enumerate(kept)}, np.asarray(idf, dtype=np.float32)


def _matrix(counted: Sequence[Counts], vocabulary: dict[str, int], idf: Floats) -> Any:
    from scipy.sparse import csr_matrix

    indices: list[int] = []
    values: list[float] = []
    starts = [0]
    for counts in counted:
        columns, weights = vector(counts, vocabulary, idf)
        indices.extend(columns)
        values.extend(weights.tolist())
        starts.append(len(indices))
    return csr_matrix((values, indices, starts), shape=(len(counted), len(vocabulary)), dtype=np.float64)


def _fit(matrix: Any, targets: npt.NDArray[np.int_], size: int) -> tuple[Floats, Floats]:
    """Weights (features x labels) and bias (labels)."""
    from sklearn.linear_model import LogisticRegression

    regression = LogisticRegression(
        C=_REGULARISATION,
        class_weight="balanced",
        solver="liblinear",
        dual=True,
        tol=0.1,  # liblinear's own; a thousandth of it takes twice as long and changes no decision in cross-validation
        max_iter=300,
        random_state=_SEED,
    )
    regression.fit(matrix, targets)
    weights, bias = regression.coef_, regression.intercept_
    if size == 2:  # scikit-learn keeps one row for two classes
        weights, bias = np.vstack([-weights[0], weights[0]]), np.asarray([-bias[0], bias[0]])
    return np.ascontiguousarray(weights.T, dtype=np.float32), bias.astype(np.float32)


def _temperature(matrix: Any, targets: npt.NDArray[np.int_], size: int) -> float:
    """What the scores of unseen sentences must be divided by for their probabilities to be honest."""
    smallest = int(np.bincount(targets).min())
    if smallest < 2:
        return 1.0
    unseen, scores = held_out_scores(matrix, targets, size, folds=min(_FOLDS, smallest), enough=_ENOUGH)
    grid = np.geomspace(0.1, 10.0, 101)
    losses = [_loss(scores / temperature, targets[unseen]) for temperature in grid]
    return float(grid[int(np.argmin(losses))])


def unseen(
    model: IntentModel, texts: Sequence[str], labels: Sequence[str]
) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.float64]]:
    """`held_out_scores` of all the examples that `model` was trained on."""
    targets = np.asarray([model.labels.index(label) for label in labels])
    matrix = _matrix([features(text) for text in texts], model.vocabulary, model.idf)
    return held_out_scores(matrix, targets, len(model.labels), _FOLDS)


def held_out_scores(
    matrix: Any, targets: npt.NDArray[np.int_], size: int, folds: int, enough: int | None = None
) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.float64]]:
    """Sentences, by their place, and the scores of each by a model that has not seen it; all of them, or `enough`."""
    from sklearn.model_selection import StratifiedKFold

    places, scores, done = [], [], 0
    for seen, unseen in StratifiedKFold(folds, shuffle=True, random_state=_SEED).split(targets, targets):
        if enough is not None and done >= enough:
            break
        weights, bias = _fit(matrix[seen], targets[seen], size)
        places.append(unseen)
        scores.append(matrix[unseen] @ weights + bias)
        done += len(unseen)
    return np.concatenate(places), np.concatenate(scores)


def _loss(scores: npt.NDArray[np.float64], targets: npt.NDArray[np.int_]) -> float:
    """Mean negative log-likelihood."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=1))
    return float((total - shifted[np.arange(len(targets)), targets]).mean())
