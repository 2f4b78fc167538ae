"""The ticket desk, saved as `{"desk": name, "credentials": {...}}`; the environment wins. Never saved: the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from segunda_via.desks import registry
from segunda_via.errors import ConfigurationError
from segunda_via.settings.environment import Environment
from segunda_via.settings.setting import Setting


@dataclass(frozen=True)
class DeskSettings:
    """A desk and what it is spoken to with."""

    name: str = registry.JOURNAL
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)


def _read(saved: Mapping[str, Any]) -> DeskSettings:
    return DeskSettings(str(saved["desk"]), dict(saved.get("credentials") or {}))


def _write(desk: DeskSettings) -> Mapping[str, Any]:
    """The fields must be complete; whether the desk answers is its `check`'s matter."""
    if desk.name not in registry.names():
        raise ConfigurationError(f"a plataforma de atendimento deve ser uma destas: {', '.join(registry.names())}")
    known = registry.fields(desk.name)
    credentials = {name: value.strip() for name, value in desk.credentials.items() if value.strip()}
    for each in known:
        if not each.optional and each.name not in credentials:
            raise ConfigurationError(f"falta o campo {each.name}: {each.label}")
    if set(credentials) - {each.name for each in known}:
        raise ConfigurationError(f"há campos que {desk.name} não tem")
    return {"desk": desk.name, "credentials": credentials}


def _fixed(environment: Environment, saved: Mapping[str, Any]) -> DeskSettings | None:
    """The environment's desk without credentials of its own takes the saved ones, if they are that desk's."""
    if environment.ticket_desk is None and environment.ticket_desk_credentials is None:
        return None
    known = _read(saved) if saved else DeskSettings()
    name, credentials = environment.ticket_desk or known.name, environment.ticket_desk_credentials
    if credentials is None and name == known.name:
        credentials = known.credentials
    return DeskSettings(name, dict(credentials or {}))


DESK_SETTING = Setting("desk", DeskSettings(), _read, _write, _fixed)
