"""Keeps silent in conversations that people of a desk have taken over, until they return them or the time is up.

Asked once a turn, before anything else is done. When it cannot be told who answers, the assistant does: a customer who
is answered twice is better off than one who is answered by nobody.
"""

from __future__ import annotations

import logging
from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from segunda_via import app as composition

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class SilencePolicy(Policy):
    """Rasa component; see the module."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 8, "company": "default"}  # above SpokenFailurePolicy, which is above RulePolicy

    @staticmethod
    def supported_data() -> SupportedData:
        return SupportedData.ML_AND_RULE_DATA

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        probabilities = self._default_predictions(domain)
        begins = tracker.latest_action_name in (None, ACTION_LISTEN_NAME)
        if not begins or not self._is_silenced(tracker.sender_id):
            return self._prediction(probabilities)
        probabilities[domain.index_for_action(ACTION_LISTEN_NAME)] = 1.0
        return self._prediction(probabilities, is_no_user_prediction=True)

    def _is_silenced(self, conversation_id: str) -> bool:
        try:
            return composition.current().care.is_silenced(self.config["company"], conversation_id)
        except Exception as error:
            logger.error("it cannot be told who answers (%s): the assistant does", type(error).__name__)
            return False
