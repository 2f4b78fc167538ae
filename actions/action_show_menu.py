"""The menu: the options of `domain.yml`, and those that the operator added."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.guard import GuardedAction, intent_of, unchanged
from segunda_via.actions.menu_message import MENU, show_menu


class ActionShowMenu(GuardedAction):
    def name(self) -> str:
        return "action_show_menu"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        greeted = intent_of(tracker) == "cumprimentar"
        await show_menu(self.app, dispatcher, tracker, domain, "utter_segunda_via_welcome" if greeted else MENU)
        return unchanged(tracker)
