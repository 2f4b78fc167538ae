"""A bot's config.yml: importers, pipeline and policies, as they are and as the skill needs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segunda_via.bot_project.wanted import (
    CLASSIFIER,
    EXAMPLES_FOR_DIET,
    HIGHEST_PRIORITY_OF_RASA,
    IMPORTER,
    OURS,
    rasa_defaults,
    wanted,
)
from segunda_via.bot_project.yaml_lists import YamlLists

_CLASSIFIERS = frozenset(
    {
        "DIETClassifier",
        "KeywordIntentClassifier",
        "LogisticRegressionClassifier",
        "MitieIntentClassifier",
        "SklearnIntentClassifier",
    }
)
"""Rasa's own. FallbackClassifier may stand anywhere: it leaves alone what is certain."""


class ConfigFile:
    """Reads it, and edits it by `complete`."""

    def __init__(self, text: str, name: str = "config.yml") -> None:
        self._lists = YamlLists(text, name)

    @property
    def text(self) -> str:
        return self._lists.text

    def is_empty(self, key: str) -> bool:
        return not self._lists.has(key)

    def missing(self, key: str) -> list[str]:
        """What the skill needs in that list and is not there. Rasa's file importer only where no importer is named."""
        there = self._names(key)
        needed = getattr(wanted(), key)
        return [name for name in needed if name not in there and (key != "importers" or name == IMPORTER or not there)]

    def unknown(self, key: str) -> list[str]:
        """Names of ours in that list that do not exist (any more)."""
        known = {*getattr(wanted(), key), CLASSIFIER}
        return [name for name in self._names(key) if name.startswith(OURS) and name not in known]

    def misplaced(self) -> list[str]:
        """The components of the skill that a classifier of the bot's follows, or that follow one another wrongly."""
        names = self._names("pipeline")
        ours = list(dict.fromkeys(name for name in names if name in wanted().pipeline))
        classifies = [place for place, name in enumerate(names) if _may_classify(name)]
        overruled = [name for name in ours[-1:] if classifies and names.index(name) < classifies[-1]]
        in_order = [name for name in wanted().pipeline if name in ours]
        return overruled or [name for name, right in zip(ours, in_order, strict=True) if name != right]

    def before_extractor(self) -> bool:
        """Whether the assistant's own classifier stands before the documents are found: it must never see one."""
        names = self._names("pipeline")
        extractor = wanted().pipeline[0]
        return CLASSIFIER in names and extractor in names and names.index(CLASSIFIER) < names.index(extractor)

    def twice(self, key: str) -> list[str]:
        """What of ours is named more than once."""
        names = [name for name in self._names(key) if name.startswith(OURS)]
        return sorted({name for name in names if names.count(name) > 1})

    def outranking(self) -> list[str]:
        """Policies of the bot's that stand as high as the skill's."""
        return [
            f"{each['name']} (priority: {each['priority']})"
            for each in self._lists.items("policies")
            if not str(each["name"]).startswith(OURS)
            and isinstance(each.get("priority"), int)
            and each["priority"] > HIGHEST_PRIORITY_OF_RASA
        ]

    def intent_names(self) -> dict[str, str]:
        """The skill's intents -> the bot's names for them, as the importer is told."""
        return dict(self._importer().get("intents") or {})

    def trains_too_much(self) -> bool:
        """Whether DIET, which is slow, learns all examples of the skill."""
        has_diet = self.is_empty("pipeline") or any("DIETClassifier" in name for name in self._names("pipeline"))
        return has_diet and "examples_per_intent" not in self._importer()

    def _importer(self) -> dict[str, Any]:
        return next((each for each in self._lists.items("importers") if each.get("name") == IMPORTER), {})

    def complete(self, intents: Mapping[str, str]) -> None:
        """Add what is missing and move what is misplaced. `intents`: the bot's names, where the importer has none."""
        self._add("importers", "")
        place = self._names("importers").index(IMPORTER)
        if intents and not self.intent_names():
            self._lists.set_option("importers", place, "intents", dict(intents))
        if self.trains_too_much():
            self._lists.set_option("importers", place, "examples_per_intent", EXAMPLES_FOR_DIET)
        self._add("pipeline", "Segunda Via. Behind the classifiers: it decides over them only when it is certain.")
        if moved := self.misplaced():
            names = self._names("pipeline")
            of_ours = [name for name in wanted().pipeline if name in names]
            self._lists.move_to_end("pipeline", [names.index(name) for name in (of_ours if len(moved) > 1 else moved)])
        self._add("policies", "Segunda Via. Above RulePolicy: failures are spoken, boletos come late, people attend.")

    def _add(self, key: str, comment: str) -> None:
        if key != "importers" and self.is_empty(key):
            self._lists.append(key, rasa_defaults(key), "Rasa's defaults, with which this bot was trained so far.")
        if missing := self.missing(key):
            self._lists.append(key, [{"name": name} for name in missing], comment, before="pipeline")

    def _names(self, key: str) -> list[str]:
        return [str(each.get("name")) for each in self._lists.items(key)]


def _may_classify(name: str) -> bool:
    """Whether that component of the bot's may decide the intent: Rasa's classifiers, and whatever is not Rasa's."""
    own_class = "." in name and not name.startswith((OURS, "rasa."))
    return own_class or name.rpartition(".")[2] in _CLASSIFIERS
