"""What the policies above Rasa's rules share: each names the next action, or leaves the turn to the others."""

from __future__ import annotations

from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker


class PolicyAboveRules(Policy):
    """Learns nothing. `priority` must be above RulePolicy's 6, the highest of Rasa's own."""

    def next_action(self, tracker: DialogueStateTracker) -> str | None:
        """The action that must come next; None when that is for others to say."""
        raise NotImplementedError

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
        action = self.next_action(tracker)
        if action is None:
            return self._prediction(probabilities)
        probabilities[domain.index_for_action(action)] = 1.0
        # "no user prediction": it does not depend on what was said; only so it outranks a form's own prediction.
        return self._prediction(probabilities, is_no_user_prediction=True)
