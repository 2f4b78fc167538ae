"""What an operator pasted and has not confirmed yet: kept encrypted for a quarter of an hour, never shown again.

A `Draft` waits to be confirmed. The secrets of a form that was refused are kept too, so that only the wrong one has to
be pasted anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from segunda_via.boletos.checks import Payee
from segunda_via.errors import SecretKeyError
from segunda_via.settings.store import DRAFT, DRAFTS_KEPT
from segunda_via.web.page import Visit


@dataclass(frozen=True)
class UnsavedForm:
    gateway: str
    credentials: Mapping[str, str] = field(repr=False)
    answered: Mapping[str, Any]
    """What the gateway said: account, environment, warnings."""
    payee: Payee
    based_on: str | None
    """The version of the saved gateway when this was begun."""


def keep(visit: Visit, draft: UnsavedForm) -> None:
    value = {**draft.__dict__, "credentials": dict(draft.credentials), "payee": draft.payee.__dict__}
    visit.app.settings.put(visit.company, _name(visit), value, by=visit.operator, at=visit.app.now())


def take(visit: Visit) -> UnsavedForm | None:
    """The operator's draft; None when there is none, or it is too old."""
    try:
        saved = visit.app.settings.get(visit.company, _name(visit))
    except SecretKeyError:
        return None
    if saved is None or visit.app.now() - saved.saved_at > DRAFTS_KEPT:
        return None
    return UnsavedForm(**{**saved.value, "payee": Payee(**saved.value["payee"])})


def drop(visit: Visit) -> None:
    visit.app.settings.remove(visit.company, _name(visit))


def keep_pasted(visit: Visit, form: str, secrets: Mapping[str, str]) -> None:
    """Keep what was pasted into a form's secret fields. It counts only when that very form, refused, is sent again."""
    visit.app.settings.put(visit.company, _name(visit, form), dict(secrets), by=visit.operator, at=visit.app.now())


def pasted(visit: Visit, form: str) -> Mapping[str, str]:
    """The secrets that this operator pasted into that form and has not saved yet."""
    try:
        saved = visit.app.settings.get(visit.company, _name(visit, form))
    except SecretKeyError:
        return {}
    return saved.value if saved is not None and visit.app.now() - saved.saved_at <= DRAFTS_KEPT else {}


def drop_pasted(visit: Visit, form: str) -> None:
    visit.app.settings.remove(visit.company, _name(visit, form))


def _name(visit: Visit, form: str = "") -> str:
    return f"{DRAFT}{form} {visit.session.operator_id}" if form else f"{DRAFT}{visit.session.operator_id}"
