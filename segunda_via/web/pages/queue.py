"""Filas e Departamentos: the queue, its message and its colour; and whether the desk has it, by its exact name."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from segunda_via.conversation.queue_setting import QUEUE_SETTING, QueueSettings
from segunda_via.desks import error_words
from segunda_via.desks.queue_names import difference, near, shown
from segunda_via.desks.registry import JOURNAL, description
from segunda_via.errors import ConfigurationError, TicketDeskError
from segunda_via.operations.probes import desk as desk_probe
from segunda_via.tickets.ticket import QUEUE, KeepsQueues
from segunda_via.web import saving
from segunda_via.web.page import Answer, Html, Page, Redirect, Visit

PAGE = Page("/fila", "Filas e Departamentos", "Atendimento", "queue")


@PAGE.get()
def show(visit: Visit) -> Answer:
    return _page(visit, QUEUE_SETTING.in_force(visit.app.settings, visit.company))


@PAGE.post()
def save(visit: Visit) -> Answer:
    form = visit.form
    typed = QueueSettings(form["mensagem"].replace("\r\n", "\n"), form["cor"])
    if form["nome"] != QUEUE:
        wrong = difference(QUEUE, form["nome"]) if near(QUEUE, [form["nome"]]) else "é outro nome"
        return _page(visit, typed, f"o nome da fila deve ser exatamente “{QUEUE}”, sem espaços a mais ({wrong})", 400)
    refused = saving.save(visit, QUEUE_SETTING, lambda: typed)
    return _page(visit, typed, refused.words, refused.status) if refused else Redirect(PAGE.url, "Salvo.")


@PAGE.post("/conferir")
async def check(visit: Visit) -> Answer:
    """Ask the desk whether it has the queue; its answer names what looks alike and is not."""
    app = visit.app
    settings = await asyncio.to_thread(app.desk_settings, visit.company)
    if settings.name == JOURNAL:
        return Redirect(PAGE.url, "Sem plataforma de atendimento, a fila existe no diário próprio.")
    desk = await asyncio.to_thread(app.desk, visit.company)
    try:
        missing = await desk_probe.ask(app, visit.company, settings)
        found = await desk.near_misses(QUEUE) if isinstance(desk, KeepsQueues) else []
    except (ConfigurationError, TicketDeskError) as error:
        return await asyncio.to_thread(_unanswered, visit, error)
    if missing or found:
        return await asyncio.to_thread(_compared, visit, missing, found)
    if isinstance(desk, KeepsQueues):
        return Redirect(PAGE.url, f"A plataforma respondeu e tem a fila “{QUEUE}”.")
    return Redirect(PAGE.url, "A plataforma respondeu. Ela recebe o nome da fila em cada aviso: não há o que criar.")


@PAGE.post("/criar")
async def create(visit: Visit) -> Answer:
    """Create the queue at the desk, with the message and the colour that are saved here."""
    app = visit.app
    settings = await asyncio.to_thread(app.desk_settings, visit.company)
    try:
        desk = None if settings.name == JOURNAL else app.desk(visit.company)
        if not isinstance(desk, KeepsQueues):
            return Redirect(PAGE.url, "Esta plataforma não guarda filas: não há o que criar.", "warning")
        if await desk.missing(QUEUE):
            saved = await asyncio.to_thread(QUEUE_SETTING.in_force, app.settings, visit.company)
            await desk.create_queue(QUEUE, saved.message, saved.color)
        missing = await desk_probe.ask(app, visit.company, settings)
    except (ConfigurationError, TicketDeskError) as error:
        return await asyncio.to_thread(_unanswered, visit, error)
    if missing:
        return await asyncio.to_thread(_compared, visit, missing, [])
    return Redirect(PAGE.url, f"A fila “{QUEUE}” existe na plataforma, com o nome exato.")


def _unanswered(visit: Visit, error: ConfigurationError | TicketDeskError) -> Answer:
    label = description(visit.app.desk_settings(visit.company).name).label
    words = error_words.in_words(label, error) if isinstance(error, TicketDeskError) else str(error)
    return _page(visit, QUEUE_SETTING.in_force(visit.app.settings, visit.company), words)


def _compared(visit: Visit, missing: str | None, found: Sequence[str]) -> Answer:
    """What the desk has in the place of the queue, or beside it."""
    saved = QUEUE_SETTING.in_force(visit.app.settings, visit.company)
    return _page(visit, saved, missing, creatable=missing is not None, found=found)


def _page(
    visit: Visit,
    typed: QueueSettings,
    problem: str | None = None,
    status: int = 200,
    *,
    creatable: bool = False,
    found: Sequence[str] = (),
) -> Answer:
    version = saving.version(visit, QUEUE_SETTING)
    values = {
        "title": "Filas e Departamentos",
        "queue_name": QUEUE,
        "typed": typed,
        "exists": version != "",
        "version": version,
        "problem": problem,
        "creatable": creatable,
        "near": [(shown(each), difference(QUEUE, each)) for each in found],
    }
    return Html("queue.html", values, status)
