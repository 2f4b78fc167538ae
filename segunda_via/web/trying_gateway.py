"""From what was pasted to what the gateway answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from segunda_via import documents
from segunda_via.app import App
from segunda_via.checks import Payee
from segunda_via.errors import (
    ConfigurationError,
    GatewayError,
    GatewayRateLimited,
    GatewayUnavailable,
    SegundaViaError,
    TokenRejected,
)
from segunda_via.gateways import pasted, registry
from segunda_via.outcomes import Outcome
from segunda_via.web import trial
from segunda_via.web.page import Form

_NOBODY = documents.parse("000.000.001-91")
"""A valid number that no customer has: asking for it shows which permissions the token lacks."""

_ENVIRONMENTS = {"production": "Produção", "sandbox": "Ambiente de testes", "self-hosted": "Servidor próprio"}
_PASSWORDS = frozenset({"senha", "password"})


@dataclass(frozen=True)
class Read:
    """The credentials as they are to be used; what is wrong, by field; and what was mended."""

    credentials: Mapping[str, str] = field(repr=False)
    problems: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read(name: str, profile: str | None, form: Form, kept: Mapping[str, str]) -> Read:
    """An empty secret keeps the one that is saved (`kept`), unless it would be sent to another address."""
    if form["base_url"].strip() != kept.get("base_url", ""):
        kept = {}
    product = (profile or "mk_auth") if name == "mkc" else name
    credentials: dict[str, str] = {"profile": product} if name == "mkc" else {}
    problems: dict[str, str] = {}
    notes: list[str] = []
    for each in registry.fields(name, profile):
        if each.name == "profile":
            continue
        mended = pasted.clean(form[each.name], keep_spaces=each.name in _PASSWORDS)
        value = mended.value or (kept.get(each.name, "") if each.secret else "")
        notes += [f"{each.label}: {note}" for note in mended.notes]
        if not value:
            if not each.optional:
                problems[each.name] = "preencha este campo"
            continue
        wrong = pasted.complaint(product, each.name, value)
        if wrong:
            problems[each.name] = wrong
        credentials[each.name] = value
    return Read(credentials, problems, tuple(dict.fromkeys(notes)))


async def ask(app: App, name: str, credentials: Mapping[str, str]) -> dict[str, Any]:
    """Call the gateway: who answered, in which environment, and what is to be thought about."""
    account = app.account_with(name, credentials)
    identity = await account.gateway.check()
    warnings = []
    odd = pasted.warning(name, credentials.get("token", ""), credentials.get("base_url", ""))
    if odd:
        warnings.append(odd)
    try:
        await account.gateway.open_invoices(_NOBODY, app.today())
    except TokenRejected:
        warnings.append("o token entrou, mas não tem permissão de consultar clientes e cobranças: libere no painel")
    except GatewayError:
        warnings.append("o gateway respondeu, mas uma consulta de teste falhou: faça um teste depois de salvar")
    return {
        "account": identity.account,
        "environment": _ENVIRONMENTS[identity.environment],
        "warnings": warnings,
        "adapter": account.gateway.name,
        "mark": account.mark,
    }


async def payee(app: App, name: str, credentials: Mapping[str, str], written: str) -> tuple[Payee, str | None]:
    """Who an open invoice of that document pays, or why that cannot be told."""
    found = await trial.run(app, "default", written, app.account_with(name, credentials))
    if found.payee:
        return found.payee, None
    return Payee(), {
        Outcome.INVALID_DOCUMENT: "esse CPF ou CNPJ não é válido",
        Outcome.NOTHING_TO_SEND: "esse documento não tem fatura em aberto: tente outro",
        Outcome.SUSPICIOUS: "os códigos dessa fatura não conferem: tente outra",
    }.get(found.delivery.outcome, "não consegui ler o recebedor dessa fatura: tente outra")


def in_words(error: SegundaViaError) -> str:
    """What went wrong, for the operator."""
    if isinstance(error, TokenRejected):
        if "invalid_environment" in str(error):
            return "a chave é de outro ambiente (testes ou produção): use a chave do ambiente certo"
        return "o gateway recusou o token: confira se ele está inteiro, ativo e com permissão"
    if isinstance(error, GatewayRateLimited):
        return "o gateway pediu para esperar: tente de novo em um minuto"
    if isinstance(error, GatewayUnavailable):
        return "o gateway não respondeu: nada foi salvo. Confira o endereço e tente de novo em instantes"
    if isinstance(error, ConfigurationError):
        return f"um campo não pode ser usado: {error}"
    return "o gateway deu uma resposta que não entendo: confira se o endereço é o da API"
