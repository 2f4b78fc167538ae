"""Puts the documents of a message into its entities; a message that is nothing but a document gets its intent too, and
so does one that is nothing but a boleto's or a Pix code: the form says what that is.

The finding is `segunda_via.boletos.documents`; this is its shell in Rasa's pipeline. Entities: `cpf` and `cnpj` (valid,
compact) and `documento_invalido` (looks like one, but is not), whose `additional_info` says why (`reason`) and which
document was probably meant (`suggestion`: the leading zero is missing, or it was spelled in words). No roles: Rasa's
mappings match only equals.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from segunda_via.boletos.documents import Found, OtherKind, find, others
from segunda_via.intents.intent_model import fold

_WORD = re.compile(r"\w+")
# Words that say nothing beyond "here it is" when they stand beside a document.
_AROUND_A_DOCUMENT = frozenset(
    _WORD.findall(
        """
        a ai anota aqui as ate bem boa bom cadastro cliente cnpj com conta cpf da de desse deste dele dela dia do doc
        documento e eh eis empresa en era esse essa este esta favor foi fica io isso isto la logo mae manda meu minha
        moca moco n no nome noite nr num numero numeros o obg obrigada obrigado oi oie ok ola opa ou pai para pelo pf
        pfv pj por pra pro pronto sao segue sim so sou ta tai tarde tem titular toma tudo um vai
        """
    )
)
_AROUND_A_CODE = frozenset({"barra", "barras", "boleto", "cod", "codigo", "copia", "cola", "digitavel", "linha", "pix"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class DocumentExtractor(GraphComponent, EntityExtractorMixin):
    """Rasa component; see the module."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._intent = config["intent"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent": "informar_documento"}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DocumentExtractor:
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            found = find(text) if text else []
            if found:
                entities = self.add_extractor_name([_entity(each) for each in found])
                message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
            if text and is_only_documents(text, found):
                certain = {"name": self._intent, "confidence": 1.0}
                message.set(INTENT, certain, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [dict(certain)], add_to_output=True)
        return messages


def is_only_documents(text: str, found: list[Found]) -> bool:
    """Whether nothing is said in `text` but the documents `found` in it, or payment codes, and what introduces them."""
    rest = text
    codes = [(other.start, other.end) for other in others(text) if other.kind is not OtherKind.PHONE]
    spans = [*((one.start, one.end) for one in found), *codes]
    if not spans:
        return False
    for start, end in sorted(spans, reverse=True):
        rest = rest[:start] + " " + rest[end:]
    around = _AROUND_A_DOCUMENT | _AROUND_A_CODE if codes else _AROUND_A_DOCUMENT
    return all(word in around for word in _WORD.findall(fold(rest)))


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
