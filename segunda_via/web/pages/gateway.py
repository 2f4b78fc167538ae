"""Integração → Segunda Via de Boleto: choose the gateway and paste its fields, which it is asked about at once.

What it answers is shown, confirmed and saved by `gateway_confirm`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from segunda_via.boletos import payee_comparison as payees
from segunda_via.boletos.checks import Payee
from segunda_via.boletos.formatting import last_four
from segunda_via.errors import ConfigurationError, GatewayError, SecretKeyError
from segunda_via.gateways import error_words, registry
from segunda_via.operations import pasted_gateway
from segunda_via.settings import gateway as saving
from segunda_via.settings.fields import Read
from segunda_via.settings.store import Saved
from segunda_via.web import unsaved_form
from segunda_via.web.page import Answer, Form, Html, Page, Redirect, Visit

PAGE = Page("/integracao", "Segunda Via de Boleto", "Integração", "plug")


@PAGE.get()
def show(visit: Visit) -> Answer:
    return _form(visit, visit.query)


@PAGE.post()
async def check(visit: Visit) -> Answer:
    """Salvar: the shape first, then the gateway itself; then there is something to confirm."""
    form = visit.form
    try:
        saving.refuse_if_fixed(visit.app.environment)
    except ConfigurationError as error:
        return await asyncio.to_thread(_form, visit, form, {"": str(error)}, 409)
    name, profile = form["gateway"], form["profile"] or None
    if name not in registry.names() or (profile and profile not in registry.profiles(name)):
        return await asyncio.to_thread(_form, visit, form, {"": "escolha um gateway"}, 400)
    read = await asyncio.to_thread(_read, visit, name, profile)
    if read.problems:
        return await asyncio.to_thread(_form, visit, form, read.problems, 400)
    try:
        answered = await pasted_gateway.ask(visit.app, name, read.credentials)
    except GatewayError as error:
        problems = {"": f"{error_words.in_words(error, read.credentials)}. Nada foi salvo"}
        if error_words.refuses(error):
            blamed = registry.description(name, profile).access_fields(read.credentials)
            again = "o gateway recusou: confira e, se for o caso, cole de novo"
            problems.update({each.name: again for each in blamed})
        return await asyncio.to_thread(_form, visit, form, problems, 400)
    except ConfigurationError as error:
        return await asyncio.to_thread(_form, visit, form, {"": f"um campo não pode ser usado: {error}"}, 400)
    answered = {**answered, "notes": read.notes}
    draft = unsaved_form.UnsavedForm(name, read.credentials, answered, Payee(), form["versao"] or None)
    await asyncio.to_thread(unsaved_form.keep, visit, draft)
    await asyncio.to_thread(unsaved_form.drop_pasted, visit, _form_name(name, profile))
    return Redirect(f"{PAGE.url}/confirmar")


@PAGE.post("/restaurar")
def restore(visit: Visit) -> Answer:
    app = visit.app
    try:
        saving.refuse_if_fixed(app.environment)
        old = saving.restore(app.settings, visit.company, by=visit.operator, at=app.now())
    except ConfigurationError as error:
        return Redirect(PAGE.url, str(error), "warning")
    words, known = f"O token anterior ({registry.label(old.gateway)}) foi restaurado.", _payee(visit)
    if known is None:
        return Redirect(PAGE.url, f"{words} Nenhum recebedor está confirmado: faça um teste e confirme.", "warning")
    return Redirect(PAGE.url, f"{words} Recebedor confirmado: {payees.summary(known)}.")


def _read(visit: Visit, name: str, profile: str | None) -> Read:
    """The form's fields, and the secrets that were pasted into it a moment ago, when it was refused for another one."""
    form, written = _form_name(name, profile), visit.form
    pasted = unsaved_form.pasted(visit, form) if written["colado"] else {}

    def typed(field: str) -> str:
        return written[field] or pasted.get(field, "")

    read = pasted_gateway.read(name, profile, typed, _kept(visit, name, profile))
    secrets = {each.name for each in registry.fields(name, profile) if each.secret} - set(read.problems)
    unsaved_form.keep_pasted(visit, form, {field: read.credentials[field] for field in secrets if typed(field)})
    return read


def _form_name(name: str, profile: str | None) -> str:
    return f"{name} {profile or ''}".strip()


def expired() -> Redirect:
    return Redirect(PAGE.url, "O que foi colado expirou. Cole de novo.", "warning")


def _form(visit: Visit, form: Form, problems: Mapping[str, str] | None = None, status: int = 200) -> Answer:
    saved = saved_gateway(visit)
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
            "gateways": registry.choices(),
            "label": registry.label,
            "name": name,
            "in_force": in_force,
            "profiles": choices,
            "profile": profile,
            "fields": registry.fields(name, profile),
            "typed": form,
            "kept": kept,
            "pasted": unsaved_form.pasted(visit, _form_name(name, profile)) if problems else {},
            "last_four": last_four,
            "problems": problems or {},
            "saved": saved,
            "unreadable": _unreadable(visit),
            "previous": _previous(visit),
            "version": visit.app.settings.version(visit.company, saving.GATEWAY_SETTING.name) or "",
            "fixed": bool(environment.gateway or environment.credentials),
            "payee": _payee(visit),
            "summary": payees.summary,
        },
        status,
    )


def _kept(visit: Visit, name: str, profile: str | None) -> Mapping[str, str]:
    """The saved credentials of that very gateway, whose fields may be left as they are."""
    saved = saved_gateway(visit)
    if saved is None or saved.value["gateway"] != name:
        return {}
    credentials: Mapping[str, str] = saved.value["credentials"]
    return credentials if not profile or registry.description(name, credentials.get("profile")).name == profile else {}


def saved_gateway(visit: Visit) -> Saved | None:
    try:
        return visit.app.settings.get(visit.company, saving.GATEWAY_SETTING.name)
    except SecretKeyError:
        return None


def _unreadable(visit: Visit) -> bool:
    version = visit.app.settings.version(visit.company, saving.GATEWAY_SETTING.name)
    return version is not None and saved_gateway(visit) is None


def _previous(visit: Visit) -> saving.Previous | None:
    return saving.previous(visit.app.settings, visit.company, visit.app.now())


def _payee(visit: Visit) -> Payee | None:
    try:
        return visit.app.gateway_settings(visit.company).payee or None
    except (ConfigurationError, SecretKeyError):
        return None
