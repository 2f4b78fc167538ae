"""Asks the use case for the delivery and says its messages, in order."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.delivering import conclude, deliver, failure_logged, speak
from segunda_via.actions.guard import GuardedAction, masked
from segunda_via.boletos.outcome import TicketFate
from segunda_via.company import COMPANY
from segunda_via.conversation import document_form, slots
from segunda_via.metrics.event import MetricEvent


class ActionSendBoleto(GuardedAction):
    def name(self) -> str:
        return "action_send_boleto"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        root, document = self.app, tracker.get_slot(slots.DOCUMENT) or ""
        with failure_logged("the timer"):
            root.inactivity.over(tracker.sender_id)
        if document:
            tries = document_form.tries_taken(tracker.events)
            root.metrics.record(MetricEvent.DOCUMENT_GIVEN, COMPANY, tracker.sender_id, tries=tries)
        delivery = await deliver(root, tracker, document)
        await speak(root, dispatcher, tracker, domain, delivery)
        searches = int(tracker.get_slot(slots.SEARCHES) or 0) + (not delivery.promised)
        fate = delivery.fate(searches)
        if fate is TicketFate.TRY_AGAIN:
            dispatcher.utter_message(response="utter_segunda_via_another_document")
        conclude(root, dispatcher, tracker, document, delivery)
        return [
            SlotSet(slots.DOCUMENT, None),
            SlotSet(slots.SUGGESTION, None),
            SlotSet(slots.SPELLED, None),
            SlotSet(slots.CHOICE, None),
            SlotSet(slots.SEARCHES, searches),
            SlotSet(slots.REASON, delivery.reason),
            SlotSet(slots.MASKED, masked(document)),
            SlotSet(slots.OUTCOME, delivery.outcome.value),
            SlotSet(slots.FATE, fate.value),
        ]
