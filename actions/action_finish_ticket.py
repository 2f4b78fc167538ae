"""The ticket finalises itself, as soon as the boleto was sent; the conversation starts afresh."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, Restarted
from rasa_sdk.executor import CollectingDispatcher

from actions.guard import COMPANY, OUTCOME, GuardedAction
from segunda_via import app
from segunda_via.outcomes import Outcome


class ActionFinishTicket(GuardedAction):
    speaks = False

    def name(self) -> str:
        return "action_finish_ticket"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        outcome = Outcome(tracker.get_slot(OUTCOME))
        app.current().tickets.finish(COMPANY, tracker.sender_id, outcome)
        return [Restarted()]
