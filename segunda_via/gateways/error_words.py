"""Why a gateway did not take what an operator pasted, in Brazilian Portuguese; what was pasted is never repeated."""

from __future__ import annotations

from segunda_via.errors import GatewayError, GatewayRateLimited, GatewayUnavailable, TokenRejected
from segunda_via.gateways import registry
from segunda_via.http.credentials import Credentials


def refuses(error: GatewayError) -> bool:
    """Whether what was pasted is refused, and not merely of another environment."""
    return isinstance(error, TokenRejected) and "invalid_environment" not in str(error)


def in_words(error: GatewayError, credentials: Credentials | None = None) -> str:
    """What went wrong, and what to do."""
    if isinstance(error, TokenRejected):
        if "invalid_environment" in str(error):
            return "a chave é de outro ambiente (testes ou produção): use a chave do ambiente certo"
        known = registry.GATEWAYS.get(error.gateway)
        refused = known.access(credentials) if known else "o acesso"
        whole = "ele está inteiro, ativo" if " ou " not in refused else "estão inteiros, ativos"
        return f"o gateway recusou {refused}: confira se {whole} e com permissão"
    if isinstance(error, GatewayRateLimited):
        return "o gateway pediu para esperar: tente de novo em um minuto"
    if isinstance(error, GatewayUnavailable):
        return "o gateway não respondeu: confira o endereço e tente de novo em instantes"
    return "o gateway deu uma resposta que não entendo: confira se o endereço é o da API"
