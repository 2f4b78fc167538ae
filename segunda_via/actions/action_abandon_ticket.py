"""The customer left the flow, by a word or by asking for the menu: its ticket is closed as abandoned."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.ending import over
from segunda_via.actions.guard import GuardedAction
from segunda_via.company import COMPANY


class ActionAbandonTicket(GuardedAction):
    speaks = False

    def name(self) -> str:
        return "action_abandon_ticket"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        self.app.inactivity.over(tracker.sender_id)
        self.app.tickets.abandon(COMPANY, tracker.sender_id)
        return over(tracker)
