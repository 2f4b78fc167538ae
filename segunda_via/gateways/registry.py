"""Every gateway by the name that operators choose, with the fields that they paste.

The only place that knows all adapters; they are imported when they are built, so that a start pays for one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

import httpx

from segunda_via.errors import ConfigurationError
from segunda_via.gateways.port import Gateway
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.credentials import Credentials, Field

COMMON = (
    Field("base_url", "Endereço da API (em branco: o oficial)", optional=True),
    Field("ca_file", "Arquivo do certificado da autoridade própria (em branco: nenhum)", optional=True),
    Field("allow_http", "Permitir http, sem criptografia", optional=True),
    Field(
        "link_hosts",
        "Outros endereços para onde vão os links de pagamento, separados por vírgula (em branco: nenhum)",
        optional=True,
    ),
    Field(
        "pdf_hosts", "Outros endereços de onde vêm os PDFs, separados por vírgula (em branco: nenhum)", optional=True
    ),
)
SELF_HOSTED = (Field("base_url", "Endereço do seu servidor"), *COMMON[1:])
PROFILE = Field("profile", "Perfil", optional=True)


@dataclass(frozen=True)
class GatewayProduct:
    """One API that an adapter speaks: `adapter` is `module:Class` under `segunda_via.gateways`.

    `signs_in` says whether it trades its credentials for a session token, which all processes share.
    """

    adapter: str
    fields: tuple[Field, ...]
    signs_in: bool = True

    def build(self, credentials: Credentials, client: httpx.AsyncClient, sessions: ApiSessions) -> Gateway:
        module, name = self.adapter.split(":")
        factory: Callable[..., Gateway] = getattr(import_module(f"segunda_via.gateways.{module}"), name)
        return factory(credentials, client, sessions=sessions) if self.signs_in else factory(credentials, client)


ASAAS = GatewayProduct(
    "asaas:Asaas", (Field("token", "Token da API (começa com $aact_)", secret=True), *COMMON), signs_in=False
)
SGA = GatewayProduct(
    "sga:Sga",
    (
        Field("token", "Token da API, da Área do Cliente", secret=True),
        Field("usuario", "Usuário da API (em branco: só o token)", optional=True),
        Field("senha", "Senha da API (em branco: só o token)", secret=True, optional=True),
        *COMMON,
    ),
)
COBRE_FACIL = GatewayProduct(
    "cobre_facil:CobreFacil",
    (Field("app_id", "App ID", secret=True), Field("secret", "Secret", secret=True), *COMMON),
)
MK_AUTH = GatewayProduct(
    "mk_auth:MkAuth",
    (
        PROFILE,
        Field("client_id", "Client ID do usuário da API", secret=True),
        Field("client_secret", "Client Secret", secret=True),
        *SELF_HOSTED,
    ),
)
MK_SOLUTIONS = GatewayProduct(
    "mk_solutions:MkSolutions",
    (
        PROFILE,
        Field("token", "Token do usuário", secret=True),
        Field("password", "Contrassenha", secret=True),
        Field("cd_servico", "Código do serviço (em branco: 9999)", optional=True),
        *SELF_HOSTED,
    ),
)

GATEWAYS: Mapping[str, Mapping[str, GatewayProduct]] = {
    "asaas": {"": ASAAS},
    "sga": {"": SGA},
    "cobre_facil": {"": COBRE_FACIL},
    "mkc": {"mk_auth": MK_AUTH, "mk_solutions": MK_SOLUTIONS},
}
"""Gateway -> profile -> product. The first profile is the default; most gateways have one, without a name."""


def names() -> tuple[str, ...]:
    """The gateways that can be chosen."""
    return tuple(GATEWAYS)


def profiles(name: str) -> tuple[str, ...]:
    """The profiles that a gateway's operator chooses among; empty when there is nothing to choose."""
    return tuple(filter(None, _products(name)))


def fields(name: str, profile: str | None = None) -> tuple[Field, ...]:
    """What an operator is asked for; ConfigurationError for a gateway or a profile that does not exist."""
    return _product(name, profile).fields


def check(name: str, credentials: Credentials) -> None:
    """ConfigurationError, naming the field, when one is missing or unknown."""
    known = fields(name, credentials.get("profile"))
    wanted = ", ".join(field.name for field in known if not field.optional)
    for field in known:
        if not field.optional and not credentials.get(field.name):
            raise ConfigurationError(f"SEGUNDA_VIA_CREDENTIALS deve conter, para {name}: {wanted}; falta {field.name}.")
    unknown = set(credentials) - {field.name for field in known}
    if unknown:
        raise ConfigurationError(
            # The unknown names are not repeated: a token pasted in the wrong place would be among them.
            f"SEGUNDA_VIA_CREDENTIALS deve conter só campos de {name}: "
            f"{', '.join(field.name for field in known)}; há {len(unknown)} a mais."
        )


def build(name: str, credentials: Credentials, client: httpx.AsyncClient, sessions: ApiSessions) -> Gateway:
    """The adapter, ready to be asked; ConfigurationError when the credentials do not fit."""
    check(name, credentials)
    return _product(name, credentials.get("profile")).build(credentials, client, sessions)


def check_chosen(name: str | None, credentials: Credentials | None) -> None:
    """ConfigurationError when that is no gateway of ours, or the credentials do not fit; None is nothing chosen."""
    if name is not None:
        _products(name)
        if credentials is not None:
            check(name, credentials)


def _products(name: str) -> Mapping[str, GatewayProduct]:
    try:
        return GATEWAYS[name]
    except KeyError:
        raise ConfigurationError(f"SEGUNDA_VIA_GATEWAY deve ser um destes: {', '.join(GATEWAYS)}.") from None


def _product(name: str, profile: str | None) -> GatewayProduct:
    products = _products(name)
    chosen = profile or next(iter(products))
    try:
        return products[chosen]
    except KeyError:
        raise ConfigurationError(f"profile deve ser um destes: {', '.join(products)}.") from None
