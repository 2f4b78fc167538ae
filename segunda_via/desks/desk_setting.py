"""The ticket desk, saved under `desk` as `{"desk": name, "credentials": {...}}`; the environment wins.

Never saved: the journal. What cannot be a desk is a ConfigurationError, one line in Brazilian Portuguese.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from segunda_via.desks import registry
from segunda_via.errors import ConfigurationError
from segunda_via.settings.environment import Environment
from segunda_via.settings.store import SettingsStore

NAME = "desk"


@dataclass(frozen=True)
class DeskSettings:
    """The desk in force and what it is spoken to with."""

    name: str = registry.JOURNAL
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    from_environment: bool = False


def in_force(store: SettingsStore, company: str, environment: Environment | None = None) -> DeskSettings:
    """The environment's desk without credentials of its own takes the saved ones, if they are that desk's."""
    environment = environment or Environment()
    saved = store.get(company, NAME)
    saved_name = str(saved.value["desk"]) if saved else registry.JOURNAL
    name = environment.ticket_desk or saved_name
    credentials = environment.ticket_desk_credentials
    if credentials is None and saved and saved_name == name:
        credentials = saved.value.get("credentials")
    return DeskSettings(
        name=name,
        credentials=dict(credentials or {}),
        from_environment=environment.ticket_desk is not None or environment.ticket_desk_credentials is not None,
    )


def save(store: SettingsStore, company: str, settings: DeskSettings, *, by: str, at: datetime) -> None:
    """Save it once its fields are complete; whether the desk answers is its `check`'s matter."""
    if settings.name not in registry.names():
        raise ConfigurationError(f"a plataforma de atendimento deve ser uma destas: {', '.join(registry.names())}")
    known = registry.fields(settings.name)
    credentials = {name: value.strip() for name, value in settings.credentials.items() if value.strip()}
    for each in known:
        if not each.optional and each.name not in credentials:
            raise ConfigurationError(f"falta o campo {each.name}: {each.label}")
    if set(credentials) - {each.name for each in known}:
        raise ConfigurationError(f"há campos que {settings.name} não tem")
    store.put(company, NAME, {"desk": settings.name, "credentials": credentials}, by=by, at=at)
