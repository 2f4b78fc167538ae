"""The desk's side of the contract suite: how ticket 481 stands at each desk, in one vocabulary.

A side is made before the App. `prepare` lets the desk have the queue and the ticket, as a channel brings it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from support.receiver import Receiver

from sandbox.server import RunningSandbox
from segunda_via.app import App
from segunda_via.tickets.ticket import QUEUE

COMPANY = "default"
SECRET = "o segredo do webhook"


class DeskSide(ABC):
    """One desk, simulated."""

    name: str
    people_read = True
    """Whether the note of a hand-over is read by people, and not by another program."""
    knows_its_tickets = True
    """Whether it refuses a ticket that it does not know."""
    handed_over = "queued"
    """How a ticket stands that was handed over."""

    app: App

    def __init__(self, sandbox: RunningSandbox, receiver: Receiver) -> None:
        self.sandbox = sandbox
        self.receiver = receiver

    @property
    def simulator(self) -> Any:
        return next(each for each in self.sandbox.sandbox.desks if each.name == self.name)

    def credentials(self) -> dict[str, str]:
        return self.sandbox.sandbox.desk_credentials(self.sandbox.base_url)[self.name]

    def prepare(self) -> None:
        self.add_queue(QUEUE)

    @abstractmethod
    def add_queue(self, name: str) -> None:
        """Let the desk have a queue of that name."""

    @abstractmethod
    def status(self) -> str:
        """`queued`, `closed` or `open`."""

    @abstractmethod
    def queue(self) -> str | None:
        """The name of the queue that the ticket stands in; None while it stands in none."""

    @abstractmethod
    def closings(self) -> int:
        """How often the ticket was closed that was not."""

    @abstractmethod
    def notes(self) -> list[str]:
        """What was written on the ticket for people, in order."""


class WhaticketSide(DeskSide):
    name = "whaticket"

    def prepare(self) -> None:
        super().prepare()
        self.simulator.add_ticket(481)

    def add_queue(self, name: str) -> None:
        self.simulator.add_queue(name)

    def status(self) -> str:
        ticket = self.simulator.tickets[481]
        return "queued" if ticket.status == "pending" and self.queue() else str(ticket.status)

    def queue(self) -> str | None:
        names = {each["id"]: str(each["name"]) for each in self.simulator.queues}
        return names.get(self.simulator.tickets[481].queue_id)

    def closings(self) -> int:
        return int(self.simulator.tickets[481].closings)

    def notes(self) -> list[str]:
        return list(self.simulator.tickets[481].notes)


class ChatwootSide(DeskSide):
    name = "chatwoot"
    handed_over = "open"

    def prepare(self) -> None:
        super().prepare()
        self.simulator.add_conversation(481, labels=["vip"])

    def add_queue(self, name: str) -> None:
        self.simulator.add_team(name)

    def status(self) -> str:
        conversation = self.simulator.conversations[481]
        names = {"resolved": "closed", "pending": "queued", "open": "open"}
        return names[conversation.status] if conversation.team_id else "nowhere"

    def queue(self) -> str | None:
        names = {each["id"]: str(each["name"]) for each in self.simulator.teams}
        return names.get(self.simulator.conversations[481].team_id)

    def closings(self) -> int:
        return int(self.simulator.conversations[481].resolutions)

    def notes(self) -> list[str]:
        return [each["content"] for each in self.simulator.conversations[481].messages if each["private"]]


class WebhookSide(DeskSide):
    name = "webhook"
    people_read = False
    knows_its_tickets = False

    def credentials(self) -> dict[str, str]:
        return {"base_url": self.receiver.url, "secret": SECRET}

    def add_queue(self, name: str) -> None:
        """It takes any."""

    def status(self) -> str:
        names = {"ticket.finished": "closed", "ticket.reopened": "open"}
        return names.get(self.receiver.events[-1]["event"], "queued")

    def queue(self) -> str | None:
        return str(self.receiver.events[-1]["queue"])

    def closings(self) -> int:
        return len({event["id"] for event in self.receiver.events if event["event"] == "ticket.finished"})

    def notes(self) -> list[str]:
        handed = {event["id"]: event for event in self.receiver.events if event["event"] == "ticket.handed_over"}
        return [f"{event['summary']} {event['reason']}" for event in handed.values()]


class JournalSide(DeskSide):
    name = "journal"
    people_read = False
    knows_its_tickets = False

    def credentials(self) -> dict[str, str]:
        return {}

    def add_queue(self, name: str) -> None:
        """It takes any."""

    def _entry(self) -> Any:
        return self.app.journal.entry(COMPANY, "481")

    def _events(self) -> list[str]:
        return [event for _, event, _ in self.app.journal.events(self._entry().ticket)]

    def status(self) -> str:
        names = {"finished": "closed", "handed_over": "queued"}
        return names.get(self._entry().status, "queued" if len(self._events()) == 2 else "open")

    def queue(self) -> str | None:
        return str(self._entry().queue)

    def closings(self) -> int:
        return self._events().count("finished")

    def notes(self) -> list[str]:
        return [f"{self._entry().summary} {self._entry().reason}"]


SIDES: dict[str, type[DeskSide]] = {
    each.name: each
    for each in (
        JournalSide,
        WhaticketSide,
        ChatwootSide,
        WebhookSide,
    )
}
