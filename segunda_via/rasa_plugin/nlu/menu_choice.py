"""What is chosen from the menu, or asks for it, is certain: the whole message is a label, a number, or "menu".

No example teaches this, so what an operator adds to the menu works within seconds, without training. The options are
read from the settings and kept for a few seconds. `company: null` reads nothing and leaves the built-in options.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from segunda_via.company import COMPANY
from segunda_via.conversation.menu import Menu
from segunda_via.conversation.menu_setting import MENU_SETTING
from segunda_via.rasa_plugin.process import process_app
from segunda_via.settings.cached import Cached


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class MenuChoice(GraphComponent):
    """Rasa component; see the module. Registered as an extractor, as the recipe knows no untrained classifier."""

    def __init__(self, config: dict[str, Any], clock: Callable[[], float] = time.monotonic) -> None:
        self._company = config["company"]
        self._menus = Cached("menu", _saved_menu, Menu(), seconds=config["seconds"], clock=clock)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"company": COMPANY, "seconds": 5.0}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MenuChoice:
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if intent := self._menu().intent_of(message.get(TEXT) or ""):
                certain = {"name": intent, "confidence": 1.0}
                message.set(INTENT, certain, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [dict(certain)], add_to_output=True)
        return messages

    def _menu(self) -> Menu:
        return Menu() if self._company is None else self._menus.get(self._company)


def _saved_menu(company: str) -> Menu:
    return MENU_SETTING.in_force(process_app().settings, company)
