"""Tells the ticket desk what became of tickets: durably, in order for each ticket, for as long as the desk needs.

`also` puts an event into the `desk` queue, in the transaction of the change itself; the ordering key is the ticket. A
worker in the public server takes it from there, again after 1, 2, 4 … 300 s while the desk does not take it. An event
is told twice when a process dies before it writes down that the desk took it; adapters are idempotent, so the second
time has no effect.

The same worker's other queue closes what customers left unanswered on channels that have no inbox of their own, and
writes down the end of silences that nobody ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.engine import Connection

from segunda_via.desks import registry
from segunda_via.desks.desk_setting import DeskSettings
from segunda_via.errors import ConfigurationError, SecretKeyError, TicketDeskError
from segunda_via.job_queue.job import Job
from segunda_via.job_queue.queue import JobQueue
from segunda_via.job_queue.worker import Done, Fail, Retry, Verdict, Worker, backoff
from segunda_via.tickets.journal import Also, Journal, nothing
from segunda_via.tickets.ticket import InvoiceSent, Ticket, TicketDesk, TicketEvent, TicketEventKind
from segunda_via.tickets.ticket_service import TicketService

logger = logging.getLogger(__name__)

PATIENCE = timedelta(days=3)
"""An event that no desk took for so long is given up; its ticket says so."""

SWEEP = 30.0
"""Seconds between two looks for silences that are over."""


class DeskRelay:
    """`settings(company)` is the desk in force, `desk(company)` that desk, ready to be told."""

    def __init__(
        self,
        journal: Journal,
        queue: JobQueue,
        *,
        settings: Callable[[str], DeskSettings],
        desk: Callable[[str], TicketDesk],
        now: Callable[[], datetime],
    ) -> None:
        self._journal = journal
        self._queue = queue
        self._settings = settings
        self._desk = desk
        self._now = now

    def also(self, company: str) -> Also:
        """What is put down with a change of that company's tickets. The settings are read here, before it begins."""
        settings = self._settings(company)
        if settings.name == registry.JOURNAL:
            return nothing

        def put(connection: Connection, event: TicketEvent) -> None:
            if registry.is_told(settings.name, settings.credentials, event.ticket):
                payload = {"desk": settings.name, **_written(event)}
                self._queue.put(
                    event.ticket.id, event.id, event.kind.value, payload, company=company, connection=connection
                )

        return put

    async def tell(self, job: Job) -> Verdict:
        """Tell the desk of one event."""
        event = _read(job.payload)
        if self._now() - job.created_at > PATIENCE:
            return await self._give_up(event, "expired")
        try:
            settings = await asyncio.to_thread(self._settings, job.company)
            if settings.name != job.payload["desk"]:
                return await self._give_up(event, "the desk was changed")
            desk = await asyncio.to_thread(self._desk, job.company)
            await self._told(desk, await self._known(desk, event))
        except TicketDeskError as error:
            logger.warning("the ticket desk did not take %s: %s", event.kind.value, error)
            if not error.retryable:
                return await self._give_up(event, str(error))
            return Retry(backoff(job.attempts))
        except (ConfigurationError, SecretKeyError) as error:
            logger.error("the ticket desk cannot be told: %s", error)
            return Retry(backoff(job.attempts))
        return Done(event.kind.value)

    async def _known(self, desk: TicketDesk, event: TicketEvent) -> TicketEvent:
        """The event with what the desk knows its ticket by, which an earlier event may have brought about."""
        ticket = event.ticket
        if ticket.desk_id is None:
            known = await asyncio.to_thread(self._journal.get, ticket.company, ticket.id)
            ticket = known or ticket
        if ticket.desk_id is None:
            desk_id = await desk.open(ticket)
            if desk_id is not None:
                ticket = Ticket(ticket.company, ticket.id, ticket.conversation_id, desk_id)
                await asyncio.to_thread(self._journal.known_at_desk, ticket, desk_id)
        return TicketEvent(**{**event.__dict__, "ticket": ticket})

    @staticmethod
    async def _told(desk: TicketDesk, event: TicketEvent) -> None:
        if event.kind is TicketEventKind.TRANSFERRED:
            await desk.transfer(event)
        elif event.kind is TicketEventKind.FINISHED:
            await desk.finish(event)
        elif event.kind is TicketEventKind.HANDED_OVER:
            await desk.hand_over(event)
        else:
            await desk.reopen(event)

    async def _give_up(self, event: TicketEvent, why: str) -> Verdict:
        logger.error("the ticket desk is not told of %s any more: %s", event.kind.value, why)
        await asyncio.to_thread(self._journal.remark, event.ticket, "not_told", f"{event.kind.value}: {why}")
        return Fail(why)


class RelayWorkers:
    """What tells the desk, and what closes questions left unanswered: started and stopped with the public server."""

    def __init__(
        self,
        relay: DeskRelay,
        tickets: TicketService,
        queue: JobQueue,
        timers: JobQueue,
        poll: float = 0.5,
    ) -> None:
        self._tickets = tickets
        self._workers = (
            Worker(queue, relay.tell, name="desk", concurrency=8, poll=poll),
            Worker(timers, self._time_out, name="timers", concurrency=4, poll=poll * 2),
        )
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """In the running loop."""
        self._tasks = [asyncio.create_task(worker.run()) for worker in self._workers]
        self._tasks.append(asyncio.create_task(self._sweep()))

    async def stop(self, grace: float = 5.0) -> None:
        """Let what is under way end; what is not comes back after the next start."""
        await asyncio.gather(*(worker.stop(grace) for worker in self._workers))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _time_out(self, job: Job) -> Verdict:
        """A question left unanswered, on a channel where nothing can be said unasked: the ticket is closed."""
        await asyncio.to_thread(self._tickets.abandon, job.company, job.ordering_key)
        return Done()

    async def _sweep(self) -> None:
        """End the silences that are over."""
        while True:
            with contextlib.suppress(Exception):  # a database that is away: next time
                await asyncio.to_thread(self._tickets.end_expired)
            await asyncio.sleep(SWEEP)


def _written(event: TicketEvent) -> dict[str, object]:
    ticket, invoice = event.ticket, event.invoice
    return {
        "id": event.id,
        "kind": event.kind.value,
        "ticket": [ticket.company, ticket.id, ticket.conversation_id, ticket.desk_id],
        "occurred_at": event.occurred_at.isoformat(),
        "queue": event.queue,
        "outcome": event.outcome,
        "reason": event.reason,
        "summary": event.summary,
        "invoice": invoice and [invoice.number, invoice.due_date.isoformat(), str(invoice.amount)],
    }


def _read(payload: Mapping[str, Any]) -> TicketEvent:
    invoice = payload["invoice"]
    return TicketEvent(
        id=payload["id"],
        kind=TicketEventKind(payload["kind"]),
        ticket=Ticket(*payload["ticket"]),
        occurred_at=datetime.fromisoformat(payload["occurred_at"]),
        queue=payload["queue"],
        outcome=payload["outcome"],
        reason=payload["reason"],
        summary=payload["summary"],
        invoice=invoice and InvoiceSent(invoice[0], date.fromisoformat(invoice[1]), Decimal(invoice[2])),
    )
