"""The fallback threshold comes from cross-validation on the examples: `config.yml` holds what that recommends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from segunda_via.intents import example_files, threshold
from segunda_via.intents.threshold import ThresholdTrial

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def fallback() -> dict[str, Any]:
    pipeline = YAML(typ="safe").load((ROOT / "config.yml").read_text("utf-8"))["pipeline"]
    (found,) = [each for each in pipeline if each["name"] == "FallbackClassifier"]
    return dict(found)


@pytest.mark.slow
def test_the_configured_threshold_is_the_one_that_cross_validation_recommends(fallback: dict[str, Any]) -> None:
    examples = example_files.of_project(ROOT).all()
    tried = threshold.trials(
        [each.text for each in examples], [each.intent for each in examples], fallback["ambiguity_threshold"]
    )
    assert [each.asked_again for each in tried] == sorted(each.asked_again for each in tried)
    assert fallback["threshold"] == threshold.chosen(tried, len(examples)).threshold, tried


def trial(at: float, harm: float) -> ThresholdTrial:
    return ThresholdTrial(at, 0.0, 0.0, harm)


def test_where_the_examples_cannot_tell_asking_again_is_preferred() -> None:
    tried = [trial(0.3, 0.13), trial(0.4, 0.10), trial(0.5, 0.105), trial(0.6, 0.12)]
    assert threshold.chosen(tried, 1000).threshold == 0.5, "0.105 is within 0.0095 of 0.10"
    assert threshold.chosen(tried, 1_000_000).threshold == 0.4
