"""The life of tickets: journal, the desk in force and the courier that tells it, questions that wait."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

from sqlalchemy.engine import Connection

from segunda_via.composition.boletos import Boletos
from segunda_via.flow.waiting import Waiting
from segunda_via.outbox.lanes import Lanes
from segunda_via.settings import conversation as conversation_setting
from segunda_via.settings import desk as desk_setting
from segunda_via.settings.desk import DeskSettings
from segunda_via.tickets import registry as desks
from segunda_via.tickets.care import Care
from segunda_via.tickets.courier import Courier, Rounds
from segunda_via.tickets.journal import Also, Journal
from segunda_via.tickets.life import TicketLife
from segunda_via.tickets.port import Event as TicketEvent
from segunda_via.tickets.port import TicketDesk


class Tickets(Boletos):
    @cached_property
    def journal(self) -> Journal:
        return Journal(self.engine, self.keys, self.now)

    @cached_property
    def care(self) -> Care:
        return Care(self.engine, self.keys, self.now)

    @cached_property
    def tickets(self) -> TicketLife:
        return TicketLife(self.journal, self.care, self.now, also=self._also, silence=self._silence)

    @cached_property
    def courier(self) -> Courier:
        return Courier(self.journal, self.desk_lane, settings=self.desk_settings, desk=self.desk, now=self.now)

    @cached_property
    def rounds(self) -> Rounds:
        return Rounds(self.courier, self.tickets, self.desk_lane, self.timers)

    def desk_settings(self, company: str) -> DeskSettings:
        return desk_setting.in_force(self.settings, company, self.environment)

    def desk(self, company: str) -> TicketDesk:
        """The desk in force, which must not be the journal; ConfigurationError when it cannot be spoken to."""
        settings = self.desk_settings(company)
        return desks.build(settings.name, settings.credentials, self.http, self.sessions)

    @cached_property
    def desk_lane(self) -> Lanes:
        """What the ticket desk is still to be told; a lane is a ticket."""
        return Lanes(self.engine, self.keys, self.now, "desk")

    @cached_property
    def timers(self) -> Lanes:
        """Questions left unanswered on channels that cannot speak unasked; a lane is a conversation."""
        return Lanes(self.engine, self.keys, self.now, "timers")

    @cached_property
    def inbox(self) -> Lanes:
        """What has entered and waits for its turn; a lane is a conversation."""
        return Lanes(self.engine, self.keys, self.now, "inbox")

    @cached_property
    def waiting(self) -> Waiting:
        return Waiting(self.inbox, self.timers, self.now, self._inactivity)

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
