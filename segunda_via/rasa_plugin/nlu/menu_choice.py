"""What is chosen from the menu, or asks for it, is certain: the whole message is a label, a number, or "menu".

No example teaches this, so what an operator adds to the menu works within seconds, without training. The options are
read from the settings and kept for a few seconds; while they cannot be read, the last ones count. `company: null` reads
nothing and leaves the built-in options.
"""

from __future__ import annotations

import logging
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
from segunda_via.conversation import menu_setting as saved
from segunda_via.conversation.menu import Menu
from segunda_via.rasa_plugin.process import process_app

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class MenuChoice(GraphComponent):
    """Rasa component; see the module. Registered as an extractor, as the recipe knows no untrained classifier."""

    def __init__(self, config: dict[str, Any], now: Callable[[], float] = time.monotonic) -> None:
        self._company = config["company"]
        self._ttl = config["seconds"]
        self._now = now
        self._menu = Menu()
        self._stale_at: float | None = None

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
            if intent := self._in_force().intent_of(message.get(TEXT) or ""):
                certain = {"name": intent, "confidence": 1.0}
                message.set(INTENT, certain, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [dict(certain)], add_to_output=True)
        return messages

    def _in_force(self) -> Menu:
        if self._company is not None and (self._stale_at is None or self._now() >= self._stale_at):
            try:
                self._menu = saved.in_force(process_app().settings, self._company)
            except Exception as error:  # a customer is waiting: whatever is wrong with the settings, they are answered
                logger.warning("menu: the settings cannot be read (%s); the last menu counts", type(error).__name__)
            self._stale_at = self._now() + self._ttl
        return self._menu
