"""The ticket desk, and whether it has the queue: as it answered last, or as it answers now."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from segunda_via.app import App
from segunda_via.boletos.formatting import ago, moment
from segunda_via.desks import registry
from segunda_via.desks.desk_setting import DeskSettings
from segunda_via.errors import TicketDeskError
from segunda_via.operations.probes.probe import Finding, Level, Row
from segunda_via.storage.health_record import DESK, Trouble, mark
from segunda_via.storage.health_record import QUEUE as QUEUE_ROW
from segunda_via.tickets.ticket import QUEUE, KeepsQueues

LATE = timedelta(minutes=5)
"""How long what the desk is to be told may wait."""


def row(app: App, company: str) -> Row | None:
    settings = app.desk_settings(company)
    return None if settings.name == registry.JOURNAL else Row(DESK, mark(settings.credentials))


async def ask(app: App, company: str, settings: DeskSettings) -> str | None:
    """None when all is well, else what is missing: the queue, by its exact name. `settings` need not be saved yet.

    What it answers is noted. TicketDeskError when the desk does not answer, or not to us; ConfigurationError when it
    cannot be asked.
    """
    token = mark(settings.credentials)
    desk = registry.build(settings.name, settings.credentials, app.http, app.api_sessions)
    missing, keeps = None, isinstance(desk, KeepsQueues)
    try:
        if isinstance(desk, KeepsQueues):
            missing = await desk.missing(QUEUE)
        else:
            await desk.check()
    except TicketDeskError as error:
        await asyncio.to_thread(app.health.failed, company, DESK, token, _trouble(error))
        raise
    await asyncio.to_thread(app.health.worked, company, DESK, token)
    if missing:
        await asyncio.to_thread(app.health.failed, company, QUEUE_ROW, token, Trouble.MISSING)
    elif keeps:
        await asyncio.to_thread(app.health.worked, company, QUEUE_ROW, token)
    return missing


def _trouble(error: TicketDeskError) -> Trouble:
    if error.rejected:
        return Trouble.REJECTED
    return Trouble.UNAVAILABLE if error.retryable else Trouble.UNREADABLE


async def check(app: App, company: str) -> Finding:
    """Asked now, no answer is a failure. An answer is not all: events may wait, or be left out."""
    settings = await asyncio.to_thread(app.desk_settings, company)
    if settings.name == registry.JOURNAL:
        await asyncio.to_thread(app.journal.check)
        return known(app, company)
    try:
        await ask(app, company, settings)
    except TicketDeskError:
        return replace(await asyncio.to_thread(known, app, company), level=Level.FAILURE)
    found = await asyncio.to_thread(known, app, company)
    left = await asyncio.to_thread(_left_untold, app, company, settings)
    return replace(found, level=Level.WARNING, detail=f"{found.detail}, mas {left}") if left else found


def _left_untold(app: App, company: str, settings: DeskSettings) -> str | None:
    """What the desk has not been told, in words."""
    waiting, since = app.desk_queue.waiting()
    if since is not None and app.now() - since > LATE:
        return f"{waiting} avisos esperam há mais de 5 min"
    recent = app.journal.recent(company)
    if not all(registry.is_told(settings.name, settings.credentials, entry.ticket) for entry in recent):
        return "há atendimentos sem ticket_id da plataforma: ficam só no diário próprio"
    return None


def known(app: App, company: str) -> Finding:
    settings, page = app.desk_settings(company), "/atendimento"
    label = registry.description(settings.name).label
    if settings.name == registry.JOURNAL:
        return Finding("ticket_desk", Level.OK, "no diário próprio", None, page)
    last = app.health.of(company, DESK, mark(settings.credentials))
    if last.trouble is Trouble.REJECTED:
        words = f"{label} recusa o acesso desde {moment(last.failing_since)}"
        return Finding("ticket_desk", Level.FAILURE, words, "confira", page)
    if last.trouble is not None:
        words = "não respondeu" if last.trouble is Trouble.UNAVAILABLE else "deu uma resposta que não entendo"
        words = f"{label} {words} em {moment(last.failed_at)}"
        return Finding("ticket_desk", Level.WARNING, words, "os avisos esperam", page)
    if last.succeeded_at is None:
        return Finding("ticket_desk", Level.WARNING, f"{label}, ainda sem contato", "confira", page)
    return Finding("ticket_desk", Level.OK, f"{label} respondeu {ago(app.now() - last.succeeded_at)}", None, page)


async def check_queue(app: App, company: str) -> Finding:
    """What the desk has in the place of a missing queue is told too."""
    settings = await asyncio.to_thread(app.desk_settings, company)
    missing = None if settings.name == registry.JOURNAL else await ask(app, company, settings)
    found = await asyncio.to_thread(known_queue, app, company)
    return replace(found, detail=missing) if missing else found


def known_queue(app: App, company: str) -> Finding:
    """Of a desk that keeps queues it is said what it answered last, not what was saved here."""
    settings, page = app.desk_settings(company), "/fila"
    if settings.name == registry.JOURNAL or not isinstance(app.desk(company), KeepsQueues):
        return Finding("queue", Level.OK, QUEUE, None, page)
    last = app.health.of(company, QUEUE_ROW, mark(settings.credentials))
    if last.trouble is not None:
        words, advice = "não existe com o nome exato", "crie-a ou corrija o nome"
        return Finding("queue", Level.FAILURE, words, advice, page, "`segunda-via queue create`")
    if last.succeeded_at is None:
        return Finding("queue", Level.WARNING, "ainda não conferida", "confira o nome", page)
    return Finding("queue", Level.OK, QUEUE, None, page)
