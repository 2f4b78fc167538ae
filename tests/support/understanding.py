"""The components as Rasa runs them, one after the other, without Rasa around them; trained on all examples once."""

from __future__ import annotations

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from scripts.processes import ROOT
from segunda_via import skill
from segunda_via.rasa_plugin.nlu.certain_intent import CertainIntent
from segunda_via.rasa_plugin.nlu.document_extractor import DocumentExtractor
from segunda_via.rasa_plugin.nlu.intent_classifier import SegundaViaIntentClassifier

CONTEXT = ExecutionContext(GraphSchema({}))
Trained = tuple[LocalModelStorage, Resource]


class Understanding:
    """The components one after the other, as in `config.yml`; of the settings, nobody's."""

    def __init__(self, storage: LocalModelStorage, resource: Resource) -> None:
        self.extractor = DocumentExtractor.create(DocumentExtractor.get_default_config(), storage, resource, CONTEXT)
        config = SegundaViaIntentClassifier.get_default_config()
        self.classifier = SegundaViaIntentClassifier.load(config, storage, resource, CONTEXT)
        self.certain = CertainIntent({**CertainIntent.get_default_config(), "alone": True, "company": None})

    def of(self, text: str) -> Message:
        message = Message({"text": text})
        self.certain.process(self.classifier.process(self.extractor.process([message])))
        return message

    def intent(self, text: str) -> str | None:
        name: str | None = self.of(text).get("intent")["name"]
        return name


@pytest.fixture(scope="session")
def examples() -> TrainingData:
    """The skill's and the assistant's."""
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
