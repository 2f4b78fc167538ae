"""The generator that `endpoints.yml` names: Rasa's own templates, from the domain's responses under the saved texts."""

from __future__ import annotations

from typing import Any

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from segunda_via.company import COMPANY
from segunda_via.conversation.responses import lay_over
from segunda_via.rasa_plugin.process import process_app


class SavedResponsesGenerator(TemplatedNaturalLanguageGenerator):
    """Rasa builds it with these two names, and puts each newly loaded model's responses into `responses`."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        super().__init__(domain.responses if domain else {})

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """The response, filled in; None when the domain has none of that name."""
        laid = lay_over(self.responses, await process_app().response_cache.soon(COMPANY))
        # A generator of its own for this message: others are generated while this one waits.
        message: dict[str, Any] | None = TemplatedNaturalLanguageGenerator(laid).generate_from_slots(
            utter_action, tracker.current_slot_values(), output_channel, **kwargs
        )
        return message
