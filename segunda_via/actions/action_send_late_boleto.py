"""A try of a delivery that was promised: said by a job, in a turn of its own. Without news it says nothing."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.delivering import conclude, failure_logged, offers_next, speak
from segunda_via.actions.guard import GuardedAction, is_said_by_job, masked, metadata_of, ticket_id, unchanged
from segunda_via.boletos.outcome import TicketFate
from segunda_via.company import COMPANY
from segunda_via.conversation import slots
from segunda_via.delivery.deliver_late import NO_OTHER_OPEN, Tried
from segunda_via.delivery.late_deliveries import TRY


class ActionSendLateBoleto(GuardedAction):
    def name(self) -> str:
        return "action_send_late_boleto"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        tried = await self._try(tracker) if is_said_by_job(tracker, TRY) else None
        if tried is None or tried.delivery.promised:
            # A form that asks something goes by its own slots.
            return unchanged(tracker) if tracker.active_loop_name else [SlotSet(slots.FATE, TicketFate.WAIT.value)]
        root, delivery = self.app, tried.delivery
        if delivery.outcome.is_delivered:  # an earlier delivery may have finished the ticket meanwhile
            with failure_logged("the ticket"):
                root.tickets.open(COMPANY, tracker.sender_id, ticket_id(tracker))
        await speak(root, dispatcher, tracker, domain, delivery)
        conclude(root, dispatcher, tracker, tried.document, delivery, tried.sent)
        return self._ended(dispatcher, tracker, tried)

    async def _try(self, tracker: Tracker) -> Tried | None:
        return await self.app.deliver_late.try_promised(
            COMPANY,
            tracker.sender_id,
            str(metadata_of(tracker).get(TRY)),
            asking=bool(tracker.active_loop_name),
            offer=offers_next(self.app),
        )

    def _ended(self, dispatcher: CollectingDispatcher, tracker: Tracker, tried: Tried) -> list[EventType]:
        delivery = tried.delivery
        searches = int(tracker.get_slot(slots.SEARCHES) or 0) + 1
        fate = delivery.fate(searches)
        if delivery.reason == NO_OTHER_OPEN:
            self.app.tickets.abandon(COMPANY, tracker.sender_id)
            fate = TicketFate.WAIT
        elif fate is TicketFate.TRY_AGAIN:
            dispatcher.utter_message(response="utter_segunda_via_another_document")
        return [
            SlotSet(slots.SEARCHES, searches),
            SlotSet(slots.REASON, delivery.reason),
            SlotSet(slots.MASKED, masked(tried.document) or tracker.get_slot(slots.MASKED)),
            SlotSet(slots.OUTCOME, delivery.outcome.value),
            SlotSet(slots.FATE, fate.value),
        ]
