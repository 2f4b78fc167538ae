"""The form's validation: reads what was said to the form and sets its slots.

Rasa calls it twice: nothing is counted here. What it begins anew is the time that the question may stay unanswered.

Not the SDK's FormValidationAction: that judges slot by slot, while here the whole talk since the form began decides
(how many tries, what was offered), and no raw text may enter a slot first.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.delivering import failure_logged
from segunda_via.actions.guard import GuardedAction, intent_of
from segunda_via.company import COMPANY
from segunda_via.conversation import document_form
from segunda_via.conversation.inactivity import INACTIVE


class ValidateSegundaViaForm(GuardedAction):
    def name(self) -> str:
        return "validate_segunda_via_form"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        step = document_form.next_step(tracker.events)
        for response in step.says:
            dispatcher.utter_message(response=response)
        if document_form.is_waiting(step) and intent_of(tracker) != INACTIVE:
            with failure_logged("the timer"):
                self.app.inactivity.asked(COMPANY, tracker.sender_id, tracker.get_latest_input_channel())
        return [SlotSet(slot, value) for slot, value in step.slots.items()]
