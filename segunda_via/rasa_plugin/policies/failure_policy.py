"""Says `utter_segunda_via_error` in the same turn when a call to the action server fails.

Rasa only logs such a failure and goes on as if the action had succeeded. Rules could tell by the slots what is missing,
but not while a form runs: Rasa predicts the form and then silence before it looks at any rule (rule_policy.py,
`_find_action_from_loop_happy_path`). So this policy stands above RulePolicy and decides in these cases only:

- an action of ours ran and left no event: its call failed (ours always leave one), so the error is said;
- the error was said in this turn, here or by the action's own guard: nothing more is done, the customer is listened to;
- the delivery was made and its ticket could not be finished: the customer has everything, and hears no apology;
- a try of a late delivery failed: nobody waits for its words, and it is made again.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from segunda_via.rasa_plugin.policies.above_rules import PolicyAboveRules

ERROR = "utter_segunda_via_error"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class SpokenFailurePolicy(PolicyAboveRules):
    """Rasa component; see the module."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "priority": 7,
            "watched": [
                "segunda_via_form",
                "action_open_ticket",
                "action_send_boleto",
                "action_hand_over_ticket",
                "action_next_boleto",
                "action_boleto_already_paid",
                "action_show_menu",
                "action_menu_option",
                "action_late_boleto_coming",
                "action_cancel_late_boleto",
            ],
            "last": "action_finish_ticket",
            "unasked": "action_send_late_boleto",
        }

    def next_action(self, tracker: DialogueStateTracker) -> str | None:
        last = tracker.events[-1] if tracker.events else None
        if isinstance(last, ActionExecuted) and last.action_name in self.config["watched"]:
            return ERROR
        if isinstance(last, ActionExecuted) and last.action_name == self.config["unasked"]:
            return str(ACTION_LISTEN_NAME)
        if tracker.latest_action_name == self.config["last"]:
            return str(ACTION_LISTEN_NAME)
        for event in reversed(tracker.events):
            if isinstance(event, UserUttered):
                return None
            if isinstance(event, BotUttered) and event.metadata.get("utter_action") == ERROR:
                return str(ACTION_LISTEN_NAME)
        return None
