"""Gives the conversation to a person, with the reason on the ticket, and starts it afresh."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, Restarted
from rasa_sdk.executor import CollectingDispatcher

from actions.guard import COMPANY, OUTCOME, GuardedAction, ticket_id
from segunda_via import app


class ActionHandOver(GuardedAction):
    def name(self) -> str:
        return "action_hand_over"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        outcome = tracker.get_slot(OUTCOME)
        asked = ((tracker.latest_message or {}).get("intent") or {}).get("name") or "unknown"
        reason = tracker.get_slot("segunda_via_reason") if outcome else None
        app.current().tickets.hand_over(
            COMPANY,
            tracker.sender_id,
            reason or outcome or asked,
            outcome or asked,
            ticket_id(tracker),
            outcome=outcome or asked,
        )
        dispatcher.utter_message(response="utter_segunda_via_hand_over")
        return [Restarted()]
