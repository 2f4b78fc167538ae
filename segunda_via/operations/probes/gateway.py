"""The gateway, as it answered last or as it answers now; and whom the boletos may pay."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from segunda_via.app import App
from segunda_via.boletos import payee_comparison as payees
from segunda_via.boletos.formatting import ago, moment
from segunda_via.errors import ConfigurationError, GatewayError, NotConfigured, SecretKeyError
from segunda_via.gateways import registry
from segunda_via.gateways.port import GatewayIdentity
from segunda_via.operations.probes.probe import Finding, Level, Row
from segunda_via.settings.gateway import GATEWAY_SETTING
from segunda_via.storage.health_record import Trouble, subject_of

ENVIRONMENTS: Mapping[str, str] = {
    "production": "produção",
    "sandbox": "ambiente de testes",
    "self-hosted": "servidor próprio",
}
"""Where a gateway answers from -> as people read it."""


def row(app: App, company: str) -> Row | None:
    try:
        account = app.account(company)
    except (ConfigurationError, SecretKeyError):
        return None
    return Row(subject_of(account.gateway.name), account.mark)


async def check(app: App, company: str) -> Finding:
    """Asked now, no answer is a failure: on Estado a single call without one may be a hiccup."""
    try:
        identity = await _ask(app, company)
    except NotConfigured:
        return await asyncio.to_thread(known, app, company)
    except GatewayError:
        return replace(await asyncio.to_thread(known, app, company), level=Level.FAILURE)
    found = await asyncio.to_thread(known, app, company)
    account = f"{identity.account}, " if identity.account else ""
    return replace(found, detail=f"{found.detail} · {account}{ENVIRONMENTS[identity.environment]}")


async def _ask(app: App, company: str) -> GatewayIdentity:
    """Whether it takes the token; what it answers, or the GatewayError that it raises, is noted."""
    account = await asyncio.to_thread(app.account, company)
    subject = subject_of(account.gateway.name)
    try:
        identity = await account.gateway.check()
    except GatewayError as error:
        await asyncio.to_thread(app.health.failed_with, company, subject, account.mark, error)
        raise
    await asyncio.to_thread(app.health.worked, company, subject, account.mark)
    return identity


def known(app: App, company: str) -> Finding:
    """How it answered last, and how many customers wait for it."""
    found, waiting = _answered_last(app, company), app.late_deliveries.waiting(company)
    if not waiting.customers:
        return found
    who = "1 cliente espera" if waiting.customers == 1 else f"{waiting.customers} clientes esperam"
    return replace(found, detail=f"{found.detail} · {who} pelo boleto desde {moment(waiting.since)}")


def _answered_last(app: App, company: str) -> Finding:
    page = "/integracao"
    try:
        settings = app.gateway_settings(company)
    except NotConfigured:
        advice, command = "escolha o gateway e cole o token", "`segunda-via settings set`"
        return Finding("gateway", Level.FAILURE, "nenhum escolhido", advice, page, command)
    name, account = registry.label(settings.name), app.account(company)
    last = app.health.of(company, subject_of(account.gateway.name), account.mark)
    since = moment(last.failing_since)
    if last.trouble is Trouble.REJECTED:
        access = registry.GATEWAYS[account.gateway.name].access(settings.credentials)
        return Finding("gateway", Level.FAILURE, f"{name} recusa {access} desde {since}", "confira e troque", page)
    if last.circuit_open:
        words = f"{name} fora do ar desde {since}"
        return Finding(
            "gateway", Level.FAILURE, words, "no WhatsApp, o boleto é prometido e sai quando ele voltar", page
        )
    if last.trouble is not None:
        words = "não respondeu" if last.trouble is Trouble.UNAVAILABLE else "deu uma resposta que não entendo"
        return Finding("gateway", Level.WARNING, f"{name} {words} em {moment(last.failed_at)}", "acompanhe", page)
    if last.succeeded_at is None:
        return Finding("gateway", Level.WARNING, f"{name}, ainda sem consulta", "faça um teste", "/testar")
    words = f"{name} respondeu {ago(app.now() - last.succeeded_at)}"
    age = token_age(app, company)
    return Finding("gateway", Level.OK, f"{words} · token salvo {age}" if age else words, None, page)


def token_age(app: App, company: str) -> str | None:
    """How long ago the token in force was saved; None when the environment holds it."""
    saved = app.settings.get(company, GATEWAY_SETTING.name)
    if saved is None or app.environment.credentials is not None:
        return None
    return ago(app.now() - saved.saved_at)


async def check_payee(app: App, company: str) -> Finding:
    """With everything that was confirmed of it, for which Estado has no room."""
    found = await asyncio.to_thread(known_payee, app, company)
    if found.level is not Level.OK:
        return found
    return replace(found, detail=payees.summary(app.gateway_settings(company).payee))


def known_payee(app: App, company: str) -> Finding:
    command = "`segunda-via lookup`, depois `segunda-via settings confirm-payee`"
    try:
        confirmed = app.gateway_settings(company).payee
    except NotConfigured:
        return Finding("payee", Level.WARNING, "nenhum gateway ainda", None, "/integracao")
    if not confirmed:
        advice = "teste com um boleto e confirme"
        return Finding("payee", Level.WARNING, "não confirmado", advice, "/testar", command)
    who = confirmed.pix_receiver or f"banco {confirmed.bank_code}"
    if left_out := payees.unconfirmed(confirmed):
        words, advice = f"{who}, sem {left_out} confirmado: nenhum é enviado", "teste com uma fatura que o tenha"
        return Finding("payee", Level.WARNING, words, f"{advice} e confirme", "/testar", command)
    return Finding("payee", Level.OK, who, None, "/integracao")
