"""How every setting is read and saved, such as `QUEUE_SETTING.in_force(store, company)`.

What is in force is what the environment says, else what an operator saved, else the default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar

from segunda_via.settings.environment import Environment
from segunda_via.settings.store import Saved, SettingsStore

T = TypeVar("T")


class Settings(Protocol):
    """What is saved, and the environment that stands over it; see `SettingsStore` and `RecentSettings`."""

    @property
    def environment(self) -> Environment: ...

    def get(self, company: str, name: str) -> Saved | None: ...


class Source(Enum):
    """Where a value comes from."""

    ENVIRONMENT = "environment"
    SAVED = "saved"
    DEFAULT = "default"


@dataclass(frozen=True)
class InForce(Generic[T]):
    """A value, and where it comes from."""

    value: T = field(repr=False)
    source: Source


def _nothing(environment: Environment, saved: Mapping[str, Any]) -> None:
    """What the environment says of most settings."""


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One setting, saved under `name` as a JSON object.

    read    the value in that object
    write   the object to be saved; ConfigurationError, one line in Portuguese, when the value cannot be
    fixed   the environment's value, None when it says nothing; it may take from what is saved ({}: nothing)
    """

    name: str
    default: T
    read: Callable[[Mapping[str, Any]], T]
    write: Callable[[T], Mapping[str, Any]]
    fixed: Callable[[Environment, Mapping[str, Any]], T | None] = _nothing

    def in_force(self, store: Settings, company: str) -> T:
        """The value that counts; SecretKeyError when it was saved under another key."""
        return self.with_source(store, company).value

    def with_source(self, store: Settings, company: str) -> InForce[T]:
        """The same, and where it comes from."""
        saved = store.get(company, self.name)
        fixed = self.fixed(store.environment, saved.value if saved else {})
        if fixed is not None:
            return InForce(fixed, Source.ENVIRONMENT)
        if saved is not None:
            return InForce(self.read(saved.value), Source.SAVED)
        return InForce(self.default, Source.DEFAULT)

    def save(self, store: SettingsStore, company: str, value: T, *, by: str, at: datetime) -> None:
        """Check and save it, in the name of `by`; the audit trail says so."""
        store.put(company, self.name, self.write(value), by=by, at=at)

    def change(self, store: SettingsStore, company: str, change: Callable[[T], T], *, by: str, at: datetime) -> bool:
        """Save what `change` makes of the saved value; whether it made another one.

        SavedMeanwhile when somebody else saved it at the same moment.
        """
        saved = store.get(company, self.name)
        known = self.read(saved.value) if saved else self.default
        changed = change(known)
        if changed == known:
            return False
        only_this = store.unchanged_since(**{self.name: saved.version if saved else None})
        only_this.put(company, self.name, self.write(changed), by=by, at=at)
        return True

    def remove(self, store: SettingsStore, company: str, *, by: str, at: datetime) -> None:
        """Erase what is saved, if anything is; the audit trail says so."""
        store.remove(company, self.name, by=by, at=at)
