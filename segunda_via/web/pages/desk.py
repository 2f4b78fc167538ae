"""Atendimento: the ticket desk and its fields, a queue for each matter, the hours, and how a conversation behaves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from segunda_via.boletos.formatting import last_four
from segunda_via.conversation.attendance_setting import (
    ATTENDANCE_SETTING,
    INTENTS,
    NAMES,
    AttendanceSettings,
    parsed,
    written,
)
from segunda_via.conversation.business_hours import DAYS, BusinessHours
from segunda_via.desks import error_words, registry
from segunda_via.desks.desk_setting import DESK_SETTING, DeskSettings
from segunda_via.errors import ConfigurationError, SecretKeyError, TicketDeskError
from segunda_via.intents import intent_catalogue
from segunda_via.operations.probes import desk as desk_probe
from segunda_via.settings import fields, public_address
from segunda_via.settings.conversation import CONVERSATION_SETTING, ConversationSettings
from segunda_via.settings.setting import Source
from segunda_via.web import saving
from segunda_via.web.page import ROOT, Answer, Form, Html, Page, Redirect, Visit

PAGE = Page("/atendimento", "Atendimento", "Atendimento", "desk")


@PAGE.get()
def show(visit: Visit) -> Answer:
    return _page(visit)


@PAGE.post("/plataforma")
async def save_desk(visit: Visit) -> Answer:
    """Save the desk once it answered; the journal needs nobody's answer."""
    if visit.app.environment.ticket_desk or visit.app.environment.ticket_desk_credentials:
        return await asyncio.to_thread(_page, visit, "a plataforma é fixada pelo ambiente deste servidor", 409)
    name = visit.form["plataforma"]
    if name not in registry.names():
        return await asyncio.to_thread(_page, visit, "escolha uma plataforma", 400)
    kept = await asyncio.to_thread(_kept, visit, name)
    read = fields.read(registry.fields(name), visit.form.__getitem__, kept)
    if read.problems:
        marked = "confira os campos marcados: nada foi salvo"
        return await asyncio.to_thread(_page, visit, marked, 400, read.problems)
    settings, label = DeskSettings(name, read.credentials), registry.description(name).label
    try:
        missing = None if name == registry.JOURNAL else await desk_probe.ask(visit.app, visit.company, settings)
    except ConfigurationError as error:
        return await asyncio.to_thread(_page, visit, f"um campo não pode ser usado: {error}", 400)
    except TicketDeskError as error:
        told = f"{error_words.in_words(label, error)}. Nada foi salvo"
        return await asyncio.to_thread(_page, visit, told, 400)
    refused = await asyncio.to_thread(saving.save, visit, DESK_SETTING, lambda: settings)
    if refused:
        return await asyncio.to_thread(_page, visit, refused.words, refused.status)
    if name == registry.JOURNAL:
        return Redirect(PAGE.url, "Salvo. Os atendimentos ficam no diário próprio.")
    mended = "".join(f" {note}." for note in read.notes)
    if missing:
        return Redirect(f"{ROOT}/fila", f"Salvo. {label} respondeu; falta a fila: confira o nome.{mended}", "warning")
    return Redirect(PAGE.url, f"Salvo. {label} respondeu.{mended}")


@PAGE.post("/horarios")
def save_attendance(visit: Visit) -> Answer:
    refused = saving.save(visit, ATTENDANCE_SETTING, partial(_attendance, visit.form))
    return _page(visit, refused.words, refused.status) if refused else Redirect(PAGE.url, "Filas e horários salvos.")


def _attendance(form: Form) -> AttendanceSettings:
    week = {day: tuple(_periods(form[f"horas_{day}"])) for day in DAYS if form[f"horas_{day}"].strip()}
    hours = BusinessHours(week, bool(form["feriados"]), form["estado"].strip().upper() or None)
    queues = {intent: form[f"fila_{intent}"] for intent in INTENTS if form[f"fila_{intent}"].strip()}
    return AttendanceSettings(queues, hours)


@PAGE.post("/conversa")
def save_conversation(visit: Visit) -> Answer:
    refused = saving.save(visit, CONVERSATION_SETTING, partial(_conversation, visit.form))
    return _page(visit, refused.words, refused.status) if refused else Redirect(PAGE.url, "Conversa salva.")


def _conversation(form: Form) -> ConversationSettings:
    return ConversationSettings(_whole(form["inatividade"]), bool(form["oferecer"]), _whole(form["silencio"]))


def _page(
    visit: Visit, problem: str | None = None, status: int = 200, problems: Mapping[str, str] | None = None
) -> Answer:
    store, posted = visit.app.settings, visit.form
    desk = DESK_SETTING.with_source(store, visit.company)
    asked = visit.query["plataforma"] or posted["plataforma"]
    chosen = asked if asked in registry.names() else desk.value.name
    saved = ATTENDANCE_SETTING.in_force(store, visit.company)
    values = {
        "title": "Atendimento",
        "desks": registry.DESKS,
        "chosen": chosen,
        "in_force": desk.value,
        "fields": registry.fields(chosen),
        "problems": problems or {},
        "kept": _kept(visit, chosen),
        "typed": posted,
        "last_four": last_four,
        "fixed": desk.source is Source.ENVIRONMENT,
        "return_address": _return_address(visit, desk.value, chosen),
        "intents": {intent: intent_catalogue.label(intent) for intent in INTENTS},
        "queues": {i: posted[f"fila_{i}"] or saved.queues.get(i, "") for i in INTENTS},
        "days": {day: (NAMES[day], _shown(posted, saved, day)) for day in DAYS},
        "holidays": saved.hours.holidays,
        "state": saved.hours.state or "",
        "conversation": CONVERSATION_SETTING.in_force(store, visit.company),
        "version_desk": saving.version(visit, DESK_SETTING),
        "version_attendance": saving.version(visit, ATTENDANCE_SETTING),
        "version_conversation": saving.version(visit, CONVERSATION_SETTING),
        "problem": problem,
    }
    return Html("desk.html", values, status)


def _return_address(visit: Visit, desk: DeskSettings, chosen: str) -> str | None:
    """Where the desk in use gives conversations back; None while it has no secret to do so."""
    if desk.name != chosen or not desk.credentials.get(registry.description(chosen).returns_by):
        return None
    return public_address.desk(visit.app.public_url(visit.company), chosen)


def _shown(posted: Form, saved: AttendanceSettings, day: str) -> str:
    periods = saved.hours.week.get(day, ())
    return posted[f"horas_{day}"] or ", ".join(f"{written(a)}-{written(b)}" for a, b in periods)


def _periods(text: str) -> list[tuple[Any, Any]]:
    """`08:00-12:00, 13:00-18:00`."""
    found = []
    for part in text.replace("–", "-").replace(" às ", "-").split(","):
        begin, dash, end = part.partition("-")
        if not dash:
            raise ConfigurationError("os horários devem ser escritos como 08:00-12:00, 13:00-18:00")
        found.append((parsed(begin), parsed(end)))
    return found


def _whole(text: str) -> int:
    if not (text.strip().isascii() and text.strip().isdigit()) or len(text.strip()) > 6:
        raise ConfigurationError("os tempos devem ser números inteiros")
    return int(text)


def _kept(visit: Visit, name: str) -> dict[str, str]:
    try:
        saved = visit.app.settings.get(visit.company, DESK_SETTING.name)
    except SecretKeyError:
        return {}
    return dict(saved.value["credentials"]) if saved and saved.value["desk"] == name else {}
