"""Puts the documents of a message into its entities.

The finding is `segunda_via.boletos.documents`; this is its shell in Rasa's pipeline. Entities: `cpf` and `cnpj` (valid,
compact) and `documento_invalido` (looks like one, but is not), whose `additional_info` says why (`reason`) and which
document was probably meant (`suggestion`: the leading zero is missing, or it was spelled in words). No roles: Rasa's
mappings match only equals.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from segunda_via.boletos.documents import Found, find


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class DocumentExtractor(GraphComponent, EntityExtractorMixin):
    """Rasa component; see the module."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DocumentExtractor:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            found = find(text) if text else []
            if found:
                entities = self.add_extractor_name([_entity(each) for each in found])
                # First: of several entities of one name, Rasa fills a slot with the last, which is then the bot's own.
                message.set(ENTITIES, [*entities, *message.get(ENTITIES, [])], add_to_output=True)
        return messages


def _entity(found: Found) -> dict[str, Any]:
    entity: dict[str, Any] = {
        "entity": found.kind,
        "value": found.value,
        "start": found.start,
        "end": found.end,
        "confidence_entity": 1.0,
    }
    if found.reason is not None:
        suggestion = found.suggestion.value if found.suggestion else None
        entity["additional_info"] = {"reason": found.reason.value, "suggestion": suggestion}
    return entity
