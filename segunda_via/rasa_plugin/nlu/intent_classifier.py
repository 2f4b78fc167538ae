"""The intent classifier of Rasa's pipeline: `intent_model` in its shell.

Trains in seconds, loads in milliseconds, and never sees a document: each is taken out before anything is counted. It
leaves blank text alone, which then falls below any threshold. What is certain is decided after it (`certain_intent`).

A message that holds a document is never a mere greeting, nor "not understood": unless it clearly asks for the boleto,
for a person, or speaks of another matter, it is `informar_documento`.
"""

from __future__ import annotations

import hashlib
import inspect
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from segunda_via.conversation import document_answer, document_form
from segunda_via.intents import intent_model
from segunda_via.intents.intent_model import IntentModel

_OUTWEIGH_A_DOCUMENT = document_form.LEAVING | {"pedir_segunda_via", "ja_paguei"}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SegundaViaIntentClassifier(GraphComponent, IntentClassifier):
    """Rasa component; see the module."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: IntentModel | None = None,
    ) -> None:
        self._ranking_length = config["ranking_length"]
        self._document_intent = config["document_intent"]
        self._outweighs_a_document = config["outweighs_a_document"]
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "ranking_length": 10,
            "document_intent": "informar_documento",
            "outweighs_a_document": 0.5,
        }

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Rasa reuses what was trained while the class is unchanged; but its model is what learns."""
        return hashlib.sha256(inspect.getsource(intent_model).encode()).hexdigest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SegundaViaIntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SegundaViaIntentClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, IntentModel.read(folder))

    def train(self, training_data: TrainingData) -> Resource:
        examples = [each for each in training_data.intent_examples if each.get(INTENT) and each.get(TEXT)]
        texts = [without_documents(each.get(TEXT), each.get(ENTITIES, [])) for each in examples]
        self._model = intent_model.train(texts, [each.get(INTENT) for each in examples])
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            self._classify(message)
        return messages

    def _classify(self, message: Message) -> None:
        ranked = self._ranked(message.get(TEXT) or "", message.get(ENTITIES, []))
        ranking = [{"name": label, "confidence": confidence} for label, confidence in ranked[: self._ranking_length]]
        best = dict(ranking[0]) if ranking else {"name": None, "confidence": 0.0}
        message.set(INTENT, best, add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)

    def _ranked(self, whole: str, entities: list[dict[str, Any]]) -> list[tuple[str, float]]:
        text = without_documents(whole, entities)
        ranked = self._model.rank(text) if self._model and text.strip() else []
        if text != whole and not self._outweighs(ranked):
            return [(self._document_intent, 1.0)]
        return ranked

    def _outweighs(self, ranked: list[tuple[str, float]]) -> bool:
        """Whether what is said around a document matters more than that it is there."""
        return bool(ranked) and ranked[0][0] in _OUTWEIGH_A_DOCUMENT and ranked[0][1] >= self._outweighs_a_document


def without_documents(text: str, entities: list[dict[str, Any]]) -> str:
    """`text` with a space in the place of each document among its `entities`."""
    for entity in sorted(entities, key=lambda each: each.get("start", 0), reverse=True):
        if entity.get("entity") in document_answer.ENTITIES and "start" in entity:
            text = f"{text[: entity['start']]} {text[entity['end'] :]}"
    return text
