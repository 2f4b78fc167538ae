"""Testar: type a document, see what its customer would get. And confirm who receives the money."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from segunda_via.boletos import check_reasons
from segunda_via.boletos import payee_comparison as payees
from segunda_via.boletos.checks import Payee
from segunda_via.boletos.outcome import Outcome
from segunda_via.delivery.deliver_segunda_via import Delivery
from segunda_via.errors import ConfigurationError
from segunda_via.operations import dry_run
from segunda_via.operators.lookups import PER_DAY
from segunda_via.settings import gateway as saving
from segunda_via.web.page import Answer, Html, Page, Redirect, Visit

PAGE = Page("/testar", "Testar", "Integração", "play")

WORDS = {
    Outcome.OVERDUE: "Fatura vencida encontrada: é a que seria enviada.",
    Outcome.NEXT_DUE: "Nenhuma vencida: seria enviada a próxima a vencer.",
    Outcome.PARTIAL: "Seria enviada, mas falta uma das formas de pagamento.",
    Outcome.UNPAYABLE: "A fatura existe, mas ainda não há como pagar: iria para um atendente.",
    Outcome.NOTHING_TO_SEND: "Nenhuma fatura em aberto para esse documento.",
    Outcome.INVALID_DOCUMENT: "Esse CPF ou CNPJ não é válido: confira os números.",
    Outcome.SUSPICIOUS: "Não seria enviada: os dados não conferem. Iria para um atendente.",
    Outcome.GATEWAY_UNAVAILABLE: "O gateway não respondeu a tempo: o cliente iria para um atendente.",
    Outcome.NOT_CONFIGURED: "Nenhum gateway configurado: escolha um em Integração.",
    Outcome.TOKEN_REJECTED: "O gateway recusa o acesso: confira os dados em Integração.",
    Outcome.TOO_MANY_TRIES: f"Você já consultou {PER_DAY} documentos diferentes hoje: continue amanhã.",
}


@PAGE.get()
def show(visit: Visit) -> Answer:
    return Html("trial.html", {"title": "Testar", "trial": None, "problem": None, "seen": None})


@PAGE.post()
async def run(visit: Visit) -> Answer:
    result = await dry_run.run(visit.app, visit.company, visit.operator, visit.form["documento"])
    outcome = result.delivery.outcome
    values = {
        "title": "Testar",
        "trial": result,
        "words": WORDS.get(outcome, ""),
        "good": outcome in {Outcome.OVERDUE, Outcome.NEXT_DUE, Outcome.PARTIAL},
        "reasons": _reasons(result.delivery),
        "problem": None,
        **await asyncio.to_thread(_proposed, visit, result.payee),
    }
    return Html("trial.html", values)


@PAGE.post("/recebedor")
def confirm_payee(visit: Visit) -> Answer:
    """Confirm the payee that the test proposed, as it was kept here: what the form says is not believed.

    One that contradicts the confirmed one has to be named.
    """
    app, form = visit.app, visit.form
    kept = app.settings.get(visit.company, saving.PROPOSED)
    try:
        settings = app.gateway_settings(visit.company)
    except ConfigurationError as error:
        return Redirect(PAGE.url, str(error), "warning")
    stale = "versao" in form and (kept is None or form["versao"] != kept.version)
    if kept is None or kept.value.get("gateway") != settings.name or stale:
        return Redirect(PAGE.url, "Não há recebedor a confirmar: faça um teste antes.", "warning")
    seen = payees.read(kept.value)
    if payees.differs(settings.payee, seen) and not payees.is_named(seen, form["nome_do_recebedor"]):
        problem = f"para trocar o recebedor, digite “{payees.name_of(seen)}”: nada foi mudado"
        values = _shown(visit, settings.payee, seen)
        return Html("trial.html", {"title": "Testar", "trial": None, "problem": problem, **values}, 400)
    payee = payees.joined(settings.payee, seen)
    saving.confirm_payee(app.settings, visit.company, settings.name, payee, by=visit.operator, at=app.now())
    words = f"Recebedor confirmado: {payees.summary(payee)}. Boletos de outro recebedor não serão enviados."
    return Redirect(PAGE.url, words)


def _reasons(delivery: Delivery) -> list[str]:
    host = delivery.verdict.untrusted_host if delivery.verdict else None
    return [*check_reasons.failures(delivery.reason), *([check_reasons.untrusted_link(host)] if host else [])]


def _proposed(visit: Visit, seen: Payee) -> Mapping[str, Any]:
    """Who was read, kept to be confirmed where that would change anything."""
    if not seen:
        return {"seen": None}
    app = visit.app
    settings = app.gateway_settings(visit.company)
    if payees.joined(settings.payee, seen) == settings.payee:
        return {"seen": None}
    saving.propose_payee(app.settings, visit.company, settings.name, seen, by=visit.operator, at=app.now())
    return _shown(visit, settings.payee, seen)


def _shown(visit: Visit, confirmed: Payee, seen: Payee) -> Mapping[str, Any]:
    return {
        "payees": payees,
        "seen": seen,
        "confirmed": confirmed,
        "differs": payees.differs(confirmed, seen),
        "version": visit.app.settings.version(visit.company, saving.PROPOSED) or "",
    }
