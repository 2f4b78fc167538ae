"""The components as Rasa runs them, one after the other, without Rasa around them."""

from __future__ import annotations

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message

from segunda_via.rasa_plugin.nlu.document_extractor import DocumentExtractor
from segunda_via.rasa_plugin.nlu.intent_classifier import SegundaViaIntentClassifier

CONTEXT = ExecutionContext(GraphSchema({}))


class Understanding:
    """Extractor and classifier one after the other, as in `config.yml`."""

    def __init__(self, storage: LocalModelStorage, resource: Resource) -> None:
        self.extractor = DocumentExtractor.create(DocumentExtractor.get_default_config(), storage, resource, CONTEXT)
        config = {**SegundaViaIntentClassifier.get_default_config(), "company": None}  # nobody's saved keywords
        self.classifier = SegundaViaIntentClassifier.load(config, storage, resource, CONTEXT)

    def of(self, text: str) -> Message:
        message = Message({"text": text})
        self.classifier.process(self.extractor.process([message]))
        return message

    def intent(self, text: str) -> str | None:
        name: str | None = self.of(text).get("intent")["name"]
        return name
