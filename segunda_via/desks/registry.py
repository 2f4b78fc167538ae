"""Every ticket desk. All that the rest of the program knows of one comes from here.

Adapters are imported when they are built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module

import httpx

from segunda_via.desks.description import DeskDescription
from segunda_via.errors import ConfigurationError
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.credentials import Credentials, Field
from segunda_via.tickets.ticket import Ticket, TicketDesk

PACKAGES = (
    "whaticket",
    "chatwoot",
    "webhook",
)
"""In the order in which they are offered."""

JOURNAL = "journal"
"""The embedded desk: nothing is told to anybody else."""

DESKS: Mapping[str, DeskDescription] = {
    JOURNAL: DeskDescription(JOURNAL, "Diário próprio", "Os atendimentos ficam aqui mesmo", adapter="", fields=()),
    **{name: import_module(f"segunda_via.desks.{name}.description").DESCRIPTION for name in PACKAGES},
}


def names() -> tuple[str, ...]:
    """The desks that can be chosen, the embedded one first."""
    return tuple(DESKS)


def description(name: str) -> DeskDescription:
    """ConfigurationError for a desk that does not exist."""
    try:
        return DESKS[name]
    except KeyError:
        raise ConfigurationError(f"SEGUNDA_VIA_TICKET_DESK deve ser um destes: {', '.join(DESKS)}.") from None


def fields(name: str) -> tuple[Field, ...]:
    """What an operator is asked for; ConfigurationError for a desk that does not exist."""
    return description(name).fields


def every_field() -> Iterable[Field]:
    """The fields of all desks, some of which have the same."""
    for each in DESKS.values():
        yield from each.fields


def check(name: str, credentials: Credentials) -> None:
    """ConfigurationError, naming the field, when one is missing or unknown."""
    known = fields(name)
    wanted = ", ".join(field.name for field in known if not field.optional)
    for field in known:
        if not field.optional and not credentials.get(field.name):
            raise ConfigurationError(
                f"SEGUNDA_VIA_TICKET_DESK_CREDENTIALS deve conter, para {name}: {wanted}; falta {field.name}."
            )
    unknown = set(credentials) - {field.name for field in known}
    if unknown:
        has = ", ".join(field.name for field in known) if known else "nenhum"
        raise ConfigurationError(
            f"SEGUNDA_VIA_TICKET_DESK_CREDENTIALS deve conter só campos de {name}: {has}; há {len(unknown)} a mais."
        )


def build(name: str, credentials: Credentials, client: httpx.AsyncClient, sessions: ApiSessions) -> TicketDesk:
    """The adapter of a desk that is told (not the journal); ConfigurationError when the credentials do not fit."""
    check(name, credentials)
    return description(name).build(credentials, client, sessions)


def is_told(name: str, credentials: Credentials, ticket: Ticket) -> bool:
    """Whether that desk can be told of that ticket: the journal never is, and others know it or can open it."""
    return name != JOURNAL and (ticket.desk_id is not None or description(name).opens(credentials))


def check_chosen(name: str | None, credentials: Credentials | None) -> None:
    """ConfigurationError when that is no desk of ours, or the credentials do not fit; None is nothing chosen."""
    if name is not None:
        description(name)
        if credentials is not None:
            check(name, credentials)
