"""The customer left the form, by a word or by asking for the menu: its ticket is closed as abandoned.

While an earlier request is promised to be delivered late, asking for the menu closes nothing.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.delivering import is_promised
from segunda_via.actions.ending import over
from segunda_via.actions.guard import GuardedAction, intent_of
from segunda_via.company import COMPANY


class ActionAbandonTicket(GuardedAction):
    speaks = False

    def name(self) -> str:
        return "action_abandon_ticket"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        self.app.inactivity.over(tracker.sender_id)
        if intent_of(tracker) != "pedir_menu" or not is_promised(self.app, tracker):
            self.app.tickets.abandon(COMPANY, tracker.sender_id)
        return over(tracker)
