"""Asks the ticket desk whether it lets us in and has the queue, and writes down what it answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from segunda_via.desks import registry
from segunda_via.desks.desk_setting import DeskSettings
from segunda_via.errors import TicketDeskError
from segunda_via.storage.health_record import DESK, QUEUE, Trouble, mark
from segunda_via.tickets import ticket

if TYPE_CHECKING:
    from segunda_via.app import App


async def examine(app: App, company: str, settings: DeskSettings) -> str | None:
    """None when all is well, else what is missing: the queue, by its exact name. `settings` need not be saved yet.

    TicketDeskError when the desk does not answer, or not to us; ConfigurationError when it cannot be asked.
    """
    token = mark(settings.credentials)
    desk = registry.build(settings.name, settings.credentials, app.http, app.api_sessions)
    missing, keeps = None, isinstance(desk, ticket.KeepsQueues)
    try:
        if isinstance(desk, ticket.KeepsQueues):
            missing = await desk.missing(ticket.QUEUE)
        else:
            await desk.check()
    except TicketDeskError as error:
        await asyncio.to_thread(app.health.failed, company, DESK, token, _trouble(error))
        raise
    await asyncio.to_thread(app.health.worked, company, DESK, token)
    if missing:
        await asyncio.to_thread(app.health.failed, company, QUEUE, token, Trouble.MISSING)
    elif keeps:
        await asyncio.to_thread(app.health.worked, company, QUEUE, token)
    return missing


def _trouble(error: TicketDeskError) -> Trouble:
    if error.rejected:
        return Trouble.REJECTED
    return Trouble.UNAVAILABLE if error.retryable else Trouble.UNREADABLE
