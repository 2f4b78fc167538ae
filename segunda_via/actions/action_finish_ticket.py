"""The ticket finalises itself once the last message of the boleto was accepted; the conversation starts afresh."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, Restarted
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.guard import GuardedAction
from segunda_via.boletos.outcome import Outcome
from segunda_via.company import COMPANY
from segunda_via.conversation import slots


class ActionFinishTicket(GuardedAction):
    speaks = False

    def name(self) -> str:
        return "action_finish_ticket"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        outcome = Outcome(tracker.get_slot(slots.OUTCOME))
        await self.app.ticket_completion.mark(COMPANY, tracker.sender_id, _turn(tracker), outcome)
        return [Restarted()]


def _turn(tracker: Tracker) -> str | None:
    """The turn, where its messages go through an outbox; elsewhere what was said has been sent."""
    metadata = (tracker.latest_message or {}).get("metadata") or {}
    return str(metadata["message_sid"]) if metadata.get("outbox") and metadata.get("message_sid") else None
