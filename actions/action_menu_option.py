"""An option of the menu was chosen, by its number or by a label that leads to a text."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActionExecuted, EventType
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.guard import GuardedAction, unchanged
from segunda_via.actions.menu_message import menu_in_force, show_menu
from segunda_via.conversation.menu import Option


class ActionMenuOption(GuardedAction):
    def name(self) -> str:
        return "action_menu_option"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        menu, said = menu_in_force(self.app), str((tracker.latest_message or {}).get("text") or "")
        option = menu.labelled(said)
        if option is None and tracker.active_loop_name:
            # While the document is asked for, a number is no choice from a menu.
            dispatcher.utter_message(response="utter_segunda_via_no_document_there")
            return unchanged(tracker)
        option = option or menu.numbered(said)
        if option is None:  # it was taken from the menu meanwhile
            await show_menu(self.app, dispatcher, tracker, domain)
        elif option.text:
            dispatcher.utter_message(text=option.text)
        else:
            return as_if_said(tracker, option)
        return unchanged(tracker)


def as_if_said(tracker: Tracker, option: Option) -> list[EventType]:
    """The number stands for the label: the conversation goes on as if that had been written."""
    latest = tracker.latest_message or {}
    meant = {"name": option.leads_to, "confidence": 1.0}
    metadata = latest.get("metadata") or {}
    parsed = {"text": option.label, "intent": meant, "intent_ranking": [meant], "entities": [], "metadata": metadata}
    user = {
        "event": "user",
        "timestamp": None,
        "text": option.label,
        "parse_data": parsed,
        "input_channel": tracker.get_latest_input_channel(),
        "metadata": metadata,
    }
    return [ActionExecuted("action_listen"), user]
