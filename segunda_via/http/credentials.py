"""What an operator pastes to let the assistant speak to an API: named fields, and the texts typed into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Credentials = Mapping[str, str]
"""The fields of one API, as in `SEGUNDA_VIA_CREDENTIALS`. Never logged, never in a repr."""


@dataclass(frozen=True)
class Field:
    """One field of the credentials; `label` is what the operator is asked for."""

    name: str
    label: str
    secret: bool = False
    optional: bool = False
