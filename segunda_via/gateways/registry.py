"""Every gateway by the name that operators choose, with the fields that they paste.

The only place that knows all adapters; they are imported when they are built, so that a start pays for one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

import httpx

from segunda_via.errors import ConfigurationError
from segunda_via.gateways.port import Credentials, Gateway
from segunda_via.settings.environment import Environment


@dataclass(frozen=True)
class Field:
    """One field of a gateway's credentials; `label` is what the operator is asked for."""

    name: str
    label: str
    secret: bool = False
    optional: bool = False


COMMON = (
    Field("base_url", "Endereço da API (deixe em branco para o oficial)", optional=True),
    Field("ca_file", "Arquivo de certificado da autoridade própria", optional=True),
    Field("allow_http", "Permitir http sem criptografia (true)", optional=True),
    Field("pdf_hosts", "Outros endereços de onde vêm os PDFs, separados por vírgula", optional=True),
)


@dataclass(frozen=True)
class Product:
    """One API that an adapter speaks: `adapter` is `module:Class` under `segunda_via.gateways`."""

    adapter: str
    fields: tuple[Field, ...]

    def build(self, credentials: Credentials, client: httpx.AsyncClient) -> Gateway:
        module, name = self.adapter.split(":")
        factory: Callable[[Credentials, httpx.AsyncClient], Gateway] = getattr(
            import_module(f"segunda_via.gateways.{module}"), name
        )
        return factory(credentials, client)


PRODUCTS: Mapping[str, Product] = {
    "asaas": Product("asaas:Asaas", (Field("token", "Token da API (começa com $aact_)", secret=True), *COMMON)),
}


def names() -> tuple[str, ...]:
    """The gateways that can be chosen."""
    return tuple(PRODUCTS)


def fields(name: str) -> tuple[Field, ...]:
    """What an operator is asked for; ConfigurationError for a name that is none of `names()`."""
    return _product(name).fields


def check(name: str, credentials: Credentials) -> None:
    """ConfigurationError, naming the field, when one is missing or unknown."""
    known = fields(name)
    wanted = ", ".join(field.name for field in known if not field.optional)
    for field in known:
        if not field.optional and not credentials.get(field.name):
            raise ConfigurationError(
                f"SEGUNDA_VIA_CREDENTIALS should hold {wanted} for {name}; {field.name} is missing."
            )
    unknown = set(credentials) - {field.name for field in known}
    if unknown:
        raise ConfigurationError(
            # The unknown names are not repeated: a token pasted in the wrong place would be among them.
            f"SEGUNDA_VIA_CREDENTIALS holds {len(unknown)} field(s) that {name} does not have; "
            f"it has {', '.join(field.name for field in known)}."
        )


def build(name: str, credentials: Credentials, client: httpx.AsyncClient) -> Gateway:
    """The adapter, ready to be asked; ConfigurationError when the credentials do not fit."""
    check(name, credentials)
    return _product(name).build(credentials, client)


def validate(environment: Environment) -> None:
    """ConfigurationError when the environment names no gateway of ours, or its credentials do not fit."""
    if environment.gateway is not None:
        _product(environment.gateway)
        if environment.credentials is not None:
            check(environment.gateway, environment.credentials)


def _product(name: str) -> Product:
    try:
        return PRODUCTS[name]
    except KeyError:
        raise ConfigurationError(f"SEGUNDA_VIA_GATEWAY should be one of: {', '.join(PRODUCTS)}.") from None
