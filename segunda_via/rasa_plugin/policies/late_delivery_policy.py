"""What is done in a conversation to which a boleto is promised that could not be delivered yet.

- A job says that it is to be tried: that is done whatever is asked there, and a form that asks something goes on.
- The customer asks for the boleto again, greets, or writes what cannot be understood: they are told that it is coming.
- They cancel, and no form asks anything: the promise ends.

Everything else is answered as always. So it is when it cannot be told what is promised.
"""

from __future__ import annotations

import logging
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.trackers import DialogueStateTracker

from segunda_via.company import COMPANY
from segunda_via.conversation.document_answer import is_document
from segunda_via.conversation.shared_intents import ours
from segunda_via.conversation.slots import INTENTS
from segunda_via.delivery.late_deliveries import DELIVER_LATE
from segunda_via.rasa_plugin.policies.above_rules import PolicyAboveRules
from segunda_via.rasa_plugin.process import process_app
from segunda_via.whatsapp.replies import is_on_whatsapp

logger = logging.getLogger(__name__)

TRY, COMING, CANCEL = "action_send_late_boleto", "action_late_boleto_coming", "action_cancel_late_boleto"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class LateDeliveryPolicy(PolicyAboveRules):
    """Rasa component; see the module."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "priority": 8,  # above SpokenFailurePolicy, below the others
            "company": COMPANY,
            "told": ["pedir_segunda_via", "cumprimentar", "nlu_fallback", "afirmar"],
            "cancels": ["cancelar"],
        }

    def next_action(self, tracker: DialogueStateTracker) -> str | None:
        latest = tracker.latest_action_name
        if latest in (None, ACTION_LISTEN_NAME):
            return self._begin(tracker)
        if latest in (COMING, CANCEL) or (latest == TRY and tracker.active_loop_name):
            return str(ACTION_LISTEN_NAME)
        return None

    def _begin(self, tracker: DialogueStateTracker) -> str | None:
        intent = ours(str((tracker.latest_message.intent or {}).get("name")), tracker.get_slot(INTENTS))
        if intent == DELIVER_LATE:
            return TRY
        if tracker.active_loop_name or not is_on_whatsapp(tracker.sender_id) or _holds_document(tracker):
            return None
        answer = COMING if intent in self.config["told"] else CANCEL if intent in self.config["cancels"] else None
        return answer if answer and self._is_promised(tracker.sender_id) else None

    def _is_promised(self, conversation_id: str) -> bool:
        try:
            return process_app().late_deliveries.of(self.config["company"], conversation_id) is not None
        except Exception as error:
            logger.error("it cannot be told what is promised (%s)", type(error).__name__)
            return False


def _holds_document(tracker: DialogueStateTracker) -> bool:
    return any(is_document(each) for each in tracker.latest_message.entities)
