"""Atendimento: the ticket desk and its fields, a queue for each matter, the hours, and how a conversation behaves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from segunda_via.boletos.formatting import last_four
from segunda_via.conversation import attendance_setting
from segunda_via.conversation.attendance_setting import AttendanceSettings
from segunda_via.conversation.business_hours import DAYS, BusinessHours
from segunda_via.desks import desk_setting, field_help, registry
from segunda_via.desks.desk_setting import DeskSettings
from segunda_via.errors import ConfigurationError, SecretKeyError, TicketDeskError
from segunda_via.intents import intent_catalogue
from segunda_via.operations.probes import desk as desk_probe
from segunda_via.settings import conversation, fields
from segunda_via.settings.conversation import ConversationSettings
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
    read = fields.read(name, registry.fields(name), visit.form.__getitem__, kept)
    if read.problems:
        marked = "confira os campos marcados: nada foi salvo"
        return await asyncio.to_thread(_page, visit, marked, 400, read.problems)
    settings, label = DeskSettings(name, read.credentials), _label(name)
    try:
        missing = None if name == registry.JOURNAL else await desk_probe.ask(visit.app, visit.company, settings)
    except ConfigurationError as error:
        return await asyncio.to_thread(_page, visit, f"um campo não pode ser usado: {error}", 400)
    except TicketDeskError as error:
        told = f"{field_help.in_words(label, error)}. Nada foi salvo"
        return await asyncio.to_thread(_page, visit, told, 400)
    refused = await asyncio.to_thread(_keep_desk, visit, settings)
    if refused:
        return await asyncio.to_thread(_page, visit, refused.words, refused.status)
    if name == registry.JOURNAL:
        return Redirect(PAGE.url, "Salvo. Os atendimentos ficam no diário próprio.")
    mended = "".join(f" {note}." for note in read.notes)
    if missing:
        return Redirect(f"{ROOT}/fila", f"Salvo. {label} respondeu; falta a fila: confira o nome.{mended}", "warning")
    return Redirect(PAGE.url, f"Salvo. {label} respondeu.{mended}")


def _keep_desk(visit: Visit, settings: DeskSettings) -> saving.SaveRefused | None:
    return saving.attempt(
        visit,
        desk_setting.NAME,
        lambda store: desk_setting.save(store, visit.company, settings, by=visit.operator, at=visit.app.now()),
    )


def _label(name: str) -> str:
    return registry.product(name).label.split(" (")[0]


@PAGE.post("/horarios")
def save_attendance(visit: Visit) -> Answer:
    form = visit.form

    def save(store: Any) -> None:
        week = {day: tuple(_periods(form[f"horas_{day}"])) for day in DAYS if form[f"horas_{day}"].strip()}
        hours = BusinessHours(week, bool(form["feriados"]), form["estado"].strip().upper() or None)
        queues = {
            intent: form[f"fila_{intent}"] for intent in attendance_setting.INTENTS if form[f"fila_{intent}"].strip()
        }
        attendance_setting.save(
            store, visit.company, AttendanceSettings(queues, hours), by=visit.operator, at=visit.app.now()
        )

    refused = saving.attempt(visit, attendance_setting.NAME, save)
    return _page(visit, refused.words, refused.status) if refused else Redirect(PAGE.url, "Filas e horários salvos.")


@PAGE.post("/conversa")
def save_conversation(visit: Visit) -> Answer:
    form = visit.form

    def save(store: Any) -> None:
        wanted = ConversationSettings(_whole(form["inatividade"]), bool(form["oferecer"]), _whole(form["silencio"]))
        conversation.save(store, visit.company, wanted, by=visit.operator, at=visit.app.now())

    refused = saving.attempt(visit, conversation.NAME, save)
    return _page(visit, refused.words, refused.status) if refused else Redirect(PAGE.url, "Conversa salva.")


def _page(
    visit: Visit, problem: str | None = None, status: int = 200, problems: Mapping[str, str] | None = None
) -> Answer:
    app, store, posted = visit.app, visit.app.settings, visit.form
    in_force = app.desk_settings(visit.company)
    asked = visit.query["plataforma"] or posted["plataforma"]
    chosen = asked if asked in registry.names() else in_force.name
    saved = attendance_setting.in_force(store, visit.company)
    values = {
        "title": "Atendimento",
        "desks": {name: (_label(name), field_help.ABOUT[name]) for name in registry.names()},
        "chosen": chosen,
        "in_force": in_force,
        "fields": registry.fields(chosen),
        "advanced": {"return_secret", "ca_file", "allow_http"},
        "help": field_help.HELP[chosen],
        "problems": problems or {},
        "kept": _kept(visit, chosen),
        "typed": posted,
        "last_four": last_four,
        "fixed": in_force.from_environment,
        "intents": {intent: intent_catalogue.label(intent) for intent in attendance_setting.INTENTS},
        "queues": {i: posted[f"fila_{i}"] or saved.queues.get(i, "") for i in attendance_setting.INTENTS},
        "days": {day: (attendance_setting.NAMES[day], _shown(posted, saved, day)) for day in DAYS},
        "holidays": saved.hours.holidays,
        "state": saved.hours.state or "",
        "conversation": conversation.in_force(store, visit.company),
        "version_desk": saving.version(visit, desk_setting.NAME),
        "version_attendance": saving.version(visit, attendance_setting.NAME),
        "version_conversation": saving.version(visit, conversation.NAME),
        "problem": problem,
    }
    return Html("desk.html", values, status)


def _shown(posted: Form, saved: AttendanceSettings, day: str) -> str:
    periods = saved.hours.week.get(day, ())
    return posted[f"horas_{day}"] or ", ".join(
        f"{attendance_setting.written(a)}-{attendance_setting.written(b)}" for a, b in periods
    )


def _periods(text: str) -> list[tuple[Any, Any]]:
    """`08:00-12:00, 13:00-18:00`."""
    found = []
    for part in text.replace("–", "-").replace(" às ", "-").split(","):
        begin, dash, end = part.partition("-")
        if not dash:
            raise ConfigurationError("os horários devem ser escritos como 08:00-12:00, 13:00-18:00")
        found.append((attendance_setting.parsed(begin), attendance_setting.parsed(end)))
    return found


def _whole(text: str) -> int:
    if not (text.strip().isascii() and text.strip().isdigit()) or len(text.strip()) > 6:
        raise ConfigurationError("os tempos devem ser números inteiros")
    return int(text)


def _kept(visit: Visit, name: str) -> dict[str, str]:
    try:
        saved = visit.app.settings.get(visit.company, desk_setting.NAME)
    except SecretKeyError:
        return {}
    return dict(saved.value["credentials"]) if saved and saved.value["desk"] == name else {}
