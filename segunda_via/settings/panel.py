"""How the panel reckons: the minutes that a ticket would have cost a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from segunda_via.errors import ConfigurationError
from segunda_via.settings.setting import Setting


@dataclass(frozen=True)
class PanelSettings:
    minutes_per_ticket: int = 5


def _read(saved: Mapping[str, Any]) -> PanelSettings:
    return PanelSettings(int(saved["minutes_per_ticket"]))


def _write(panel: PanelSettings) -> Mapping[str, Any]:
    if not 1 <= panel.minutes_per_ticket <= 120:
        raise ConfigurationError("os minutos por atendimento devem ser de 1 a 120")
    return asdict(panel)


PANEL_SETTING = Setting("panel", PanelSettings(), _read, _write)
