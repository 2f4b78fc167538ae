"""The customer does not want the boleto any more that was promised: it is not sent, and the ticket is closed."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.guard import GuardedAction, nothing_ended
from segunda_via.company import COMPANY


class ActionCancelLateBoleto(GuardedAction):
    def name(self) -> str:
        return "action_cancel_late_boleto"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        self.app.tickets.abandon(COMPANY, tracker.sender_id)  # what is promised ends with it
        self.app.late_deliveries.end(COMPANY, tracker.sender_id)
        dispatcher.utter_message(response="utter_segunda_via_cancelled")
        return nothing_ended()
