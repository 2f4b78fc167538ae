"""A gateway that is not saved yet: what was pasted is read, the gateway is asked, and an invoice tells whom it pays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from segunda_via.app import App
from segunda_via.boletos import documents
from segunda_via.boletos.checks import Payee
from segunda_via.boletos.outcome import Outcome
from segunda_via.company import COMPANY
from segunda_via.errors import GatewayError, TokenRejected
from segunda_via.gateways import registry
from segunda_via.operations import dry_run
from segunda_via.operations.probes.gateway import ENVIRONMENTS
from segunda_via.operators.lookups import PER_DAY
from segunda_via.settings import fields

_NOBODY = documents.parse("000.000.001-91")
"""A valid number that no customer has: asking for it shows which permissions the token lacks."""


def read(name: str, profile: str | None, typed: Callable[[str], str], kept: Mapping[str, str]) -> fields.Read:
    """The gateway's fields, as `segunda_via.settings.fields` reads them."""
    known = registry.description(name, profile)
    found = fields.read(known.fields, typed, kept, known.together)
    if not known.family:
        return found
    return replace(found, credentials={"profile": known.name, **found.credentials})


async def ask(app: App, name: str, credentials: Mapping[str, str]) -> dict[str, Any]:
    """Call the gateway: who answered, in which environment, and what is to be thought about."""
    account = app.account_with(name, credentials)
    identity = await account.gateway.check()
    warnings = []
    odd = registry.description(name, credentials.get("profile")).warning(credentials)
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
        "environment": ENVIRONMENTS[identity.environment].capitalize(),
        "warnings": warnings,
        "adapter": account.gateway.name,
        "mark": account.mark,
    }


async def payee(
    app: App, operator: str, name: str, credentials: Mapping[str, str], written: str
) -> tuple[Payee, str | None]:
    """Who an open invoice of that document pays, or why that cannot be told."""
    found = await dry_run.run(app, COMPANY, operator, written, app.account_with(name, credentials))
    if found.payee:
        return found.payee, None
    return Payee(), {
        Outcome.INVALID_DOCUMENT: "esse CPF ou CNPJ não é válido",
        Outcome.NOTHING_TO_SEND: "esse documento não tem fatura em aberto: tente outro",
        Outcome.TOO_MANY_TRIES: f"você já consultou {PER_DAY} documentos hoje: continue amanhã",
        Outcome.SUSPICIOUS: "os códigos dessa fatura não conferem: tente outra",
    }.get(found.delivery.outcome, "não consegui ler o recebedor dessa fatura: tente outra")
