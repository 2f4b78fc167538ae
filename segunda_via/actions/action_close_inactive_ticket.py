"""The question stayed unanswered for too long: it is closed with a message, and its ticket as abandoned."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.ending import over
from segunda_via.actions.guard import GuardedAction, unchanged
from segunda_via.company import COMPANY
from segunda_via.conversation.document_form import FORM


class ActionCloseInactiveTicket(GuardedAction):
    speaks = False

    def name(self) -> str:
        return "action_close_inactive_ticket"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        self.app.inactivity.over(tracker.sender_id)
        if tracker.active_loop_name != FORM:  # it was answered while the timer was on its way
            return unchanged(tracker)
        self.app.tickets.abandon(COMPANY, tracker.sender_id)
        dispatcher.utter_message(response="utter_segunda_via_inactive")
        return over(tracker)
