"""The skill's rules as a bot gets them: in the bot's words, and without those that answer what the bot answers itself.

Two rules that answer one message differently are refused by Rasa's training, and rightly so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.training_data.structures import RuleStep, StoryGraph, StoryStep

from segunda_via.conversation.document_form import FORM
from segunda_via.conversation.keyword_setting import INTENT as ASKS
from segunda_via.conversation.shared_intents import Names, theirs

Rule = Mapping[str, Any]
"""As YAML has it: `rule`, `condition`, `steps`."""


def answered(bot: StoryGraph, our_actions: Collection[str]) -> set[str]:
    """The intents that the bot answers itself. A rule or story in which an action of ours stands is not meant."""
    return {
        intent
        for step in bot.story_steps
        if not any(isinstance(event, ActionExecuted) and event.action_name in our_actions for event in step.events)
        for intent in (_opens(step) if isinstance(step, RuleStep) else _all(step))
    }


def for_bot(rules: Sequence[Rule], names: Names, answered_by_bot: Collection[str]) -> list[Rule]:
    """The rules of the skill that this bot needs, with its `names` for shared intents."""
    kept: list[Rule] = []
    taken = {*answered_by_bot} - {theirs(ASKS, names)}
    for rule in rules:
        first, *others = rule["steps"]
        said = [theirs(each, names) for each in _intents(first)]
        left = said if _is_inside(rule) else [each for each in said if each not in taken]
        if left or not said:
            kept.append({**rule, "steps": [_says(left) if left else first, *others]})
    return kept


def _is_inside(rule: Rule) -> bool:
    return {"active_loop": FORM} in rule.get("condition", ())


def _intents(step: Mapping[str, Any]) -> list[str]:
    return [str(each["intent"]) for each in step.get("or", [step]) if "intent" in each]


def _says(intents: Sequence[str]) -> dict[str, Any]:
    alternatives = [{"intent": each} for each in intents]
    return alternatives[0] if len(alternatives) == 1 else {"or": alternatives}


def _opens(rule: StoryStep) -> Iterator[str]:
    """What a rule without conditions begins with."""
    for event in rule.events:
        if isinstance(event, UserUttered):
            if event.intent_name:
                yield str(event.intent_name)
            return
        if isinstance(event, SlotSet) or (isinstance(event, ActiveLoop) and event.name):
            return


def _all(story: StoryStep) -> Iterator[str]:
    for event in story.events:
        if isinstance(event, UserUttered) and event.intent_name:
            yield str(event.intent_name)
