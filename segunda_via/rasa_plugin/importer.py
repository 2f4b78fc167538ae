"""Adds the skill to a bot. In the bot's `config.yml`, after the importer of its own files:

    importers:
      - name: RasaFileImporter
      - name: segunda_via.rasa_plugin.importer.SegundaViaImporter

Rasa merges what its importers bring: intents, examples and rules of both are there, and where both have something of
one name, such as the text of a response, the bot's own counts.

    examples_per_intent: 60    # at most so many of the skill's for each intent, spread over all of them; all without it

The skill brings some two thousand: the assistant's own classifier learns them in seconds, DIET in the better part of an
hour. A bot that trains DIET names a number (docs/integrating.md tells how well it understands with fewer).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_yaml_file

from segunda_via import skill


class SegundaViaImporter(TrainingDataImporter):
    """Built by Rasa with the paths of the bot's files. It has no configuration: pipeline and policies are the bot's."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        examples_per_intent: int | None = None,
    ) -> None:
        self._examples_per_intent = examples_per_intent
        self._bot = RasaFileImporter(domain_path=domain_path)
        self._skill = RasaFileImporter(
            domain_path=str(skill.DOMAIN), training_data_paths=[str(skill.NLU), str(skill.RULES)]
        )

    def get_domain(self) -> Domain:
        """The skill's domain without what the bot's own has: Rasa would take the bot's, and warn of each."""
        bot = self._bot.get_domain()
        there: dict[str, Collection[str]] = {
            "intents": bot.intents,
            "entities": bot.entities,
            "slots": [slot.name for slot in bot.slots],
            "forms": bot.form_names,
            "actions": bot.user_actions,
            "responses": bot.responses,
        }
        return Domain.from_dict(
            {key: _without(part, there.get(key, ())) for key, part in read_yaml_file(skill.DOMAIN).items()}
        )

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        return self._skill.get_stories(exclusion_percentage)

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        data = self._skill.get_nlu_data(language)
        return data if self._examples_per_intent is None else _fewer(data, self._examples_per_intent)

    def get_conversation_tests(self) -> StoryGraph:
        return self._skill.get_conversation_tests()

    def get_config(self) -> dict[str, Any]:
        return {}

    def get_config_file_for_auto_config(self) -> str | None:
        return None


def _without(part: Any, there: Collection[str]) -> Any:
    """A list or a mapping of the domain without the names in `there`; anything else as it is."""
    if isinstance(part, dict):
        return {name: value for name, value in part.items() if name not in there}
    if isinstance(part, list):
        return [name for name in part if name not in there]
    return part


def _fewer(data: TrainingData, most: int) -> TrainingData:
    """At most that many examples of each intent, evenly spread over all of its examples: the same ones every time."""
    by_intent: dict[str, list[Message]] = {}
    for example in data.intent_examples:
        by_intent.setdefault(example.get(INTENT), []).append(example)
    kept = [
        examples[place * len(examples) // most] if len(examples) > most else examples[place]
        for examples in by_intent.values()
        for place in range(min(most, len(examples)))
    ]
    return TrainingData(kept)
