"""Keeps silent in conversations that people of a desk have taken over, until they return them or the time is up.

Asked once a turn, before anything else is done. When it cannot be told who answers, the assistant does: a customer who
is answered twice is better off than one who is answered by nobody.
"""

from __future__ import annotations

import logging
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.trackers import DialogueStateTracker

from segunda_via.company import COMPANY
from segunda_via.rasa_plugin.policies.above_rules import PolicyAboveRules
from segunda_via.rasa_plugin.process import process_app

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class HumanTakeoverPolicy(PolicyAboveRules):
    """Rasa component; see the module."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 10, "company": COMPANY}  # above all others of ours

    def next_action(self, tracker: DialogueStateTracker) -> str | None:
        begins = tracker.latest_action_name in (None, ACTION_LISTEN_NAME)
        return str(ACTION_LISTEN_NAME) if begins and self._is_silenced(tracker.sender_id) else None

    def _is_silenced(self, conversation_id: str) -> bool:
        try:
            return process_app().human_takeover.is_silenced(self.config["company"], conversation_id)
        except Exception as error:
            logger.error("it cannot be told who answers (%s): the assistant does", type(error).__name__)
            return False
