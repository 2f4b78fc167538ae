"""Asks the use case for the delivery and says its messages, in order."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.delivering import conclude, failure_logged, offers_next, speak
from segunda_via.actions.guard import OUTCOME, GuardedAction, masked
from segunda_via.boletos.outcome import Outcome
from segunda_via.company import COMPANY
from segunda_via.conversation import document_form
from segunda_via.metrics.event import MetricEvent

SEARCHES_BEFORE_A_PERSON = 2


class ActionSendBoleto(GuardedAction):
    def name(self) -> str:
        return "action_send_boleto"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        root, document = self.app, tracker.get_slot("segunda_via_document") or ""
        with failure_logged("the timer"):
            root.inactivity.over(tracker.sender_id)
        if document:
            tries = document_form.tries_taken(tracker.events)
            root.metrics.record(MetricEvent.DOCUMENT_GIVEN, COMPANY, tracker.sender_id, tries=tries)
        delivery = await root.deliver(COMPANY, tracker.sender_id, document, offer=offers_next(root))
        await speak(root, dispatcher, tracker, domain, delivery)
        searches = int(tracker.get_slot("segunda_via_searches") or 0) + 1
        another_try = delivery.outcome is Outcome.NOTHING_TO_SEND and searches < SEARCHES_BEFORE_A_PERSON
        if another_try:
            dispatcher.utter_message(response="utter_segunda_via_another_document")
        conclude(root, dispatcher, tracker, document, delivery)
        return [
            SlotSet("segunda_via_document", None),
            SlotSet("segunda_via_suggestion", None),
            SlotSet("segunda_via_spelled", None),
            SlotSet("segunda_via_choice", None),
            SlotSet("segunda_via_searches", searches),
            SlotSet("segunda_via_another_try", another_try),
            SlotSet("segunda_via_reason", delivery.reason),
            SlotSet("segunda_via_masked", masked(document)),
            SlotSet(OUTCOME, delivery.outcome.value),
        ]
