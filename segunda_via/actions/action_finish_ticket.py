"""The ticket finalises itself once the last message of the boleto was accepted; our part of the conversation is over.

Where messages go through an outbox, the channel is told, by a custom message that no customer sees, to finish it then.
"""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.ending import over
from segunda_via.actions.guard import GuardedAction, speaks_unasked
from segunda_via.boletos.outcome import Outcome
from segunda_via.company import COMPANY
from segunda_via.conversation import slots
from segunda_via.whatsapp import replies


class ActionFinishTicket(GuardedAction):
    speaks = False

    def name(self) -> str:
        return "action_finish_ticket"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        outcome = Outcome(tracker.get_slot(slots.OUTCOME))
        if speaks_unasked(tracker):
            dispatcher.utter_message(json_message=replies.announcement(outcome))
        else:
            await asyncio.to_thread(self.app.tickets.finish, COMPANY, tracker.sender_id, outcome)
        return over(tracker)
