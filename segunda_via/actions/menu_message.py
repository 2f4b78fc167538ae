"""The menu as a message: the built-in options, and those that the operator added."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions import stock_channels
from segunda_via.actions.delivering import failure_logged
from segunda_via.app import App
from segunda_via.company import COMPANY
from segunda_via.conversation.menu import Menu
from segunda_via.conversation.menu_setting import MENU_SETTING
from segunda_via.conversation.responses import lay_over, render
from segunda_via.delivery.bundle import Line
from segunda_via.whatsapp.buttons import ButtonChoice, numbered

MENU = "utter_segunda_via_menu"


async def show_menu(
    app: App, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any], response: str = MENU
) -> None:
    """Say `response`, whose buttons are the built-in options; what is added to them says its label when pressed."""
    menu, channel = menu_in_force(app), tracker.get_latest_input_channel()
    if not stock_channels.shows_buttons(channel, len(menu.everything)):
        texts = lay_over(domain.get("responses") or {}, await app.response_cache.soon(COMPANY))
        choices = [ButtonChoice(option.label, option.label) for option in menu.everything]
        dispatcher.utter_message(text=numbered(render([Line(response)], texts, channel), choices))
        return
    buttons = [{"title": option.label, "payload": option.label} for option in menu.options]
    dispatcher.utter_message(response=response, buttons=buttons)


def menu_in_force(app: App) -> Menu:
    """The company's menu; the built-in options alone while the settings cannot be read."""
    with failure_logged("the menu's settings"):
        return MENU_SETTING.in_force(app.recent_settings, COMPANY)
    return Menu()
