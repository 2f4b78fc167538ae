"""Every gateway. All that the rest of the program knows of one comes from here.

Adapters are imported when they are built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module

import httpx

from segunda_via.errors import ConfigurationError
from segunda_via.gateways.description import Choice, GatewayDescription
from segunda_via.gateways.port import Gateway
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.credentials import Credentials, Field

PACKAGES = (
    "asaas",
    "sga",
    "cobre_facil",
    "mk_auth",
    "mk_solutions",
)
"""In the order in which they are offered; the first of a family is the one without a `profile`."""

GATEWAYS: Mapping[str, GatewayDescription] = {
    name: import_module(f"segunda_via.gateways.{name}.description").DESCRIPTION for name in PACKAGES
}

PROFILE = Field("profile", "Perfil", history="sistema", optional=True)
"""Which of a family it is."""


def choices() -> tuple[Choice, ...]:
    """What operators choose among."""
    return tuple({each.choice.name: each.choice for each in GATEWAYS.values()}.values())


def names() -> tuple[str, ...]:
    """The names that can be chosen."""
    return tuple(choice.name for choice in choices())


def profiles(name: str) -> tuple[str, ...]:
    """The gateways of a family, by name; empty when there is nothing more to choose."""
    return tuple(each.name for each in _chosen(name) if each.family)


def description(name: str, profile: str | None = None) -> GatewayDescription:
    """ConfigurationError for a gateway or a profile that does not exist."""
    known = profiles(name)
    if not profile or not known:
        return _chosen(name)[0]
    if profile not in known:
        raise ConfigurationError(f"profile deve ser um destes: {', '.join(known)}.")
    return GATEWAYS[profile]


def label(name: str) -> str:
    """A gateway, chosen or built, as people call it.

    >>> label("cobre_facil"), label("mkc"), label("mk_auth"), label("outro")
    ('Cobre Fácil', 'MKC', 'MK-AUTH', 'outro')
    """
    known = {choice.name: choice.label for choice in choices()} | {each.name: each.label for each in GATEWAYS.values()}
    return known.get(name, name)


def fields(name: str, profile: str | None = None) -> tuple[Field, ...]:
    """What an operator is asked for, once that is chosen."""
    return description(name, profile).fields


def every_field() -> Iterable[Field]:
    """The fields of all gateways, some of which have the same."""
    yield PROFILE
    for each in GATEWAYS.values():
        yield from each.fields


def check(name: str, credentials: Credentials) -> None:
    """ConfigurationError, naming the field, when one is missing or unknown."""
    known = fields(name, credentials.get("profile"))
    wanted = ", ".join(field.name for field in known if not field.optional)
    for field in known:
        if not field.optional and not credentials.get(field.name):
            raise ConfigurationError(f"SEGUNDA_VIA_CREDENTIALS deve conter, para {name}: {wanted}; falta {field.name}.")
    allowed = [field.name for field in ((PROFILE, *known) if profiles(name) else known)]
    unknown = set(credentials) - set(allowed)
    if unknown:
        raise ConfigurationError(
            # The unknown names are not repeated: a token pasted in the wrong place would be among them.
            f"SEGUNDA_VIA_CREDENTIALS deve conter só campos de {name}: {', '.join(allowed)}; há {len(unknown)} a mais."
        )


def build(name: str, credentials: Credentials, client: httpx.AsyncClient, sessions: ApiSessions) -> Gateway:
    """The adapter, ready to be asked; ConfigurationError when the credentials do not fit."""
    check(name, credentials)
    return description(name, credentials.get("profile")).build(credentials, client, sessions)


def check_chosen(name: str | None, credentials: Credentials | None) -> None:
    """ConfigurationError when that is no gateway of ours, or the credentials do not fit; None is nothing chosen."""
    if name is not None:
        _chosen(name)
        if credentials is not None:
            check(name, credentials)


def _chosen(name: str) -> tuple[GatewayDescription, ...]:
    """One gateway, or those of a family."""
    found = tuple(each for each in GATEWAYS.values() if each.choice.name == name)
    if not found:
        raise ConfigurationError(f"SEGUNDA_VIA_GATEWAY deve ser um destes: {', '.join(names())}.")
    return found
