"""Counts a message that was not understood, and notes it for the operator; the answer is the rule's."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.guard import GuardedAction, unchanged
from segunda_via.company import COMPANY
from segunda_via.metrics.event import MetricEvent


class ActionNoteNotUnderstood(GuardedAction):
    speaks = False

    def name(self) -> str:
        return "action_note_not_understood"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        root = self.app
        root.metrics.record(MetricEvent.NOT_UNDERSTOOD, COMPANY, tracker.sender_id)
        root.misunderstood_store.note(COMPANY, str(tracker.latest_message.get("text") or ""))
        return unchanged(tracker)
