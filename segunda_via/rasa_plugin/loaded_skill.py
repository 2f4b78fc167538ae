"""What of the skill Rasa loads for a bot, as JSON: for an importer that cannot be imported, Rasa only warns.

    python -m segunda_via.rasa_plugin.loaded_skill config.yml domain.yml data [more data …]

Run in the bot's folder, as `rasa train` is. Domain, examples and rules are read by the importers of its config.yml; no
component is built, so TensorFlow is not loaded.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.training_data.structures import RuleStep, StoryStep
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.utils.io import read_config_file

from segunda_via import skill
from segunda_via.rasa_plugin.importer import PATH, SegundaViaImporter

_NAMED_PARTS = ("slots", "forms", "actions")


def told(config: str, domain: str, data: list[str]) -> dict[str, Any]:
    """`missing`: what of the skill is not there; `own`: what the bot has under a name of the skill's; `examples`:
    how many of each intent; `contradictions`: the bot's rules that answer what a rule of the skill answers otherwise.
    """
    importer = TrainingDataImporter.load_from_config(config, domain, data)
    names = _intent_names(config)
    brought = Domain.load(str(skill.DOMAIN))
    whole, own = importer.get_domain(), RasaFileImporter(domain_path=domain).get_domain()
    taught = Counter(each.get("intent") for each in importer.get_nlu_data().intent_examples)
    steps = [step for step in importer.get_stories().story_steps if isinstance(step, RuleStep)]
    ours, of_skill = _rules(config, domain, data), _taught_intents()
    missing = {key: sorted(each - _parts(whole)[key]) for key, each in _parts(brought).items()}
    missing["intents"] = sorted({names.get(each, each) for each in brought.intents} - set(whole.intents) - _DEFAULTS)
    missing["rules"] = sorted(ours - {step.block_name for step in steps})
    return {
        "missing": {key: each for key, each in missing.items() if each},
        "own": sorted(name for key in _NAMED_PARTS for name in _parts(brought)[key] & _parts(own)[key]),
        "examples": {name: taught[name] for name in sorted(names.get(each, each) for each in of_skill)},
        "rules": len(ours & {step.block_name for step in steps}),
        "contradictions": sorted(set(_contradictions(steps, ours))),
    }


_DEFAULTS = frozenset(Domain.empty().intents)


def _parts(domain: Domain) -> dict[str, set[str]]:
    return {
        "slots": {slot.name for slot in domain.slots} - {"session_started_metadata", "requested_slot"},
        "forms": set(domain.form_names),
        "actions": {name for name in domain.user_actions if not name.startswith("utter_")},
        "responses": set(domain.responses),
    }


def _rules(config: str, domain: str, data: list[str]) -> set[str]:
    """The names of the skill's rules for this bot: without those that answer what the bot answers itself."""
    options = {name: value for name, value in _importer(config).items() if name != "name"}
    brought = SegundaViaImporter(config, domain, data, **options).get_stories()
    return {step.block_name for step in brought.story_steps}


def _taught_intents() -> set[str]:
    """Those of which the skill's own files have examples."""
    entry = re.compile(r"^ *- intent: *(.+?) *$", re.MULTILINE)
    return {name for path in skill.NLU.glob("*.yml") for name in entry.findall(path.read_text("utf-8"))}


def _intent_names(config: str) -> dict[str, str]:
    """The skill's name of an intent -> the bot's, as the importer is configured."""
    return dict(_importer(config).get("intents") or {})


def _importer(config: str) -> dict[str, Any]:
    """How the bot's config.yml configures the importer."""
    importers = read_config_file(config).get("importers") or []
    return dict(next((each for each in importers if isinstance(each, dict) and each.get("name") == PATH), {}))


def _contradictions(steps: list[RuleStep], ours: set[str]) -> Iterator[tuple[str, str, str]]:
    """(the bot's rule, the skill's, the intent that both answer anywhere, each by another action)."""
    answers = [(step.block_name, intent, action) for step in steps for intent, action in _answered_anywhere(step)]
    for name, intent, action in answers:
        for rule, same, otherwise in answers:
            if name not in ours and rule in ours and intent == same and action != otherwise:
                yield name, rule, intent


def _answered_anywhere(step: StoryStep) -> Iterator[tuple[str, str]]:
    """The intents that begin that rule, and the action that follows; none where it has a condition."""
    said: list[str] = []
    for event in step.events:
        alternatives = event if isinstance(event, list) else [event]
        if isinstance(alternatives[0], UserUttered):
            said = [each.intent["name"] for each in alternatives if isinstance(each, UserUttered)]
        elif not said and isinstance(alternatives[0], (ActiveLoop, SlotSet)):
            return
        elif said and isinstance(event, ActionExecuted):
            yield from ((intent, str(event.action_name)) for intent in said)
            return


def main() -> None:
    config, domain, *data = sys.argv[1:]
    logging.disable(logging.WARNING)
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sys.path.insert(0, str(Path.cwd()))  # where Rasa looks for a bot's own classes
        try:
            found = told(config, domain, data)
        except (RasaException, OSError) as error:
            found = {"error": " ".join(str(error).split())[:500]}
    print(json.dumps(found))  # noqa: T201  read by `segunda-via plugin check`


if __name__ == "__main__":
    main()
