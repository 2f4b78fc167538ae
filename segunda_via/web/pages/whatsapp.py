"""WhatsApp: the number at Twilio, and the addresses to copy into Twilio's console."""

from __future__ import annotations

from typing import Any

from segunda_via.errors import ConfigurationError, SecretKeyError
from segunda_via.gateways.pasted import clean
from segunda_via.settings import whatsapp
from segunda_via.settings.store import SettingsStore
from segunda_via.web import saving
from segunda_via.web.page import Answer, Html, Page, Redirect, Visit
from segunda_via.web.rendering import last_four

PAGE = Page("/whatsapp", "WhatsApp", "Atendimento", "phone")


@PAGE.get()
def show(visit: Visit) -> Answer:
    return _page(visit)


@PAGE.post()
def save(visit: Visit) -> Answer:
    if visit.app.environment.twilio is not None:
        return _page(visit, "o WhatsApp é fixado pelo ambiente deste servidor", 409)
    form, kept = visit.form, _kept(visit)
    sid = clean(form["account_sid"]).value
    same = sid == kept.get("account_sid")
    value: dict[str, object] = {
        "account_sid": sid,
        "auth_token": clean(form["auth_token"]).value or (kept.get("auth_token", "") if same else ""),
        "number": form["number"],
        "webhook_url": form["webhook_url"].strip(),
        "status_callback_url": form["status_callback_url"].strip(),
        "templates": kept.get("templates") or {},
    }

    def save_it(store: SettingsStore) -> None:
        number = whatsapp.checked(value)
        whatsapp.save(store, visit.company, number, by=visit.operator, at=visit.app.now())

    refused = saving.attempt(visit, whatsapp.NAME, save_it)
    if refused:
        return _page(visit, refused.words, refused.status)
    return Redirect(PAGE.url, "Salvo. Copie os dois endereços para o console da Twilio.")


@PAGE.post("/modelos")
def save_templates(visit: Visit) -> Answer:
    """The buttons' templates: also where the environment says which number it is."""
    told = {name: visit.form[f"modelo_{name}"] for name in whatsapp.TEMPLATES}

    def save_it(store: SettingsStore) -> None:
        whatsapp.save_templates(store, visit.company, told, by=visit.operator, at=visit.app.now())

    refused = saving.attempt(visit, whatsapp.NAME, save_it)
    if refused:
        return _page(visit, refused.words, refused.status)
    return Redirect(PAGE.url, "Modelos salvos. O próximo menu já sai com botões." if any(told.values()) else "Salvo.")


def _page(visit: Visit, problem: str | None = None, status: int = 200) -> Answer:
    app = visit.app
    try:
        number = whatsapp.in_force(app.environment, app.settings, visit.company)
    except ConfigurationError:
        number = None
    values = {
        "title": "WhatsApp",
        "number": number,
        "kept": _kept(visit),
        "typed": visit.form,
        "fixed": app.environment.twilio is not None,
        "templates": whatsapp.TEMPLATES,
        "last_four": last_four,
        "version": saving.version(visit, whatsapp.NAME),
        "problem": problem,
    }
    return Html("whatsapp.html", values, status)


def _kept(visit: Visit) -> dict[str, Any]:
    try:
        saved = visit.app.settings.get(visit.company, whatsapp.NAME)
    except SecretKeyError:
        return {}
    return dict(saved.value) if saved else {}
