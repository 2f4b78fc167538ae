"""Decides the moments that are ours alone, whatever rules, stories and forms the bot has:

- a "sim" or a "não" right after the offer of the next invoice answers that offer, and nothing else ever does;
- a question of ours that stayed unanswered is closed, even if a form of the bot's is active by now;
- when our part is over, the customer is listened to, or the form of the bot's that it interrupted asks its question
  again. A bot that has nothing to remember may have the conversation begin afresh instead (`starts_afresh: true`): its
  trackers stay short.

Everything is read from the conversation itself: nothing of it is kept, and at any other moment this policy is silent.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_RESTART_NAME
from rasa.shared.core.events import ActionExecuted, ActiveLoop
from rasa.shared.core.trackers import DialogueStateTracker

from segunda_via.conversation.inactivity import INACTIVE
from segunda_via.conversation.shared_intents import ours
from segunda_via.conversation.slots import INTENTS
from segunda_via.rasa_plugin.on_screen import before_the_latest_message, last_response
from segunda_via.rasa_plugin.policies.above_rules import PolicyAboveRules

OFFERS = frozenset({"utter_segunda_via_offer_next", "utter_segunda_via_offer_next_one"})
ANSWERS = frozenset({"afirmar", "negar"})
CLOSES = "action_close_inactive_ticket"
ENDINGS = frozenset({"action_finish_ticket", "action_hand_over_ticket", "action_abandon_ticket", CLOSES})
"""The actions with which our part of a conversation is over."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class OwnTurnsPolicy(PolicyAboveRules):
    """Rasa component; see the module."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 9, "starts_afresh": False}  # above LateDeliveryPolicy: an offer on the screen is answered

    def next_action(self, tracker: DialogueStateTracker) -> str | None:
        if tracker.latest_action_name in (None, ACTION_LISTEN_NAME):
            return self._begins(tracker)
        if tracker.latest_action_name in ENDINGS:
            return self._after(tracker)
        if tracker.latest_action_name == ACTION_RESTART_NAME:  # without its event, as in Rasa's own tests of stories
            return str(ACTION_LISTEN_NAME)
        return None

    def _begins(self, tracker: DialogueStateTracker) -> str | None:
        intent = ours(str((tracker.latest_message.intent or {}).get("name")), tracker.get_slot(INTENTS))
        if intent == INACTIVE:
            return CLOSES
        if intent in ANSWERS and last_response(before_the_latest_message(tracker.events)) in OFFERS:
            return "action_next_boleto"
        return None

    def _after(self, tracker: DialogueStateTracker) -> str | None:
        if isinstance(tracker.events[-1], ActionExecuted):  # its call failed: SpokenFailurePolicy's to tell
            return None
        form = _form_left(tracker)
        if tracker.latest_action_name == CLOSES and form is None:  # there was nothing to close
            return str(ACTION_LISTEN_NAME)
        if self.config["starts_afresh"]:
            return str(ACTION_RESTART_NAME)
        return form.name if form and form.name else str(ACTION_LISTEN_NAME)


def _form_left(tracker: DialogueStateTracker) -> ActiveLoop | None:
    """How the last action left our form: it names the form of the bot's that is active again, if there is one."""
    for event in reversed(tracker.events):
        if isinstance(event, ActionExecuted):
            break
        if isinstance(event, ActiveLoop):
            return event
    return None
