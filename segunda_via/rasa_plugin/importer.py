"""Adds the skill to a bot. In the bot's `config.yml`, after the importers of its own files:

    importers:
      - name: RasaFileImporter
      - name: segunda_via.rasa_plugin.importer.SegundaViaImporter
        intents: {afirmar: affirm, negar: deny, falar_com_atendente: talk_to_human}

`intents` says what the bot calls intents that it shares with the skill. Of whatever both have, the bot's own counts:

- an intent, entity, slot, response, form or action of the same name is left out of the skill's domain;
- of a shared intent the skill brings no examples, and of no intent one that the bot has under another intent;
- where the bot answers an intent itself, by a rule without conditions or in a story, the skill's rule outside of its
  own form is left out; but `pedir_segunda_via` leads to the boleto in every bot.

The bot's own is what all its other importers bring, whichever they are.

A bot that trains DIET names how many examples it takes of each intent, spread over all of them:

        examples_per_intent: 60

The skill brings some two thousand: the assistant's own classifier learns them in seconds, DIET in the better part of an
hour (docs/integrating.md tells how well it understands with fewer).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.importers.importer import CombinedDataImporter, TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_config_file, read_yaml_file

from segunda_via import skill
from segunda_via.conversation import slots
from segunda_via.intents import example_files
from segunda_via.intents.example_files import same_words
from segunda_via.rasa_plugin import skill_rules

PATH = "segunda_via.rasa_plugin.importer.SegundaViaImporter"
"""How `config.yml` names it."""


class SegundaViaImporter(TrainingDataImporter):
    """Built by Rasa with the paths of the bot's files. Pipeline and policies are the bot's: it brings none."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        intents: Mapping[str, str] | None = None,
        examples_per_intent: int | None = None,
    ) -> None:
        """InvalidConfigException when `intents` names what is no intent of the skill's, or none of the bot's."""
        self._config_file = config_file
        self._paths = (config_file, domain_path, training_data_paths)
        self._names = _checked(intents)
        self._examples_per_intent = examples_per_intent

    @cached_property
    def _bot(self) -> CombinedDataImporter:
        config = read_config_file(self._config_file) if self._config_file and Path(self._config_file).exists() else {}
        others = [dict(each) for each in config.get("importers") or () if each.get("name") != PATH]
        built = [TrainingDataImporter._importer_from_dict(each, *self._paths) for each in others]
        return CombinedDataImporter([each for each in built if each] or [RasaFileImporter(*self._paths)])

    def get_domain(self) -> Domain:
        """The skill's domain without what the bot's own has: Rasa would take the bot's, and warn of each."""
        bot = self._bot.get_domain()
        self._require_intents(bot)
        there: dict[str, Collection[str]] = {
            "intents": {*bot.intents, *self._names},
            "entities": bot.entities,
            "slots": [slot.name for slot in bot.slots],
            "forms": bot.form_names,
            "actions": bot.user_actions,
            "responses": bot.responses,
        }
        brought = read_yaml_file(skill.DOMAIN)
        if self._names:
            brought["slots"][slots.INTENTS]["initial_value"] = dict(self._names)
        return Domain.from_dict({key: _without(part, there.get(key, ())) for key, part in brought.items()})

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """The skill's rules. They are few and needed whole: none is excluded."""
        answered = skill_rules.answered(self._bot.get_stories(), set(read_yaml_file(skill.DOMAIN)["actions"]))
        rules = [rule for path in sorted(skill.RULES.glob("*.yml")) for rule in read_yaml_file(path)["rules"]]
        kept = skill_rules.for_bot(rules, self._names, answered)
        return StoryGraph(YAMLStoryReader().read_from_parsed_yaml({"rules": kept}))

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The skill's examples, and those that were taught where the bot has no folder of its own for them."""
        own = self._bot.get_nlu_data(language).intent_examples
        meant = {same_words(each.get(TEXT) or ""): each.get(INTENT) for each in own}
        brought = RasaFileImporter(training_data_paths=[str(skill.NLU)]).get_nlu_data(language)
        if self._examples_per_intent is not None:
            brought = _fewer(brought, self._examples_per_intent)
        apart = [str(folder) for folder in example_files.taught_apart(Path())]
        taught = RasaFileImporter(training_data_paths=apart).get_nlu_data(language)
        return brought.merge(taught).filter_training_examples(
            lambda each: each.get(INTENT) not in self._names
            and meant.get(same_words(each.get(TEXT) or ""), each.get(INTENT)) == each.get(INTENT)
        )

    def get_conversation_tests(self) -> StoryGraph:
        return StoryGraph([])

    def get_config(self) -> dict[str, Any]:
        return {}

    def get_config_file_for_auto_config(self) -> str | None:
        return None

    def _require_intents(self, bot: Domain) -> None:
        missing = [name for name in self._names.values() if name not in bot.intents]
        if missing and bot.intents:
            raise InvalidConfigException(
                f"config.yml, {PATH}, intents: o domínio do bot não tem {', '.join(sorted(missing))}"
            )


def _checked(intents: Any) -> dict[str, str]:
    names = intents or {}
    known = {name if isinstance(name, str) else next(iter(name)) for name in read_yaml_file(skill.DOMAIN)["intents"]}
    if not isinstance(names, Mapping) or not all(isinstance(each, str) for each in names.values()):
        raise InvalidConfigException(f"config.yml, {PATH}: intents deve ser como {{afirmar: affirm, negar: deny}}")
    if unknown := sorted(set(names) - known):
        raise InvalidConfigException(
            f"config.yml, {PATH}, intents: o plugin não tem {', '.join(unknown)}; tem {', '.join(sorted(known))}"
        )
    return dict(names)


def _without(part: Any, there: Collection[str]) -> Any:
    """A list or a mapping of the domain without the names in `there`; anything else as it is."""
    if isinstance(part, dict):
        return {name: value for name, value in part.items() if name not in there}
    if isinstance(part, list):
        return [each for each in part if (each if isinstance(each, str) else next(iter(each))) not in there]
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
