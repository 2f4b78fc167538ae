"""The question stayed unanswered for too long: it is closed with a message, and its ticket as abandoned.

A timer says so, and no customer. While a boleto is promised, the question ends and the promise stands.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.delivering import is_promised
from segunda_via.actions.ending import over
from segunda_via.actions.guard import GuardedAction, is_said_by_job, unchanged
from segunda_via.company import COMPANY
from segunda_via.conversation.document_form import FORM
from segunda_via.conversation.inactivity import TIMER
from segunda_via.delivery.deliver_late import COMING


class ActionCloseInactiveTicket(GuardedAction):
    speaks = False

    def name(self) -> str:
        return "action_close_inactive_ticket"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        if not is_said_by_job(tracker, TIMER):
            return unchanged(tracker)
        self.app.inactivity.over(tracker.sender_id)
        if tracker.active_loop_name != FORM:  # it was answered while the timer was on its way
            return unchanged(tracker)
        if is_promised(self.app, tracker):
            dispatcher.utter_message(response=COMING)
            return over(tracker)
        self.app.tickets.abandon(COMPANY, tracker.sender_id)
        dispatcher.utter_message(response="utter_segunda_via_inactive")
        return over(tracker)
