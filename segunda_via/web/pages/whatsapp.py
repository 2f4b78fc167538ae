"""WhatsApp: the number at Twilio, which is asked before it is saved, and the addresses to copy into its console."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from segunda_via.errors import ConfigurationError, SecretKeyError
from segunda_via.http.credentials import Field
from segunda_via.operations.probes import twilio_in_detail
from segunda_via.operations.probes.probe import Finding, Level
from segunda_via.operations.probes.whatsapp import mark_of
from segunda_via.settings import public_address, whatsapp
from segunda_via.settings.pasted import clean
from segunda_via.settings.store import SettingsStore
from segunda_via.settings.whatsapp import WHATSAPP_SETTING, WhatsAppNumber
from segunda_via.storage.health_record import WHATSAPP
from segunda_via.web import saving, unsaved_form
from segunda_via.web.page import Answer, Html, Page, Redirect, Visit
from segunda_via.whatsapp.twilio_errors import MEANINGS

PAGE = Page("/whatsapp", "WhatsApp", "Atendimento", "phone")
FIELDS = (
    Field("account_sid", "Account SID", where="No console da Twilio, em Account Info.", example="AC…"),
    Field("auth_token", "Auth Token", where="Ao lado do Account SID.", secret=True),
    Field(
        "number",
        "Número do WhatsApp",
        where="Com DDD; de outro país, com + e o código dele.",
        example="(47) 99999-0001",
    ),
    Field(
        "public_url",
        "Endereço público",
        where="Onde a internet chega a este assistente. O webhook, a situação das mensagens e os links derivam dele.",
        example="https://bot.suaempresa.com.br",
    ),
)

_REFUSING, _LATER = ("credentials", "number"), ("webhook", "status_callback")
"""What Twilio has to take before it is saved, and what can be set there only afterwards."""
_BLAMED = {20003: ("account_sid", "auth_token"), 20404: ("account_sid",)}
"""Twilio's code -> the fields that it may mean."""


@PAGE.get()
def show(visit: Visit) -> Answer:
    return _page(visit)


@PAGE.post()
async def save(visit: Visit) -> Answer:
    """Salvar: the shape first, then Twilio itself; only what it takes is saved."""
    app = visit.app
    if app.environment.twilio is not None:
        return await asyncio.to_thread(_page, visit, {"": "o WhatsApp é fixado pelo ambiente deste servidor"}, 409)
    value = await asyncio.to_thread(_written, visit)
    if wrong := whatsapp.problems(value):
        return await asyncio.to_thread(_page, visit, wrong, 400)
    number = whatsapp.checked(value)
    findings = await twilio_in_detail.examine_account(app, number)
    refused = next((each for each in findings if each.level is Level.FAILURE and each.subject in _REFUSING), None)
    if refused:
        return await asyncio.to_thread(_page, visit, _refusal(refused), 400)
    return await asyncio.to_thread(_saved, visit, number, findings)


@PAGE.post("/testar")
async def test(visit: Visit) -> Answer:
    """Ask Twilio, and call the public address as Twilio does; nothing is sent to anybody."""
    findings = await twilio_in_detail.examine(visit.app, visit.company)
    return await asyncio.to_thread(_page, visit, None, 200, findings)


@PAGE.post("/modelos")
def save_templates(visit: Visit) -> Answer:
    """The buttons' templates: also where the environment says which number it is."""
    told = {name: visit.form[f"modelo_{name}"] for name in whatsapp.TEMPLATES}

    def save_it(store: SettingsStore) -> None:
        whatsapp.save_templates(store, visit.company, told, by=visit.operator, at=visit.app.now())

    refused = saving.attempt(visit, WHATSAPP_SETTING.name, save_it)
    if refused:
        return _page(visit, {"": refused.words}, refused.status)
    return Redirect(PAGE.url, "Modelos salvos. O próximo menu já sai com botões." if any(told.values()) else "Salvo.")


def _written(visit: Visit) -> dict[str, object]:
    """What the form says. A blank Auth Token is the one pasted a moment ago, or the saved one of the same account."""
    form, kept, number = visit.form, _kept(visit), _in_force(visit)
    sid, token = clean(form["account_sid"]).value, clean(form["auth_token"]).value
    saved = kept.get("auth_token", "") if sid == kept.get("account_sid") else ""
    if not token and form["colado"]:
        token = unsaved_form.pasted(visit, WHATSAPP_SETTING.name).get("auth_token", "")
    unsaved_form.keep_pasted(visit, WHATSAPP_SETTING.name, {"auth_token": token} if token else {})
    return {
        "account_sid": sid,
        "auth_token": token or saved,
        "number": form["number"],
        "public_url": visit.app.environment.public_url or public_address.meant(form["public_url"]),
        **(number.addresses_of_its_own if number and form["manter_enderecos"] else {}),
        "templates": kept.get("templates") or {},
    }


def _refusal(finding: Finding) -> dict[str, str]:
    """Where on the form Twilio's refusal belongs: what is wrong is named, and the rest stays."""
    words = f"{finding.detail}. Nada foi salvo"
    if finding.subject == "number":
        return {"": words, "number": "confira o número"}
    blamed = next((names for code, names in _BLAMED.items() if finding.detail == MEANINGS[code].text), ())
    return {"": words, **dict.fromkeys(blamed, "a Twilio recusou: confira")}


def _saved(visit: Visit, number: WhatsAppNumber, findings: Sequence[Finding]) -> Answer:
    refused = saving.save(visit, WHATSAPP_SETTING, lambda: number)
    if refused:
        return _page(visit, {"": refused.words}, refused.status)
    unsaved_form.drop_pasted(visit, WHATSAPP_SETTING.name)
    visit.app.health.worked(visit.company, WHATSAPP, mark_of(number))
    words = "Salvo. Copie os dois endereços para o console da Twilio e, depois, clique em Testar."
    if doubts := [each.detail for each in findings if each.level is not Level.OK and each.subject not in _LATER]:
        return Redirect(PAGE.url, f"{words} Atenção: {'; '.join(doubts)}.", "warning")
    return Redirect(PAGE.url, words)


def _page(
    visit: Visit, problems: Mapping[str, str] | None = None, status: int = 200, findings: Sequence[Finding] = ()
) -> Answer:
    environment, kept, number = visit.app.environment, _kept(visit), _in_force(visit)
    values = {
        "title": "WhatsApp",
        "number": number,
        "fields": FIELDS,
        "kept": {
            **kept,
            "number": str(kept.get("number", "")).removeprefix("whatsapp:"),
            "public_url": number.public_url if number else environment.public_url or "",
        },
        "pasted": unsaved_form.pasted(visit, WHATSAPP_SETTING.name) if problems else {},
        "typed": visit.form,
        "fixed": environment.twilio is not None,
        "address_fixed": environment.public_url is not None,
        "templates": whatsapp.TEMPLATES,
        "findings": findings,
        "version": saving.version(visit, WHATSAPP_SETTING),
        "problems": problems or {},
    }
    return Html("whatsapp.html", values, status)


def _in_force(visit: Visit) -> WhatsAppNumber | None:
    try:
        return visit.app.whatsapp(visit.company)
    except (ConfigurationError, SecretKeyError):
        return None


def _kept(visit: Visit) -> dict[str, Any]:
    try:
        saved = visit.app.settings.get(visit.company, WHATSAPP_SETTING.name)
    except SecretKeyError:
        return {}
    return dict(saved.value) if saved else {}
