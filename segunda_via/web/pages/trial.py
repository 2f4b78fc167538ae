"""Testar: type a document, see what its customer would get. And confirm who receives the money."""

from __future__ import annotations

import asyncio

from segunda_via import reasons
from segunda_via.checks import Payee
from segunda_via.errors import ConfigurationError
from segunda_via.outcomes import Outcome
from segunda_via.settings import gateway as saving
from segunda_via.web import trial
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
    Outcome.TOKEN_REJECTED: "O gateway recusa o token: troque-o em Integração.",
}


@PAGE.get()
def show(visit: Visit) -> Answer:
    return Html("trial.html", {"title": "Testar", "trial": None})


@PAGE.post()
async def run(visit: Visit) -> Answer:
    result = await trial.run(visit.app, visit.company, visit.form["documento"])
    outcome = result.delivery.outcome
    propose = await asyncio.to_thread(_propose, visit, result.payee)
    values = {
        "title": "Testar",
        "trial": result,
        "words": WORDS.get(outcome, ""),
        "good": outcome in {Outcome.OVERDUE, Outcome.NEXT_DUE, Outcome.PARTIAL},
        "reasons": reasons.failures(result.delivery.reason),
        "propose": propose,
    }
    return Html("trial.html", values)


@PAGE.post("/recebedor")
def confirm_payee(visit: Visit) -> Answer:
    """Confirm the payee that the test proposed, as it was kept here: what the form says is not believed."""
    app = visit.app
    kept = app.settings.get(visit.company, saving.PROPOSED)
    try:
        name = app.gateway_settings(visit.company).name
    except ConfigurationError as error:
        return Redirect(PAGE.url, str(error), "warning")
    if kept is None or kept.value.get("gateway") != name:
        return Redirect(PAGE.url, "Não há recebedor a confirmar: faça um teste antes.", "warning")
    payee = Payee(**{key: value for key, value in kept.value.items() if key != "gateway"})
    saving.confirm_payee(app.settings, visit.company, name, payee, by=visit.operator, at=app.now())
    return Redirect(PAGE.url, "Recebedor confirmado. Boletos de outro recebedor não serão enviados.")


def _propose(visit: Visit, seen: Payee) -> Payee | None:
    if not seen:
        return None
    app = visit.app
    settings = app.gateway_settings(visit.company)
    if seen == settings.payee:
        return None
    saving.propose_payee(app.settings, visit.company, settings.name, seen, by=visit.operator, at=app.now())
    return seen
