"""Filas e Departamentos: the queue, its message and its colour; and whether the desk has it, by its exact name."""

from __future__ import annotations

import asyncio

from segunda_via.errors import ConfigurationError, TicketDeskError
from segunda_via.health.desk import examine
from segunda_via.settings import queue
from segunda_via.settings.queue import QueueSettings
from segunda_via.tickets import guidance
from segunda_via.tickets.port import QUEUE, KeepsQueues
from segunda_via.tickets.registry import JOURNAL, product
from segunda_via.web import saving
from segunda_via.web.page import Answer, Html, Page, Redirect, Visit

PAGE = Page("/fila", "Filas e Departamentos", "Atendimento", "queue")


@PAGE.get()
def show(visit: Visit) -> Answer:
    return _page(visit, queue.in_force(visit.app.settings, visit.company))


@PAGE.post()
def save(visit: Visit) -> Answer:
    form = visit.form
    typed = QueueSettings(form["mensagem"].replace("\r\n", "\n"), form["cor"])
    if form["nome"] != QUEUE:
        return _page(visit, typed, f"o nome da fila deve ser exatamente “{QUEUE}”, sem espaços a mais", 400)
    refused = saving.attempt(
        visit,
        queue.NAME,
        lambda store: queue.save(store, visit.company, typed, by=visit.operator, at=visit.app.now()),
    )
    return _page(visit, typed, refused.words, refused.status) if refused else Redirect(PAGE.url, "Salvo.")


@PAGE.post("/conferir")
async def check(visit: Visit) -> Answer:
    """Ask the desk whether it has the queue; its answer names what looks alike and is not."""
    app = visit.app
    settings = await asyncio.to_thread(app.desk_settings, visit.company)
    if settings.name == JOURNAL:
        return Redirect(PAGE.url, "Sem plataforma de atendimento, a fila existe no diário próprio.")
    try:
        missing = await examine(app, visit.company, settings)
    except (ConfigurationError, TicketDeskError) as error:
        return await asyncio.to_thread(_unanswered, visit, error)
    if missing:
        return await asyncio.to_thread(_missing, visit, missing)
    if isinstance(app.desk(visit.company), KeepsQueues):
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
            saved = await asyncio.to_thread(queue.in_force, app.settings, visit.company)
            await desk.create_queue(QUEUE, saved.message, saved.color)
        missing = await examine(app, visit.company, settings)
    except (ConfigurationError, TicketDeskError) as error:
        return await asyncio.to_thread(_unanswered, visit, error)
    if missing:
        return await asyncio.to_thread(_missing, visit, missing)
    return Redirect(PAGE.url, f"A fila “{QUEUE}” existe na plataforma, com o nome exato.")


def _unanswered(visit: Visit, error: ConfigurationError | TicketDeskError) -> Answer:
    label = product(visit.app.desk_settings(visit.company).name).label.split(" (")[0]
    words = guidance.in_words(label, error) if isinstance(error, TicketDeskError) else str(error)
    return _page(visit, queue.in_force(visit.app.settings, visit.company), words)


def _missing(visit: Visit, missing: str) -> Answer:
    return _page(visit, queue.in_force(visit.app.settings, visit.company), missing, creatable=True)


def _page(
    visit: Visit, typed: QueueSettings, problem: str | None = None, status: int = 200, *, creatable: bool = False
) -> Answer:
    values = {
        "title": "Filas e Departamentos",
        "queue_name": QUEUE,
        "typed": typed,
        "exists": saving.version(visit, queue.NAME) != "",
        "version": saving.version(visit, queue.NAME),
        "problem": problem,
        "creatable": creatable,
    }
    return Html("queue.html", values, status)
