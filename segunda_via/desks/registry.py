"""Every desk by the name that operators choose, with the fields that they paste.

The only place that knows all adapters; they are imported when they are built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

import httpx

from segunda_via.errors import ConfigurationError
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.credentials import Credentials, Field
from segunda_via.tickets.ticket import Ticket, TicketDesk

JOURNAL = "journal"
"""The embedded desk: nothing is told to anybody else."""

CA_FILE = Field("ca_file", "Arquivo do certificado da autoridade própria (em branco: nenhum)", optional=True)
ALLOW_HTTP = Field("allow_http", "Permitir http, sem criptografia", optional=True)
RETURN_SECRET = Field(
    "return_secret",
    "Segredo com que a plataforma devolve conversas ao assistente (em branco: só por comando)",
    secret=True,
    optional=True,
)


@dataclass(frozen=True)
class DeskProduct:
    """One desk. `adapter` is `module:Class` under `segunda_via.desks`, empty for the embedded one.

    `label` is its name as operators know it. `opens` says whether it can open a ticket that began here, with those
    credentials; where it cannot, it is told of its own tickets only.
    """

    label: str
    adapter: str
    fields: tuple[Field, ...]
    opens: Callable[[Credentials], bool] = lambda _: False


DESKS: Mapping[str, DeskProduct] = {
    JOURNAL: DeskProduct("Diário próprio (sem plataforma de atendimento)", "", ()),
    "whaticket": DeskProduct(
        "Whaticket",
        "whaticket:Whaticket",
        (
            Field("base_url", "Endereço da API (backend) do Whaticket"),
            Field("email", "E-mail de um usuário administrador"),
            Field("password", "Senha desse usuário", secret=True),
            RETURN_SECRET,
            CA_FILE,
            ALLOW_HTTP,
        ),
    ),
    "chatwoot": DeskProduct(
        "Chatwoot",
        "chatwoot:Chatwoot",
        (
            Field("base_url", "Endereço do Chatwoot"),
            Field("account_id", "Número da conta"),
            Field("token", "Token de acesso (Perfil › Token de acesso)", secret=True),
            Field("inbox_id", "Número da caixa de entrada do tipo API (em branco: nenhuma)", optional=True),
            RETURN_SECRET,
            CA_FILE,
            ALLOW_HTTP,
        ),
        opens=lambda credentials: bool(credentials.get("inbox_id")),
    ),
    "webhook": DeskProduct(
        "Webhook (qualquer outra plataforma)",
        "webhook:Webhook",
        (
            Field("base_url", "Endereço que recebe os eventos"),
            Field("secret", "Segredo que assina os eventos", secret=True),
            CA_FILE,
            ALLOW_HTTP,
        ),
        opens=lambda _: True,
    ),
}


def names() -> tuple[str, ...]:
    """The desks that can be chosen, the embedded one first."""
    return tuple(DESKS)


def product(name: str) -> DeskProduct:
    """ConfigurationError for a desk that does not exist."""
    try:
        return DESKS[name]
    except KeyError:
        raise ConfigurationError(f"SEGUNDA_VIA_TICKET_DESK deve ser um destes: {', '.join(DESKS)}.") from None


def fields(name: str) -> tuple[Field, ...]:
    """What an operator is asked for; ConfigurationError for a desk that does not exist."""
    return product(name).fields


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
    module, _, adapter = product(name).adapter.partition(":")
    factory: Callable[..., TicketDesk] = getattr(import_module(f"segunda_via.desks.{module}"), adapter)
    return factory(credentials, client, sessions=sessions)


def is_told(name: str, credentials: Credentials, ticket: Ticket) -> bool:
    """Whether that desk can be told of that ticket: the journal never is, and others know it or can open it."""
    return name != JOURNAL and (ticket.desk_id is not None or product(name).opens(credentials))


def check_chosen(name: str | None, credentials: Credentials | None) -> None:
    """ConfigurationError when that is no desk of ours, or the credentials do not fit; None is nothing chosen."""
    if name is not None:
        product(name)
        if credentials is not None:
            check(name, credentials)
