"""Where an operator finds each field in the gateway's own panel, how it looks, and what went wrong with it.

In Brazilian Portuguese, for the screen and the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from segunda_via.errors import GatewayError, GatewayRateLimited, GatewayUnavailable, TokenRejected


@dataclass(frozen=True)
class FieldHelp:
    """`where` it is found, and an `example` of its shape (made up)."""

    where: str
    example: str = ""


NAMES: Mapping[str, str] = {"asaas": "Asaas", "sga": "SGA", "cobre_facil": "Cobre Fácil", "mkc": "MKC"}
ABOUT: Mapping[str, str] = {
    "asaas": "Um token da API",
    "sga": "Hinova: token, usuário e senha",
    "cobre_facil": "App ID e Secret",
    "mkc": "MK-AUTH ou MK Solutions, no seu servidor",
}
PROFILES: Mapping[str, str] = {"mk_auth": "MK-AUTH", "mk_solutions": "MK Solutions"}

_COMMON: Mapping[str, FieldHelp] = {
    "base_url": FieldHelp("Só preencha se o seu acesso usa outro endereço.", "https://api.exemplo.com.br/v3"),
    "ca_file": FieldHelp("Caminho, no servidor, do certificado da sua autoridade própria.", "/etc/ssl/minha-ca.pem"),
    "allow_http": FieldHelp("Evite: qualquer um no caminho lê o que você colou acima."),
    "link_hosts": FieldHelp(
        "Endereços de outros sites a que os links de pagamento levam. Um link para qualquer outro não é enviado.",
        "boleto.exemplo.com.br",
    ),
    "pdf_hosts": FieldHelp("Endereços extras de onde vêm os PDFs.", "cdn.exemplo.com.br"),
}
_SELF_HOSTED: Mapping[str, FieldHelp] = {
    **_COMMON,
    "base_url": FieldHelp(
        "O endereço que você abre no navegador para entrar no sistema.", "https://mk.suaempresa.com.br"
    ),
}
HELP: Mapping[str, Mapping[str, FieldHelp]] = {
    "asaas": {
        **_COMMON,
        "token": FieldHelp(
            "No Asaas: menu do usuário → Integrações → Chaves de API.", "$aact_prod_000MzkwODA2MWY2OGM3…"
        ),
    },
    "sga": {
        **_COMMON,
        "token": FieldHelp(
            "No SGA: Área do Cliente → APIs. Marque as rotas de associado e de boleto.", "7f3c0a9e51b2…"
        ),
        "usuario": FieldHelp("Um usuário do SGA só para a integração. Cada entrada encerra a anterior.", "api.boleto"),
        "senha": FieldHelp("A senha desse usuário."),
    },
    "cobre_facil": {
        **_COMMON,
        "app_id": FieldHelp("No Cobre Fácil: Configurações → API.", "app-0a1b2c3d4e5f"),
        "secret": FieldHelp("Na mesma tela do App ID.", "sk-9f8e7d6c5b4a…"),
    },
    "mk_auth": {
        **_SELF_HOSTED,
        "client_id": FieldHelp("No MK-AUTH: Controle de usuários → usuário → API.", "Client_Id_5f4dcc3b…"),
        "client_secret": FieldHelp(
            "Na mesma tela. Habilite também as rotas de título e de cliente.", "Client_Secret_1a2b…"
        ),
    },
    "mk_solutions": {
        **_SELF_HOSTED,
        "token": FieldHelp("No MK: Integradores → APIs gerais → token do usuário.", "0f1e2d3c4b5a…"),
        "password": FieldHelp("A contrassenha do perfil do integrador."),
        "cd_servico": FieldHelp("O código do serviço liberado no perfil.", "9999"),
    },
}


def help_of(gateway: str, profile: str | None) -> Mapping[str, FieldHelp]:
    """Field -> its help."""
    return HELP[(profile or "mk_auth") if gateway == "mkc" else gateway]


_ACCESS: Mapping[str, Mapping[str, str]] = {
    "asaas": {"token": "o token"},
    "sga": {"token": "o token", "usuario": "o usuário", "senha": "a senha"},
    "cobre_facil": {"app_id": "o App ID", "secret": "o Secret"},
    "mk_auth": {"client_id": "o Client ID", "client_secret": "o Client Secret"},
    "mk_solutions": {"token": "o token", "password": "a contrassenha"},
}
"""Adapter -> the fields that let one in, as they are called in a sentence."""


def called(gateway: str) -> str:
    """A gateway, or an adapter, as people know it.

    >>> called("cobre_facil"), called("mk_auth"), called("outro")
    ('Cobre Fácil', 'MK-AUTH', 'outro')
    """
    return NAMES.get(gateway) or PROFILES.get(gateway) or gateway


def access(adapter: str, credentials: Mapping[str, str] | None = None) -> str:
    """What lets one in: of the fields that are filled, when the credentials are known.

    >>> access("sga"), access("sga", {"token": "x"}), access("cobre_facil")
    ('o token, o usuário ou a senha', 'o token', 'o App ID ou o Secret')
    """
    names = [_ACCESS[adapter][field] for field in access_fields(adapter, credentials)]
    return " ou ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def access_fields(adapter: str, credentials: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The names of those fields."""
    return tuple(field for field in _ACCESS[adapter] if credentials is None or field in credentials)


def refuses(error: GatewayError) -> bool:
    """Whether what was pasted is refused, and not merely of another environment."""
    return isinstance(error, TokenRejected) and "invalid_environment" not in str(error)


def in_words(error: GatewayError, credentials: Mapping[str, str] | None = None) -> str:
    """Why the gateway did not take what was pasted, and what to do; never repeats it."""
    if isinstance(error, TokenRejected):
        if "invalid_environment" in str(error):
            return "a chave é de outro ambiente (testes ou produção): use a chave do ambiente certo"
        refused = access(error.gateway, credentials) if error.gateway in _ACCESS else "o acesso"
        whole = "ele está inteiro, ativo" if " ou " not in refused else "estão inteiros, ativos"
        return f"o gateway recusou {refused}: confira se {whole} e com permissão"
    if isinstance(error, GatewayRateLimited):
        return "o gateway pediu para esperar: tente de novo em um minuto"
    if isinstance(error, GatewayUnavailable):
        return "o gateway não respondeu: confira o endereço e tente de novo em instantes"
    return "o gateway deu uma resposta que não entendo: confira se o endereço é o da API"
