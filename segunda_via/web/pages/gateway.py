"""Integração → Segunda Via de Boleto: choose the gateway, paste its fields, see what it answers, confirm, save."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from segunda_via.checks import Payee
from segunda_via.errors import ConfigurationError, GatewayError, SavedMeanwhile, SecretKeyError
from segunda_via.gateways import guidance, registry
from segunda_via.health.record import subject_of
from segunda_via.settings import gateway as saving
from segunda_via.settings.store import Saved
from segunda_via.web import drafts, trying_gateway
from segunda_via.web.page import Answer, Form, Html, Page, Redirect, Visit
from segunda_via.web.rendering import last_four, moment

PAGE = Page("/integracao", "Segunda Via de Boleto", "Integração", "plug")


@PAGE.get()
def show(visit: Visit) -> Answer:
    return _form(visit, visit.query)


@PAGE.post()
async def check(visit: Visit) -> Answer:
    """Salvar: the shape first, then the gateway itself; then there is something to confirm."""
    form = visit.form
    if visit.app.environment.gateway or visit.app.environment.credentials:
        return await asyncio.to_thread(_form, visit, form, {"": "o gateway é fixado pelo ambiente deste servidor"}, 409)
    name, profile = form["gateway"], form["profile"] or None
    if name not in registry.names() or (profile and profile not in registry.profiles(name)):
        return await asyncio.to_thread(_form, visit, form, {"": "escolha um gateway"}, 400)
    read = trying_gateway.read(name, profile, form.__getitem__, await asyncio.to_thread(_kept, visit, name, profile))
    if read.problems:
        return await asyncio.to_thread(_form, visit, form, read.problems, 400)
    try:
        answered = await trying_gateway.ask(visit.app, name, read.credentials)
    except GatewayError as error:
        problem = f"{guidance.in_words(error)}. Nada foi salvo"
        return await asyncio.to_thread(_form, visit, form, {"": problem}, 400)
    except ConfigurationError as error:
        return await asyncio.to_thread(_form, visit, form, {"": f"um campo não pode ser usado: {error}"}, 400)
    answered = {**answered, "notes": read.notes}
    draft = drafts.Draft(name, read.credentials, answered, Payee(), form["versao"] or None)
    await asyncio.to_thread(drafts.keep, visit, draft)
    return Redirect(f"{PAGE.url}/confirmar")


@PAGE.get("/confirmar")
def confirm(visit: Visit) -> Answer:
    return _confirm(visit)


@PAGE.post("/recebedor")
async def find_payee(visit: Visit) -> Answer:
    """Look up an open invoice with what was pasted, to learn who it pays."""
    draft = await asyncio.to_thread(drafts.take, visit)
    if draft is None:
        return _expired()
    seen, problem = await trying_gateway.payee(visit.app, draft.gateway, draft.credentials, visit.form["documento"])
    if seen:
        values = {**draft.__dict__, "payee": seen}
        await asyncio.to_thread(drafts.keep, visit, drafts.Draft(**values))
    return await asyncio.to_thread(_confirm, visit, problem)


@PAGE.post("/confirmar")
def save(visit: Visit) -> Answer:
    draft = drafts.take(visit)
    if draft is None:
        return _expired()
    app, now = visit.app, visit.app.now()
    if _saved(visit) is not None and not visit.form["substituir"]:
        return _confirm(visit, "marque que entendeu que o token anterior será substituído")
    payee = draft.payee if draft.payee and visit.form["recebedor"] else None
    store = app.settings.unchanged_since(gateway=draft.based_on)
    if visit.form["mesmo_assim"]:
        store = app.settings
    try:
        saving.save(store, visit.company, draft.gateway, draft.credentials, payee, by=visit.operator, at=now)
    except SavedMeanwhile as error:
        who = f"{error.by} salvou outro gateway em {moment(error.at)}" if error.by else "alguém salvou outro gateway"
        return _confirm(visit, f"{who}, enquanto você editava", conflict=True)
    drafts.drop(visit)
    app.health.worked(visit.company, subject_of(draft.answered["adapter"]), draft.answered["mark"])
    return Redirect("/configuracoes/testar", "Salvo. Agora faça um teste com um CPF ou CNPJ.")


@PAGE.post("/restaurar")
def restore(visit: Visit) -> Answer:
    try:
        old = saving.restore(visit.app.settings, visit.company, by=visit.operator, at=visit.app.now())
    except ConfigurationError as error:
        return Redirect(PAGE.url, str(error), "warning")
    return Redirect(PAGE.url, f"O token anterior ({guidance.NAMES[old.gateway]}) foi restaurado.")


def _expired() -> Redirect:
    return Redirect(PAGE.url, "O que foi colado expirou. Cole de novo.", "warning")


def _form(visit: Visit, form: Form, problems: Mapping[str, str] | None = None, status: int = 200) -> Answer:
    saved = _saved(visit)
    environment = visit.app.environment
    in_force = environment.gateway or (saved.value["gateway"] if saved else None)
    name = form["gateway"] if form["gateway"] in registry.names() else in_force or registry.names()[0]
    choices = registry.profiles(name)
    kept = _kept(visit, name, form["profile"] or None)
    profile = form["profile"] if form["profile"] in choices else kept.get("profile") or next(iter(choices), None)
    return Html(
        "gateway.html",
        {
            "title": "Segunda Via de Boleto",
            "gateways": registry.names(),
            "guidance": guidance,
            "name": name,
            "in_force": in_force,
            "profiles": choices,
            "profile": profile,
            "fields": [f for f in registry.fields(name, profile) if f.name != "profile"],
            "advanced": _advanced(name),
            "help": guidance.help_of(name, profile),
            "typed": form,
            "kept": kept,
            "last_four": last_four,
            "problems": problems or {},
            "saved": saved,
            "unreadable": _unreadable(visit),
            "previous": _previous(visit),
            "version": visit.app.settings.version(visit.company, saving.NAME) or "",
            "fixed": bool(environment.gateway or environment.credentials),
            "payee": _payee(visit),
        },
        status,
    )


def _confirm(visit: Visit, problem: str | None = None, *, conflict: bool = False) -> Answer:
    draft = drafts.take(visit)
    if draft is None:
        return _expired()
    values: dict[str, Any] = {
        "title": "Conferir e salvar",
        "draft": draft,
        "answered": draft.answered,
        "name": guidance.NAMES[draft.gateway],
        "saved": _saved(visit),
        "names": guidance.NAMES,
        "problem": problem,
        "conflict": conflict,
        "last_four": last_four,
        "secrets": [
            (field.label.split(" (")[0], draft.credentials[field.name])
            for field in registry.fields(draft.gateway, draft.credentials.get("profile"))
            if field.secret and draft.credentials.get(field.name)
        ],
    }
    return Html("gateway_confirm.html", values, 409 if conflict else 400 if problem else 200)


def _advanced(name: str) -> frozenset[str]:
    """The fields that few need, folded away."""
    return frozenset({"ca_file", "allow_http", "pdf_hosts"} | (set() if name == "mkc" else {"base_url"}))


def _kept(visit: Visit, name: str, profile: str | None) -> Mapping[str, str]:
    """The saved credentials of that very gateway, whose fields may be left as they are."""
    saved = _saved(visit)
    if saved is None or saved.value["gateway"] != name:
        return {}
    credentials: Mapping[str, str] = saved.value["credentials"]
    return credentials if not profile or credentials.get("profile", "mk_auth") == profile else {}


def _saved(visit: Visit) -> Saved | None:
    try:
        return visit.app.settings.get(visit.company, saving.NAME)
    except SecretKeyError:
        return None


def _unreadable(visit: Visit) -> bool:
    return _saved(visit) is None and visit.app.settings.version(visit.company, saving.NAME) is not None


def _previous(visit: Visit) -> saving.Previous | None:
    return saving.previous(visit.app.settings, visit.company, visit.app.now())


def _payee(visit: Visit) -> Payee | None:
    try:
        return visit.app.gateway_settings(visit.company).payee or None
    except (ConfigurationError, SecretKeyError):
        return None
