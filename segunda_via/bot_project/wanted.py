"""What a bot has to name for the skill, as `skill/config.yml` says it, and what its own intents may be called."""

from __future__ import annotations

import importlib.util
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from segunda_via import skill
from segunda_via.errors import ConfigurationError

OURS = "segunda_via."
IMPORTER = "segunda_via.rasa_plugin.importer.SegundaViaImporter"
CLASSIFIER = "segunda_via.rasa_plugin.nlu.intent_classifier.SegundaViaIntentClassifier"
"""The classifier of the stand-alone assistant, which a bot may use instead of its own."""
EXAMPLES_FOR_DIET = 60
"""Examples of each intent of the skill that a bot with DIET trains: with all of them it takes most of an hour."""
HIGHEST_PRIORITY_OF_RASA = 6
"""RulePolicy's. The skill's policies stand above it, and a bot's own must not stand above them."""

SHARED_INTENTS: Mapping[str, tuple[str, ...]] = {
    "afirmar": ("affirm", "yes", "confirmar", "sim", "afirma"),
    "negar": ("deny", "no", "nao", "nega"),
    "cancelar": ("stop", "cancel", "desistir", "cancela"),
    "falar_com_atendente": (
        "talk_to_human",
        "human_handoff",
        "handoff",
        "request_human",
        "speak_to_agent",
        "falar_com_humano",
        "falar_atendente",
        "atendente",
        "transbordo",
    ),
}
"""The skill's intents that other bots have too, and what those usually call them."""


@dataclass(frozen=True)
class Wanted:
    """The names in each list, in the order in which they should stand."""

    importers: tuple[str, ...]
    pipeline: tuple[str, ...]
    policies: tuple[str, ...]


@cache
def wanted() -> Wanted:
    said = YAML(typ="safe").load(skill.CONFIG.read_text("utf-8"))
    return Wanted(*(tuple(each["name"] for each in said[key]) for key in ("importers", "pipeline", "policies")))


def rasa_defaults(key: str) -> list[dict[str, Any]]:
    """What the installed Rasa trains with where a bot leaves `pipeline` or `policies` empty."""
    found = importlib.util.find_spec("rasa")
    for folder in (found.submodule_search_locations or ()) if found else ():
        file = Path(folder) / "engine" / "recipes" / "config_files" / "default_config.yml"
        if file.is_file():
            return [dict(each) for each in YAML(typ="safe").load(file.read_text("utf-8"))[key]]
    raise ConfigurationError(
        f"config.yml deixa `{key}` vazio, e o padrão do Rasa não pôde ser lido: "
        "instale o Rasa neste ambiente (pip install 'segunda-via[rasa]')"
    )


def intent_names(of_the_bot: Collection[str]) -> dict[str, str]:
    """The skill's name -> the bot's, for the shared intents that the bot has under another name alone."""
    return {
        ours: theirs
        for ours, names in SHARED_INTENTS.items()
        if ours not in of_the_bot
        for theirs in [next((name for name in names if name in of_the_bot), None)]
        if theirs
    }
