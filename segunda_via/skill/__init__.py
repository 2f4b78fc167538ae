"""The skill: what the plugin adds to a bot. Data alone; `rasa_plugin/importer.py` gives it to Rasa.

What joins it has to be at home in any bot: docs/architecture.md, "What joins the skill", and a test for each of these.

config.yml   what a bot's own config.yml has to name for it
domain.yml   its intents, entities, slots, form, actions and texts
nlu/         examples of its intents
rules/       its conversations
"""

from pathlib import Path

_FOLDER = Path(__file__).parent

CONFIG = _FOLDER / "config.yml"
DOMAIN = _FOLDER / "domain.yml"
NLU = _FOLDER / "nlu"
RULES = _FOLDER / "rules"
