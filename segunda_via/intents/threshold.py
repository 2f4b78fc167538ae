"""Below which confidence the customer is asked again: chosen by cross-validation on the examples, and on nothing else.

Two things can go wrong with a message: it is answered wrongly, or it was understood and is asked again all the same. Of
the thresholds tried, the highest is taken whose share of both lies within one standard error of the least: where the
examples cannot tell, asking again is kinder than a wrong answer. Needs no Rasa.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segunda_via.intents import intent_model

TRIED = (0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7)


@dataclass(frozen=True)
class ThresholdTrial:
    """Shares of all sentences, 0 to 1."""

    threshold: float
    asked_again: float
    in_vain: float
    """Asked again although understood."""
    wrong: float
    """Answered wrongly."""

    @property
    def harm(self) -> float:
        return self.in_vain + self.wrong


def trials(texts: Sequence[str], labels: Sequence[str], ambiguity: float = 0.1) -> list[ThresholdTrial]:
    """Each threshold, on sentences that their model has not seen. `ambiguity`: as in Rasa's FallbackClassifier, the
    lead over the second intent that is asked for as well. Seconds of one CPU."""
    right, confidence, lead = _understood(texts, labels)
    found = []
    for threshold in TRIED:
        again = (confidence < threshold) | (lead < ambiguity)
        found.append(
            ThresholdTrial(
                threshold, float(again.mean()), float((again & right).mean()), float((~again & ~right).mean())
            )
        )
    return found


def chosen(tried: Sequence[ThresholdTrial], sentences: int) -> ThresholdTrial:
    least = min(each.harm for each in tried)
    error = math.sqrt(least * (1 - least) / sentences)
    return max((each for each in tried if each.harm <= least + error), key=lambda each: each.threshold)


def _understood(
    texts: Sequence[str], labels: Sequence[str]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    model = intent_model.train(texts, labels)
    places, scores = intent_model.unseen(model, texts, labels)
    targets = np.asarray([model.labels.index(label) for label in labels])[places]
    odds = np.exp((scores - scores.max(axis=1, keepdims=True)) / model.temperature)
    probabilities = odds / odds.sum(axis=1, keepdims=True)
    two = np.sort(probabilities, axis=1)[:, -2:]
    return probabilities.argmax(axis=1) == targets, two[:, 1], two[:, 1] - two[:, 0]
