"""Conferir e salvar: what the gateway answered to what was pasted, who receives the money, and then it is saved."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from segunda_via.boletos import payee_comparison as payees
from segunda_via.boletos.checks import Payee
from segunda_via.boletos.formatting import last_four, moment
from segunda_via.errors import ConfigurationError, SavedMeanwhile, SecretKeyError
from segunda_via.gateways import registry
from segunda_via.operations import pasted_gateway
from segunda_via.settings import gateway as saving
from segunda_via.storage.health_record import subject_of
from segunda_via.web import unsaved_form
from segunda_via.web.page import ROOT, Answer, Html, Redirect, Visit
from segunda_via.web.pages.gateway import PAGE, expired, saved_gateway
from segunda_via.web.unsaved_form import UnsavedForm


@PAGE.get("/confirmar")
def confirm(visit: Visit) -> Answer:
    return _page(visit)


@PAGE.post("/recebedor")
async def find_payee(visit: Visit) -> Answer:
    """Look up an open invoice with what was pasted, to learn who it pays."""
    draft = await asyncio.to_thread(unsaved_form.take, visit)
    if draft is None:
        return expired()
    seen, problem = await pasted_gateway.payee(
        visit.app, visit.operator, draft.gateway, draft.credentials, visit.form["documento"]
    )
    if seen:
        values = {**draft.__dict__, "payee": seen}
        await asyncio.to_thread(unsaved_form.keep, visit, UnsavedForm(**values))
    return await asyncio.to_thread(_page, visit, problem)


@PAGE.post("/confirmar")
def save(visit: Visit) -> Answer:
    draft = unsaved_form.take(visit)
    if draft is None:
        return expired()
    app, form = visit.app, visit.form
    try:
        saving.refuse_if_fixed(app.environment)
        payee = _chosen(draft, confirmed(visit, draft.gateway), visit)
    except ConfigurationError as error:
        return _page(visit, str(error))
    if _changes(visit, draft) and not form["substituir"]:
        return _page(visit, "marque que entendeu que o que está em uso será substituído")
    versions: dict[str, str | None] = {"gateway": draft.based_on}
    if "versao_recebedor" in form:
        versions["payee"] = form["versao_recebedor"]
    store = app.settings if form["mesmo_assim"] else app.settings.unchanged_since(**versions)
    try:
        saving.save(store, visit.company, draft.gateway, draft.credentials, payee, by=visit.operator, at=app.now())
    except SavedMeanwhile as error:
        who = f"{error.by} salvou outro gateway ou recebedor em {moment(error.at)}" if error.by else "alguém salvou"
        return _page(visit, f"{who}, enquanto você editava", conflict=True)
    unsaved_form.drop(visit)
    app.health.worked(visit.company, subject_of(draft.answered["adapter"]), draft.answered["mark"])
    return _saved(visit, draft)


def confirmed(visit: Visit, gateway: str) -> Payee:
    """Who was confirmed for that gateway; nobody when the key does not open it."""
    try:
        return saving.confirmed_payee(visit.app.settings, visit.company, gateway)
    except SecretKeyError:
        return Payee()


def _chosen(draft: UnsavedForm, known: Payee, visit: Visit) -> Payee | None:
    """Whom the operator confirms with this save; None: nobody anew. Another one than is confirmed, by name alone."""
    if not payees.differs(known, draft.payee):
        return payees.joined(known, draft.payee) if draft.payee and visit.form["recebedor"] else None
    typed = visit.form["nome_do_recebedor"].strip()
    if not typed:
        return None
    if not payees.is_named(draft.payee, typed):
        raise ConfigurationError(
            f"o que foi digitado não é “{payees.name_of(draft.payee)}”: para trocar o recebedor, digite-o como está "
            "acima; para manter o confirmado, deixe em branco"
        )
    return payees.joined(known, draft.payee)


def _saved(visit: Visit, draft: UnsavedForm) -> Redirect:
    """Salvo, and who is confirmed now: nobody may take it for granted."""
    known = confirmed(visit, draft.gateway)
    if not known:
        words = (
            "Salvo, mas nenhum recebedor está confirmado: até lá, um boleto que paga a outra empresa não é percebido. "
            "Faça um teste com um CPF ou CNPJ e confirme."
        )
        return Redirect(f"{ROOT}/testar", words, "warning")
    words = f"Salvo. Recebedor confirmado: {payees.summary(known)}."
    if payees.differs(known, draft.payee):
        words += " O outro, lido agora, não foi confirmado: nada que o pague é enviado."
        return Redirect(f"{ROOT}/testar", words, "warning")
    return Redirect(f"{ROOT}/testar", f"{words} Agora faça um teste com um CPF ou CNPJ.")


def _changes(visit: Visit, draft: UnsavedForm) -> list[str]:
    """What of the saved gateway this save replaces, in words; empty when nothing is saved, or nothing differs."""
    saved = saved_gateway(visit)
    if saved is None:
        return []
    old, new = saved.value["credentials"], draft.credentials
    if saved.value["gateway"] != draft.gateway:
        return ["o gateway"]
    labels = {each.name: each.label for each in registry.fields(draft.gateway, new.get("profile"))}
    labels["profile"] = "Sistema"
    return [_short(labels.get(name, name)) for name in sorted({*old, *new}) if old.get(name) != new.get(name)]


def _page(visit: Visit, problem: str | None = None, *, conflict: bool = False) -> Answer:
    draft = unsaved_form.take(visit)
    if draft is None:
        return expired()
    values = {
        "title": "Conferir e salvar",
        "draft": draft,
        "answered": draft.answered,
        "name": registry.label(draft.gateway),
        "saved": saved_gateway(visit),
        "changes": _changes(visit, draft),
        "label": registry.label,
        "problem": problem,
        "conflict": conflict,
        "last_four": last_four,
        "secrets": [
            (_short(field.label), draft.credentials[field.name])
            for field in registry.fields(draft.gateway, draft.credentials.get("profile"))
            if field.secret and draft.credentials.get(field.name)
        ],
        **_money(visit, draft),
    }
    return Html("gateway_confirm.html", values, 409 if conflict else 400 if problem else 200)


def _money(visit: Visit, draft: UnsavedForm) -> Mapping[str, Any]:
    """Who is confirmed, for this gateway or another, and who was read."""
    known, saved = confirmed(visit, draft.gateway), saved_gateway(visit)
    other = saved.value["gateway"] if saved and saved.value["gateway"] != draft.gateway else None
    return {
        "payees": payees,
        "confirmed": known,
        "seen": draft.payee,
        "differs": payees.differs(known, draft.payee),
        "adds": bool(draft.payee) and payees.joined(known, draft.payee) != known,
        "other_gateway": registry.label(other) if other else None,
        "lost": confirmed(visit, other) if other else Payee(),
        "payee_version": visit.app.settings.version(visit.company, saving.PAYEE) or "",
    }


def _short(label: str) -> str:
    return label.split(" (")[0]
