"""The menu: the options of `domain.yml`, and those that the operator added."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.delivering import quietly
from actions.guard import COMPANY, GuardedAction, intent_of, unchanged
from segunda_via import app
from segunda_via.menu import Menu
from segunda_via.settings import menu as saved


class ActionShowMenu(GuardedAction):
    def name(self) -> str:
        return "action_show_menu"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        greeted = intent_of(tracker) == "cumprimentar"
        show_menu(dispatcher, "utter_segunda_via_welcome" if greeted else "utter_segunda_via_menu")
        return unchanged(tracker)


def show_menu(dispatcher: CollectingDispatcher, response: str) -> None:
    """Say `response`, whose buttons are the built-in options; what is added to them says its label when pressed."""
    buttons = [{"title": option.label, "payload": option.label} for option in menu_in_force().options]
    dispatcher.utter_message(response=response, buttons=buttons)


def menu_in_force() -> Menu:
    """The company's menu; the built-in options alone while the settings cannot be read."""
    with quietly("the menu's settings"):
        return saved.in_force(app.current().settings, COMPANY)
    return Menu()
