"""What the rest of the program knows of a gateway: one `GatewayDescription` in each adapter's package.

The texts are for operators, in Brazilian Portuguese.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import httpx

from segunda_via.gateways.port import Gateway
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.credentials import ALLOW_HTTP, CA_FILE, Credentials, Field

BASE_URL = Field(
    "base_url",
    "Endereço da API (em branco: o oficial)",
    where="Só preencha se o seu acesso usa outro endereço.",
    example="https://api.exemplo.com.br/v3",
    history="endereço",
    optional=True,
    advanced=True,
)
LINK_HOSTS = Field(
    "link_hosts",
    "Outros endereços para onde vão os links de pagamento, separados por vírgula (em branco: nenhum)",
    where="Endereços de outros sites a que os links de pagamento levam. Um link para qualquer outro não é enviado.",
    example="boleto.exemplo.com.br",
    history="endereços de link",
    optional=True,
    advanced=True,
)
PDF_HOSTS = Field(
    "pdf_hosts",
    "Outros endereços de onde vêm os PDFs, separados por vírgula (em branco: nenhum)",
    where="Endereços extras de onde vêm os PDFs.",
    example="cdn.exemplo.com.br",
    history="endereços de PDF",
    optional=True,
    advanced=True,
)
COMMON = (BASE_URL, CA_FILE, ALLOW_HTTP, LINK_HOSTS, PDF_HOSTS)
"""The fields that every gateway has beside its own."""


def no_warning(credentials: Credentials) -> str | None:
    return None


@dataclass(frozen=True)
class Choice:
    """What operators choose, by the name of `SEGUNDA_VIA_GATEWAY`: a gateway, or a family of them."""

    name: str
    label: str
    about: str
    """What it takes, in a few words."""


@dataclass(frozen=True)
class GatewayDescription:
    """One gateway. How it is called and what it answers stand beside this, in its `adapter` and `reading`."""

    name: str
    """Of its package and its adapter, in metrics and in errors."""
    label: str
    """As people call it."""
    adapter: str
    """The class in the `adapter` module of its package, which is imported when it is built: a start pays for one."""
    fields: tuple[Field, ...]
    """What operators paste."""
    about: str = ""
    """What it takes, in a few words; empty for one of a family."""
    family: Choice | None = None
    """What operators choose first, where several gateways go by one name; `profile` then holds this one's `name`."""
    signs_in: bool = True
    """Whether it trades its credentials for a session token, which all processes share."""
    hosts: frozenset[str] = frozenset()
    """Its own hosts: its payment links may lead there, and its PDFs come from there. See `Gateway.link_hosts`."""
    together: tuple[str, ...] = ()
    """Names of fields that are filled all or not at all."""
    warning: Callable[[Credentials], str | None] = no_warning
    """What to think about before saving, though it may be right."""

    @property
    def choice(self) -> Choice:
        return self.family or Choice(self.name, self.label, self.about)

    @property
    def title(self) -> str:
        """Its whole name: "MKC, MK-AUTH"."""
        return f"{self.family.label}, {self.label}" if self.family else self.label

    def access_fields(self, credentials: Credentials | None = None) -> tuple[Field, ...]:
        """The fields that let one in; of those that are filled, when the credentials are known."""
        return tuple(
            each for each in self.fields if each.access and (credentials is None or each.name in credentials)
        )

    def access(self, credentials: Credentials | None = None) -> str:
        """Those fields in words: "o token, o usuário ou a senha"."""
        *others, last = [each.access for each in self.access_fields(credentials)] or ["o acesso"]
        return f"{', '.join(others)} ou {last}" if others else last

    def adapter_class(self) -> Callable[..., Gateway]:
        """Imported now. It takes the credentials and a client; `sessions`, when it signs in; `budget` and `retries`."""
        found: Callable[..., Gateway] = getattr(
            import_module(f"segunda_via.gateways.{self.name}.adapter"), self.adapter
        )
        return found

    def build(self, credentials: Credentials, client: httpx.AsyncClient, sessions: ApiSessions) -> Gateway:
        shared = {"sessions": sessions} if self.signs_in else {}
        return self.adapter_class()(credentials, client, **shared)
