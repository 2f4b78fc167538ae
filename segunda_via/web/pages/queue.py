"""Filas e Departamentos: the queue, its message and its colour; and whether the desk has it, by its exact name."""

from __future__ import annotations

import asyncio

from segunda_via.errors import ConfigurationError, SegundaViaError
from segunda_via.settings import queue
from segunda_via.settings.queue import QueueSettings
from segunda_via.tickets.port import QUEUE
from segunda_via.tickets.registry import JOURNAL
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
    try:
        if (await asyncio.to_thread(app.desk_settings, visit.company)).name == JOURNAL:
            return Redirect(PAGE.url, "Sem plataforma de atendimento, a fila existe no diário próprio.")
        await (await asyncio.to_thread(app.desk, visit.company)).check()
    except ConfigurationError as error:
        return await asyncio.to_thread(_checked, visit, str(error))
    except SegundaViaError as error:
        return await asyncio.to_thread(_checked, visit, str(error))
    return Redirect(PAGE.url, f"A plataforma respondeu e tem a fila “{QUEUE}”.")


def _checked(visit: Visit, problem: str) -> Answer:
    return _page(visit, queue.in_force(visit.app.settings, visit.company), problem, 200)


def _page(visit: Visit, typed: QueueSettings, problem: str | None = None, status: int = 200) -> Answer:
    values = {
        "title": "Filas e Departamentos",
        "queue_name": QUEUE,
        "typed": typed,
        "exists": saving.version(visit, queue.NAME) != "",
        "version": saving.version(visit, queue.NAME),
        "problem": problem,
    }
    return Html("queue.html", values, status)
