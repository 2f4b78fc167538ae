"""A "sim" or a "não" that no question of the form asked for: to the offer of the next invoice, if there is one."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.delivering import conclude, deliver, failure_logged, speak
from segunda_via.actions.guard import GuardedAction, intent_of, masked, nothing_ended, ticket_id
from segunda_via.actions.menu_message import show_menu
from segunda_via.boletos.outcome import Outcome
from segunda_via.company import COMPANY
from segunda_via.conversation import slots
from segunda_via.metrics.event import MetricEvent


class ActionNextBoleto(GuardedAction):
    def name(self) -> str:
        return "action_next_boleto"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        root, sender = self.app, tracker.sender_id
        offer = root.next_invoice_offers.take(COMPANY, sender)
        if offer is None:
            await show_menu(root, dispatcher, tracker, domain)
            return nothing_ended()
        if intent_of(tracker) != "afirmar":
            dispatcher.utter_message(response="utter_segunda_via_at_your_disposal")
            return nothing_ended()
        root.metrics.record(MetricEvent.NEXT_ACCEPTED, COMPANY, sender)
        delivery = await deliver(root, tracker, offer.document, offer.sent)
        if delivery.outcome is Outcome.NOTHING_TO_SEND:  # paid meanwhile, say: nothing is asked for, no ticket begins
            dispatcher.utter_message(response="utter_segunda_via_no_other_open")
            return nothing_ended()
        with failure_logged("the ticket"):
            root.tickets.open(COMPANY, sender, ticket_id(tracker))
        await speak(root, dispatcher, tracker, domain, delivery)
        conclude(root, dispatcher, tracker, offer.document, delivery, offer.sent)
        return [
            SlotSet(slots.REASON, delivery.reason),
            SlotSet(slots.MASKED, masked(offer.document)),
            SlotSet(slots.OUTCOME, delivery.outcome.value),
            SlotSet(slots.FATE, delivery.fate().value),
        ]
