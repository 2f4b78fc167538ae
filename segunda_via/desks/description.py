"""What the rest of the program knows of a ticket desk: one `DeskDescription` in each adapter's package.

The texts are for operators, in Brazilian Portuguese.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import httpx

from segunda_via.http import credentials
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.credentials import CA_FILE, Credentials, Field
from segunda_via.tickets.ticket import TicketDesk

ALLOW_HTTP = replace(credentials.ALLOW_HTTP, where="Evite: qualquer um no caminho lê a senha.")
RETURN_SECRET = Field(
    "return_secret",
    "Segredo com que a plataforma devolve conversas ao assistente (em branco: só por comando)",
    where="Invente um, e informe-o à plataforma. Em branco: conversas voltam só por comando.",
    history="segredo da volta",
    secret=True,
    optional=True,
    advanced=True,
    made_up=True,
)
COMMON = (RETURN_SECRET, CA_FILE, ALLOW_HTTP)
"""The fields that most desks have beside their own."""


def opens_nothing(credentials: Credentials) -> bool:
    return False


def returns_nothing(body: Mapping[str, Any]) -> object:
    return None


def bears_no_signature(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> bool | None:
    return None


@dataclass(frozen=True)
class DeskDescription:
    """One desk. How it is called stands beside this, in its `adapter`."""

    name: str
    """Of its package and its adapter, in settings and in errors."""
    label: str
    """As people call it."""
    about: str
    """What it is, in a few words."""
    adapter: str
    """The class in the `adapter` module of its package, which is imported when it is built; empty for the journal."""
    fields: tuple[Field, ...]
    """What operators paste."""
    opens: Callable[[Credentials], bool] = opens_nothing
    """Whether it can open a ticket that began here, with those credentials; else it is told of its own tickets only."""
    returns_by: str = RETURN_SECRET.name
    """The field whose value proves that it gives a conversation back to the assistant."""
    returned: Callable[[Mapping[str, Any]], object] = returns_nothing
    """The id of the ticket that an event of its own kind gives back; None when the event is another one."""
    signed: Callable[[Mapping[str, str], bytes, str, float], bool | None] = bears_no_signature
    """Whether its own signature on an event is valid (headers, body, secret, now in seconds); None when it has none."""

    def build(self, credentials: Credentials, client: httpx.AsyncClient, sessions: ApiSessions) -> TicketDesk:
        module = import_module(f"segunda_via.desks.{self.name}.adapter")
        factory: Callable[..., TicketDesk] = getattr(module, self.adapter)
        return factory(credentials, client, sessions=sessions)
