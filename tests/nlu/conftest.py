"""The examples, the skill's and the assistant's, and the components trained on them once."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData
from support.understanding import CONTEXT, Understanding

from segunda_via import skill
from segunda_via.rasa_plugin.nlu.intent_classifier import SegundaViaIntentClassifier

ROOT = Path(__file__).parents[2]
Trained = tuple[LocalModelStorage, Resource]


@pytest.fixture(scope="session")
def examples() -> TrainingData:
    return load_data(str(ROOT / "data" / "nlu")).merge(load_data(str(skill.NLU)))


@pytest.fixture(scope="session")
def trained(examples: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    storage = LocalModelStorage.create(tmp_path_factory.mktemp("model"))
    component = SegundaViaIntentClassifier.create(
        SegundaViaIntentClassifier.get_default_config(), storage, Resource("classifier"), CONTEXT
    )
    return storage, component.train(examples)


@pytest.fixture(scope="session")
def understanding(trained: Trained) -> Understanding:
    return Understanding(*trained)
