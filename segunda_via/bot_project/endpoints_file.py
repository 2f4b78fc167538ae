"""A bot's endpoints.yml: where its actions run, who says its texts, and how its conversations are kept."""

from __future__ import annotations

from typing import Any

from segunda_via.bot_project.yaml_lists import YamlLists

RESPONSES = "segunda_via.rasa_plugin.nlg.SavedResponsesGenerator"
"""Says the texts that operators saved; what they did not change is the domain's."""

_ACTION_ENDPOINT = """\
# Where the custom actions run: `rasa run actions`.
action_endpoint:
  url: "http://localhost:5055/webhook"
"""
_NLG = f"""\
# Segunda Via: the texts that operators saved lie over those of the domain; all others are said as before.
nlg:
  type: {RESPONSES}
"""


class EndpointsFile:
    """Reads it, and edits it by `complete`. A file that does not exist is an empty one."""

    def __init__(self, text: str, name: str = "endpoints.yml") -> None:
        self._yaml = YamlLists(text, name)

    @property
    def text(self) -> str:
        return self._yaml.text

    @property
    def has_actions(self) -> bool:
        return self._yaml.has("action_endpoint")

    @property
    def responses(self) -> str | None:
        """Who says the texts: a class path or an address; None where Rasa does by itself."""
        nlg = self._part("nlg")
        return str(nlg.get("type") or nlg.get("url") or "?") if nlg else None

    @property
    def tracker_store(self) -> str | None:
        """The type of the tracker store; None where conversations are kept in memory alone."""
        kept = self._part("tracker_store")
        return str(kept.get("type") or "?") if kept else None

    def complete(self) -> None:
        if not self.has_actions:
            self._yaml.add(_ACTION_ENDPOINT)
        if self.responses is None:
            self._yaml.add(_NLG)

    def _part(self, key: str) -> dict[str, Any]:
        found = self._yaml.value(key)
        return found if isinstance(found, dict) else {}
