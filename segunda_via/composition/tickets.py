"""The life of tickets: journal, the desk in force and the courier that tells it, questions that wait."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

from sqlalchemy.engine import Connection

from segunda_via.composition.boletos import Boletos
from segunda_via.conversation.inactivity import InactivityTimers
from segunda_via.desks import desk_setting
from segunda_via.desks import registry as desks
from segunda_via.desks.desk_setting import DeskSettings
from segunda_via.desks.relay import DeskRelay, RelayWorkers
from segunda_via.job_queue.queue import JobQueue
from segunda_via.settings import conversation as conversation_setting
from segunda_via.tickets.human_takeover import HumanTakeover
from segunda_via.tickets.journal import Also, Journal
from segunda_via.tickets.ticket import TicketDesk, TicketEvent
from segunda_via.tickets.ticket_service import TicketService


class Tickets(Boletos):
    @cached_property
    def journal(self) -> Journal:
        return Journal(self.engine, self.keys, self.now)

    @cached_property
    def care(self) -> HumanTakeover:
        return HumanTakeover(self.engine, self.keys, self.now)

    @cached_property
    def tickets(self) -> TicketService:
        return TicketService(self.journal, self.care, self.now, also=self._also, silence=self._silence)

    @cached_property
    def courier(self) -> DeskRelay:
        return DeskRelay(self.journal, self.desk_lane, settings=self.desk_settings, desk=self.desk, now=self.now)

    @cached_property
    def rounds(self) -> RelayWorkers:
        return RelayWorkers(self.courier, self.tickets, self.desk_lane, self.timers)

    def desk_settings(self, company: str) -> DeskSettings:
        return desk_setting.in_force(self.settings, company, self.environment)

    def desk(self, company: str) -> TicketDesk:
        """The desk in force, which must not be the journal; ConfigurationError when it cannot be spoken to."""
        settings = self.desk_settings(company)
        return desks.build(settings.name, settings.credentials, self.http, self.sessions)

    @cached_property
    def desk_lane(self) -> JobQueue:
        """What the ticket desk is still to be told; a lane is a ticket."""
        return JobQueue(self.engine, self.keys, self.now, "desk")

    @cached_property
    def timers(self) -> JobQueue:
        """Questions left unanswered on channels that cannot speak unasked; a lane is a conversation."""
        return JobQueue(self.engine, self.keys, self.now, "timers")

    @cached_property
    def inbox(self) -> JobQueue:
        """What has entered and waits for its turn; a lane is a conversation."""
        return JobQueue(self.engine, self.keys, self.now, "inbox")

    @cached_property
    def waiting(self) -> InactivityTimers:
        return InactivityTimers(self.inbox, self.timers, self.now, self._inactivity)

    def _also(self, company: str) -> Also:
        """What else is done in the transaction in which something becomes of a ticket of that company."""
        tell = self.courier.also(company)

        def also(connection: Connection, event: TicketEvent) -> None:
            tell(connection, event)
            self.flow.ended(connection, event)

        return also

    def _inactivity(self, company: str) -> timedelta | None:
        return conversation_setting.in_force(self.settings, company).inactivity

    def _silence(self, company: str) -> timedelta:
        return timedelta(hours=conversation_setting.in_force(self.settings, company).silence_hours)
