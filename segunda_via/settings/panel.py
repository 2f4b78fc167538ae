"""How the panel reckons, saved under `panel`: the minutes that a ticket would have cost a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from segunda_via.errors import ConfigurationError
from segunda_via.settings.store import SettingsStore

NAME = "panel"


@dataclass(frozen=True)
class PanelSettings:
    minutes_per_ticket: int = 5


def in_force(store: SettingsStore, company: str) -> PanelSettings:
    saved = store.get(company, NAME)
    return PanelSettings() if saved is None else PanelSettings(int(saved.value["minutes_per_ticket"]))


def save(store: SettingsStore, company: str, panel: PanelSettings, *, by: str, at: datetime) -> None:
    """Save `panel`; ConfigurationError, one line in Brazilian Portuguese, when it cannot be."""
    if not 1 <= panel.minutes_per_ticket <= 120:
        raise ConfigurationError("os minutos por atendimento devem ser de 1 a 120")
    store.put(company, NAME, {"minutes_per_ticket": panel.minutes_per_ticket}, by=by, at=at)
