"""Conversations in this process: the trained model and the real actions, with no socket between them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

from segunda_via import app as composition
from segunda_via.app import App
from segunda_via.boletos.invoice import InvoiceChoice
from segunda_via.boletos.outcome import Outcome
from segunda_via.delivery.bundle import Code, Message, say
from segunda_via.delivery.deliver_segunda_via import Delivery
from segunda_via.metrics.recorder import metric_events
from segunda_via.settings.environment import Environment
from segunda_via.tickets.journal import JournalEntry
from support.databases import migrated_sqlite
from support.factories import invoice

TODAY = date(2026, 11, 23)
COMPANY = "default"
CPF = "52998224725"
CNPJ = "11222333000181"
QUESTION = "utter_ask_segunda_via_form_segunda_via_document"

WORDS: dict[Outcome, tuple[Message, ...]] = {
    Outcome.UNPAYABLE: (say("utter_segunda_via_unpayable"),),
    Outcome.NOTHING_TO_SEND: (say("utter_segunda_via_nothing_to_send"),),
    Outcome.INVALID_DOCUMENT: (),
    Outcome.SUSPICIOUS: (say("utter_segunda_via_suspicious"),),
    Outcome.GATEWAY_UNAVAILABLE: (say("utter_segunda_via_unavailable"),),
    Outcome.NOT_CONFIGURED: (say("utter_segunda_via_unavailable"),),
    Outcome.TOKEN_REJECTED: (say("utter_segunda_via_unavailable"),),
    Outcome.TOO_MANY_TRIES: (say("utter_segunda_via_too_many_tries"),),
}
DELIVERED = "DELIVERED"


class InProcessActionServer(EndpointConfig):
    """The action server without its socket: what crosses is JSON, as it would be."""

    def __init__(self) -> None:
        super().__init__("http://in-process")
        self.executor = ActionExecutor()
        self.executor.register_package("actions")

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        return await self.answer(kwargs["json"])

    async def answer(self, call: dict[str, Any]) -> Any:
        try:
            result = await self.executor.run(json.loads(json.dumps(call)))
        except ActionExecutionRejection as error:
            body = json.dumps({"error": error.message, "action_name": error.action_name})
            raise ClientResponseError(400, error.message, body) from error
        return json.loads(json.dumps(result))


@dataclass
class ScriptedDelivery:
    """Stands for the use case: ends as told, in order, the last ending for ever; remembers what it was asked for.

    Without a document it ends as the real one does.
    """

    endings: list[Outcome] = field(default_factory=lambda: [Outcome.OVERDUE])
    asked: list[str] = field(default_factory=list)

    counted: list[bool] = field(default_factory=list)
    """Of each request, whether it was counted before."""
    open: list[str] = field(default_factory=lambda: ["fatura-1"])
    """The gateway's ids of the open invoices."""
    excluded: list[tuple[str, ...]] = field(default_factory=list)

    async def __call__(
        self,
        company: str,
        sender: str,
        written: str,
        excluding: Collection[str] = (),
        *,
        offer: bool = False,
        counted: bool = False,
    ) -> Delivery:
        if not written:
            return Delivery(Outcome.INVALID_DOCUMENT, (), "invalid_document")
        self.asked.append(written)
        self.counted.append(counted)
        self.excluded.append(tuple(excluding))
        ending = self.endings.pop(0) if len(self.endings) > 1 else self.endings[0]
        left = [each for each in self.open if each not in excluding]
        if not left:
            ending = Outcome.NOTHING_TO_SEND
        delivers = ending.is_delivered
        choice = InvoiceChoice(invoice(gateway_id=left[0]), True, len(left) - 1) if delivers else None
        reason = None if delivers else ending.value
        said = WORDS.get(ending, (Code(DELIVERED),))
        return Delivery(ending, said, reason, choice=choice, gateway="fake", duration_ms=40)

    async def still_open(self, company: str, sender: str, written: str) -> Delivery:
        return await self(company, sender, written)


@dataclass(frozen=True)
class Turn:
    """What the customer heard in answer to one message."""

    messages: list[dict[str, Any]]
    said: list[str]
    """The name of each response; of what has none (a composed text, a code, a link), the thing itself."""

    def __getitem__(self, place: int) -> str:
        return self.said[place]

    @property
    def text(self) -> str:
        return "\n".join(message.get("text") or "" for message in self.messages)


_PARTS = ("utter_action", "text", "image", "attachment")


class Phone(CollectingOutputChannel):
    """Keeps what arrives, and by which response it was said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        self.said.append(next(message[part] for part in _PARTS if message.get(part)))
        await super().send_response(recipient_id, message)


class Conversation:
    """One customer."""

    def __init__(self, agent: Agent, app: App, delivery: ScriptedDelivery | None = None) -> None:
        self.agent = agent
        self.app = app
        self.delivery = delivery or ScriptedDelivery()
        self.sender = uuid.uuid4().hex
        self.channel = "test"

    async def says(self, text: str, **metadata: Any) -> Turn:
        phone = Phone()
        message = UserMessage(text, phone, self.sender, input_channel=self.channel, metadata=metadata)
        await self.agent.handle_message(message)
        return Turn(phone.messages, phone.said)

    async def tracker(self) -> DialogueStateTracker:
        tracker: DialogueStateTracker = await self.agent.tracker_store.get_or_create_tracker(self.sender)
        return tracker

    async def slots(self) -> dict[str, Any]:
        """The slots that hold something, but for those that Rasa or the form keep for themselves."""
        slots = (await self.tracker()).current_slot_values()
        own = {"session_started_metadata", "requested_slot"}
        return {name: value for name, value in slots.items() if value is not None and name not in own}

    async def is_asked(self) -> bool:
        """Whether the form is waiting for an answer."""
        return (await self.tracker()).active_loop_name == "segunda_via_form"

    async def times_out(self) -> list[Turn]:
        """What the timers that are due make the customer hear, as the inbox's worker lets them enter."""
        turns = []
        for entry in self.app.inbox.take("test"):
            phone, intent = Phone(), {"name": entry.payload["intent"], "confidence": 1.0}
            parsed = {"text": "", "intent": intent, "intent_ranking": [intent], "entities": []}
            message = UserMessage(
                f"EXTERNAL: {intent['name']}",
                phone,
                entry.ordering_key,
                input_channel="test",
                parse_data=parsed,
                metadata={"input": entry.kind},
            )
            await self.agent.handle_message(message)
            self.app.inbox.done(entry)
            turns.append(Turn(phone.messages, phone.said))
        return turns

    def passes(self, **time: float) -> None:
        """Move the application's clock; Rasa's own stays."""
        assert isinstance(self.app.now, Clock)
        self.app.now.moment += timedelta(**time)

    def flow(self) -> list[str]:
        """The events of the flow, in order."""
        query = sa.select(metric_events.c.event).order_by(metric_events.c.id)
        with self.app.engine.connect() as connection:
            return list(connection.execute(query).scalars())

    async def lets_pass(self, minutes: float) -> None:
        """Rasa reads the clock itself, so the past is moved instead."""
        tracker = await self.tracker()
        for event in tracker.events:
            event.timestamp -= minutes * 60
        await self.agent.tracker_store.save(tracker)

    def tickets(self) -> list[JournalEntry]:
        return self.app.journal.recent(COMPANY)

    def ticket(self) -> tuple[str, str | None]:
        """Status and reason of the only ticket; a finished one has its outcome for a reason."""
        (entry,) = self.tickets()
        return entry.status, entry.outcome if entry.status == "finished" else entry.reason


@dataclass
class Clock:
    """The application's: it stands still until it is moved."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment


@contextmanager
def application(folder: Path, today: date, **environ: str) -> Iterator[App]:
    """An App of its own, in force while it lasts."""
    database = migrated_sqlite(folder)
    environment = Environment.read({"SEGUNDA_VIA_DATABASE_URL": database, **environ})
    clock = Clock(datetime(today.year, today.month, today.day, 15, tzinfo=timezone.utc))
    app = App(environment, today=lambda: today, now=clock, home=folder)
    composition.use(app)
    try:
        yield app
    finally:
        composition.use(None)
