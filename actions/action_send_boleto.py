"""Asks the use case for the delivery and says its messages, in order."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.guard import COMPANY, OUTCOME, GuardedAction
from segunda_via import app
from segunda_via.bundle import Attachment, Code, Image, Message
from segunda_via.outcomes import Outcome
from segunda_via.texts import Responses, render

SEARCHES_BEFORE_A_PERSON = 2


class ActionSendBoleto(GuardedAction):
    def name(self) -> str:
        return "action_send_boleto"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        document = tracker.get_slot("segunda_via_document") or ""
        delivery = await app.current().deliver(COMPANY, tracker.sender_id, document)
        texts = await app.current().texts_at_hand.laid_over(COMPANY, domain.get("responses") or {})
        for message in delivery.messages:
            say(dispatcher, message, texts, tracker.get_latest_input_channel())
        searches = int(tracker.get_slot("segunda_via_searches") or 0) + 1
        another_try = delivery.outcome is Outcome.NOTHING_TO_SEND and searches < SEARCHES_BEFORE_A_PERSON
        if another_try:
            dispatcher.utter_message(response="utter_segunda_via_another_document")
        return [
            SlotSet("segunda_via_document", None),
            SlotSet("segunda_via_suggestion", None),
            SlotSet("segunda_via_choice", None),
            SlotSet("segunda_via_searches", searches),
            SlotSet("segunda_via_another_try", another_try),
            SlotSet("segunda_via_reason", delivery.reason),
            SlotSet(OUTCOME, delivery.outcome.value),
        ]


def say(dispatcher: CollectingDispatcher, message: Message, responses: Responses, channel: str | None) -> None:
    """What the bundle looks like to any channel: texts, the QR code as an image, the PDF as an attachment."""
    if isinstance(message, Code):
        dispatcher.utter_message(text=message.text)
    elif isinstance(message, Image):
        dispatcher.utter_message(image=message.url)
    elif isinstance(message, Attachment):
        dispatcher.utter_message(attachment=message.url)
    else:
        dispatcher.utter_message(text=render(message.lines, responses, channel))
