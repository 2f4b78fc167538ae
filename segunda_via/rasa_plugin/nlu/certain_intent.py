"""The last component of the pipeline: says what a message means where that is certain, over whatever classified it.

What is certain, and when, is `segunda_via.conversation.certain_intent`; this is its shell in Rasa's pipeline. It comes
after the classifiers and the fallback, its own or the bot's, and after the `DocumentExtractor`.

`alone: true` says that the bot has no forms and no menu but ours. Keywords and menu are read from the settings and kept
for a few seconds, so that a new one works without training; `company: null` reads nothing and leaves the built-in ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from segunda_via.company import COMPANY
from segunda_via.conversation.certain_intent import Situation, Span, certain_intent
from segunda_via.conversation.document_answer import is_document
from segunda_via.conversation.document_form import FORM
from segunda_via.conversation.keyword_setting import KEYWORD_SETTING
from segunda_via.conversation.keywords import DEFAULTS, normalise
from segunda_via.conversation.menu import Menu
from segunda_via.conversation.menu_setting import MENU_SETTING
from segunda_via.conversation.shared_intents import theirs
from segunda_via.conversation.slots import INTENTS
from segunda_via.rasa_plugin.on_screen import last_response
from segunda_via.rasa_plugin.process import process_app
from segunda_via.settings.cached import Cached

MENUS = frozenset({"utter_segunda_via_menu", "utter_segunda_via_welcome"})
"""The responses that put our menu on the screen."""
_DEFAULT_KEYWORDS = frozenset(map(normalise, DEFAULTS))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class CertainIntent(GraphComponent):
    """Rasa component; see the module. Registered as an extractor, as the recipe knows no untrained classifier."""

    def __init__(self, config: dict[str, Any], clock: Callable[[], float] = time.monotonic) -> None:
        self._alone = config["alone"]
        self._company = config["company"]
        self._menus = Cached("menu", _saved_menu, Menu(), seconds=config["seconds"], clock=clock)
        self._keywords = Cached("keywords", _saved_keywords, _DEFAULT_KEYWORDS, seconds=config["seconds"], clock=clock)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"alone": False, "company": COMPANY, "seconds": 5.0}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CertainIntent:
        return cls(config)

    def process(self, messages: list[Message], tracker: DialogueStateTracker | None = None) -> list[Message]:
        """`tracker` is the conversation before these messages; None where there is none, as in `rasa shell nlu`."""
        situation = _situation(tracker, self._alone)
        names = tracker.get_slot(INTENTS) if tracker else None
        for message in messages:
            text, menu, keywords = message.get(TEXT) or "", self._menu(), self._known_keywords()
            if intent := certain_intent(text, _documents(message), situation, menu, keywords):
                certain = {"name": theirs(intent, names), "confidence": 1.0}
                message.set(INTENT, certain, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [dict(certain)], add_to_output=True)
        return messages

    def _menu(self) -> Menu:
        return Menu() if self._company is None else self._menus.get(self._company)

    def _known_keywords(self) -> frozenset[str]:
        return _DEFAULT_KEYWORDS if self._company is None else self._keywords.get(self._company)


def _situation(tracker: DialogueStateTracker | None, alone: bool) -> Situation:
    if tracker is None:
        return Situation(alone=alone)
    form = tracker.active_loop_name
    return Situation(
        asking=form == FORM,
        other_form=bool(form) and form != FORM,
        menu_shown=last_response(tracker.events) in MENUS,
        alone=alone,
    )


def _documents(message: Message) -> list[Span]:
    return [(each["start"], each["end"]) for each in message.get(ENTITIES, []) if is_document(each)]


def _saved_menu(company: str) -> Menu:
    return MENU_SETTING.in_force(process_app().settings, company)


def _saved_keywords(company: str) -> frozenset[str]:
    return frozenset(map(normalise, KEYWORD_SETTING.in_force(process_app().settings, company)))
