"""Says that the boleto which was promised is still coming."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.guard import GuardedAction, unchanged
from segunda_via.delivery.deliver_late import COMING


class ActionLateBoletoComing(GuardedAction):
    def name(self) -> str:
        return "action_late_boleto_coming"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        dispatcher.utter_message(response=COMING)
        return unchanged(tracker)
