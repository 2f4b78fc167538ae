"""Saving from a form: what is refused is told in words, and nobody writes over another's work unknowingly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from segunda_via.boletos.formatting import moment
from segunda_via.errors import ConfigurationError, SavedMeanwhile
from segunda_via.settings.setting import Setting
from segunda_via.settings.store import SettingsStore
from segunda_via.web.page import Visit

T = TypeVar("T")


@dataclass(frozen=True)
class SaveRefused:
    """Why nothing was saved."""

    words: str
    status: int


def save(visit: Visit, setting: Setting[T], typed: Callable[[], T]) -> SaveRefused | None:
    """Save what was typed over the version that the form was shown with (`versao`); None when it was saved.

    `typed` reads the form; its ConfigurationError is told, too.
    """

    def save_it(store: SettingsStore) -> None:
        setting.save(store, visit.company, typed(), by=visit.operator, at=visit.app.now())

    return attempt(visit, setting.name, save_it)


def attempt(visit: Visit, name: str, save: Callable[[SettingsStore], object]) -> SaveRefused | None:
    """The same by a function of one's own, to which the store that refuses is given."""
    try:
        save(visit.app.settings.unchanged_since(**{name: visit.form["versao"] or None}))
    except SavedMeanwhile as error:
        who = f"{error.by} salvou esta página em {moment(error.at)}" if error.by else "alguém salvou esta página"
        return SaveRefused(
            f"{who}, enquanto você editava. Nada seu foi salvo: confira e salve de novo para substituir", 409
        )
    except ConfigurationError as error:
        return SaveRefused(str(error), 400)
    return None


def version(visit: Visit, setting: Setting[T]) -> str:
    """What the form carries along as `versao`."""
    return visit.app.settings.version(visit.company, setting.name) or ""
