"""One row for each step of the flow (`segunda_via.metrics.event`).

`duration_ms` is how long the gateway took (`found`, `nothing_to_send`, `handed_over` after a lookup) or, of
`delivered`, the time since the document was given, or the next invoice accepted. `conversation` is a keyed hash; of a
ticket that bears the conversation's id only the ordinal is kept. `touched`, of `finished`: a person took that ticket,
before or since.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from segunda_via.boletos.documents import mask
from segunda_via.metrics import days
from segunda_via.metrics.event import MetricEvent
from segunda_via.storage.database import Moment, Money, metadata, single
from segunda_via.storage.keys import KeyRing
from segunda_via.tickets.ticket import TicketEvent, TicketEventKind

logger = logging.getLogger(__name__)

metric_events = sa.Table(
    "segunda_via_metric_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("occurred_at", Moment, nullable=False),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("conversation", sa.String(64), nullable=False),
    sa.Column("ticket_id", sa.String(255)),
    sa.Column("outcome", sa.String(32)),
    sa.Column("reason", sa.String(128)),
    sa.Column("gateway", sa.String(32)),
    sa.Column("duration_ms", sa.Integer),
    sa.Column("tries", sa.Integer),
    sa.Column("amount", Money),
    sa.Column("document_masked", sa.String(32)),
    sa.Column("touched", sa.Boolean, nullable=False, default=False),
    sa.Index("segunda_via_metric_events_by_time", "company", "occurred_at", "event"),
    sa.Index("segunda_via_metric_events_by_event", "company", "event", "occurred_at", "id"),
    sa.Index("segunda_via_metric_events_by_conversation", "company", "conversation", "event", "occurred_at"),
)

_LONGEST_DELIVERY = timedelta(hours=24)
"""A document given longer ago has nothing to do with a delivery."""


_ENDINGS = {TicketEventKind.FINISHED: MetricEvent.FINISHED, TicketEventKind.HANDED_OVER: MetricEvent.HANDED_OVER}


class MetricsRecorder:
    """Records events. `now` gives the time, aware, in UTC."""

    def __init__(self, engine: Engine, keys: KeyRing, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self.fingerprint = keys.fingerprint("flow conversations")
        """What stands for a conversation in the table."""
        self._now = now

    def record(
        self,
        event: MetricEvent,
        company: str,
        conversation_id: str,
        *,
        outcome: str | None = None,
        reason: str | None = None,
        gateway: str | None = None,
        duration_ms: int | None = None,
        tries: int | None = None,
        amount: Decimal | None = None,
        document: str | None = None,
    ) -> None:
        """Keep one event. It never raises: figures do not stand in a customer's way. `document` is masked here."""
        try:
            conversation, now = self.fingerprint(conversation_id), self._now()
            if event is MetricEvent.DELIVERED and duration_ms is None:
                with self._engine.connect() as connection:
                    duration_ms = _since_document(connection, company, conversation, now)
            with single(self._engine) as connection:
                connection.execute(
                    sa.insert(metric_events).values(
                        company=company,
                        occurred_at=now,
                        event=event.value,
                        conversation=conversation,
                        outcome=outcome,
                        reason=reason[:128] if reason else None,
                        gateway=gateway,
                        duration_ms=duration_ms,
                        tries=tries,
                        amount=amount,
                        document_masked=mask(document) if document else None,
                    )
                )
        except Exception as error:
            logger.warning("an event of the flow was not recorded: %s (%s)", event.value, type(error).__name__)

    def ended(self, connection: Connection, told: TicketEvent) -> None:
        """Keep how a ticket ended, in the transaction that ends it. It never raises either."""
        event = _ENDINGS.get(told.kind)
        if event is MetricEvent.FINISHED and told.outcome == MetricEvent.ABANDONED.value:
            event = MetricEvent.ABANDONED
        if event is None:
            return
        try:
            with connection.begin_nested():
                company, conversation = told.ticket.company, self.fingerprint(told.ticket.conversation_id)
                ticket = told.ticket.id.removeprefix(told.ticket.conversation_id)[:255]
                this = (company, conversation, ticket)
                taken = sa.exists().where(*_of_ticket(MetricEvent.HANDED_OVER, *this))
                connection.execute(
                    sa.insert(metric_events).values(
                        company=company,
                        occurred_at=told.occurred_at,
                        event=event.value,
                        conversation=conversation,
                        ticket_id=ticket,
                        outcome=told.outcome[:32] if told.outcome else None,
                        reason=told.reason[:128] if told.reason else None,
                        touched=taken if event is MetricEvent.FINISHED else False,
                    )
                )
                if event is MetricEvent.HANDED_OVER:
                    _touch(connection, *this)
        except Exception as error:
            logger.warning("an event of the flow was not recorded: %s (%s)", event.value, type(error).__name__)


def _since_document(connection: Connection, company: str, conversation: str, now: datetime) -> int | None:
    given = connection.execute(
        sa.select(sa.func.max(metric_events.c.occurred_at)).where(
            metric_events.c.company == company,
            metric_events.c.conversation == conversation,
            metric_events.c.event.in_([MetricEvent.DOCUMENT_GIVEN.value, MetricEvent.NEXT_ACCEPTED.value]),
            metric_events.c.occurred_at > now - _LONGEST_DELIVERY,
        )
    ).scalar()
    return None if given is None else int((now - given).total_seconds() * 1000)


def _touch(connection: Connection, company: str, conversation: str, ticket: str) -> None:
    """A person took that ticket: wherever it counted as finished without anybody, it does so no more."""
    finished_on = _days(connection, MetricEvent.FINISHED, company, conversation, ticket)
    if finished_on:
        finished = _of_ticket(MetricEvent.FINISHED, company, conversation, ticket)
        connection.execute(sa.update(metric_events).where(*finished).values(touched=True))
    for day in sorted(finished_on):
        days.doubt(connection, company, day)


def _days(connection: Connection, event: MetricEvent, company: str, conversation: str, ticket: str) -> set[date]:
    """The days on which that happened to the ticket."""
    happened = sa.select(metric_events.c.occurred_at).where(*_of_ticket(event, company, conversation, ticket))
    return {days.day_of(moment) for moment in connection.execute(happened).scalars()}


def _of_ticket(event: MetricEvent, company: str, conversation: str, ticket: str) -> tuple[sa.sql.ColumnElement, ...]:
    c = metric_events.c
    return c.company == company, c.conversation == conversation, c.event == event.value, c.ticket_id == ticket
