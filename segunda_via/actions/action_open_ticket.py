"""Entering the flow opens the conversation's ticket and puts it into the queue, once."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.ending import emptied
from segunda_via.actions.guard import GuardedAction, nothing_ended, ticket_id
from segunda_via.company import COMPANY
from segunda_via.conversation import slots
from segunda_via.conversation.document_form import FORM
from segunda_via.metrics.event import MetricEvent


class ActionOpenTicket(GuardedAction):
    speaks = False

    def name(self) -> str:
        return "action_open_ticket"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        self.app.metrics.record(MetricEvent.ASKED, COMPANY, tracker.sender_id)
        self.app.tickets.open(COMPANY, tracker.sender_id, ticket_id(tracker))
        return [*nothing_ended(), *emptied(tracker), *_interrupted(tracker)]


def _interrupted(tracker: Tracker) -> list[EventType]:
    """The bot's own form in which the boleto was asked for."""
    form = tracker.active_loop_name
    return [SlotSet(slots.INTERRUPTED, form)] if form and form != FORM else []
