"""What the actions that deliver share: a delivery's words, its figures, and the offer of the next invoice."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions import stock_channels
from segunda_via.actions.guard import message_id_of, speaks_unasked
from segunda_via.app import App
from segunda_via.boletos.outcome import Outcome
from segunda_via.company import COMPANY
from segunda_via.conversation.responses import Responses, lay_over, render
from segunda_via.delivery import bundle
from segunda_via.delivery.bundle import Attachment, Code, Image, Line, Message
from segunda_via.delivery.deliver_segunda_via import Delivery
from segunda_via.metrics.event import MetricEvent
from segunda_via.metrics.recorder import MetricsRecorder
from segunda_via.settings.conversation import CONVERSATION_SETTING
from segunda_via.tickets.ticket import InvoiceSent

logger = logging.getLogger(__name__)


def offers_next(app: App) -> bool:
    """Whether the next open invoice is to be offered."""
    with failure_logged("the conversation's settings"):
        return CONVERSATION_SETTING.in_force(app.recent_settings, COMPANY).offer_next
    return False


async def deliver(app: App, tracker: Tracker, document: str, sent: Sequence[str] = ()) -> Delivery:
    """The delivery; where the gateway cannot be asked and this channel can speak unasked, the promise of it."""
    sender, offer = tracker.sender_id, offers_next(app)
    if not speaks_unasked(tracker):
        return await app.deliver(COMPANY, sender, document, sent, offer=offer)
    delivery = await app.deliver_late.now_or_later(COMPANY, sender, message_id_of(tracker), document, sent, offer=offer)
    if delivery.promised and delivery.gateway:  # nobody is asked for what was promised before
        app.metrics.record(MetricEvent.PROMISED, COMPANY, sender, outcome=delivery.outcome.value)
    return delivery


def is_promised(app: App, tracker: Tracker) -> bool:
    """Whether a boleto is promised to this customer."""
    return speaks_unasked(tracker) and app.late_deliveries.of(COMPANY, tracker.sender_id) is not None


async def speak(
    app: App, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any], delivery: Delivery
) -> None:
    """Say the delivery's messages, in order, in the company's own words."""
    texts = lay_over(domain.get("responses") or {}, await app.response_cache.soon(COMPANY))
    for message in delivery.messages:
        say(dispatcher, message, texts, tracker.get_latest_input_channel())


def conclude(
    app: App,
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    document: str,
    delivery: Delivery,
    sent: Sequence[str] = (),
) -> None:
    """After the words: what the ticket ends with, the figures, and the offer. None of it stands in the way."""
    sender = tracker.sender_id
    delivered = delivery.outcome.is_delivered
    if delivered and delivery.choice:
        invoice = delivery.choice.invoice
        with failure_logged("the ticket's invoice"):
            app.tickets.delivers(COMPANY, sender, InvoiceSent(invoice.number, invoice.due_date, invoice.amount_due))
        if delivery.choice.others and offers_next(app):
            with failure_logged("the offer"):
                app.next_invoice_offers.make(COMPANY, sender, document, [*sent, invoice.gateway_id])
                offer = bundle.offer(delivery.choice.others)
                dispatcher.utter_message(response=offer.response, **offer.values)
                app.metrics.record(MetricEvent.NEXT_OFFERED, COMPANY, sender)
    _record(app.metrics, sender, document, delivery, delivered)


def _record(metrics: MetricsRecorder, sender: str, document: str, delivery: Delivery, delivered: bool) -> None:
    outcome = delivery.outcome.value
    if delivery.choice or delivery.outcome is Outcome.NOTHING_TO_SEND:
        event = MetricEvent.FOUND if delivery.choice else MetricEvent.NOTHING_TO_SEND
        metrics.record(
            event, COMPANY, sender, outcome=outcome, gateway=delivery.gateway, duration_ms=delivery.duration_ms
        )
    if delivered:
        amount = delivery.choice.invoice.amount_due if delivery.choice else None
        metrics.record(
            MetricEvent.DELIVERED,
            COMPANY,
            sender,
            outcome=outcome,
            reason=delivery.reason,
            gateway=delivery.gateway,
            amount=amount,
            document=document,
        )


def say(dispatcher: CollectingDispatcher, message: Message, responses: Responses, channel: str | None) -> None:
    """What the bundle looks like to any channel: texts, the QR code as an image, the PDF as a file."""
    if isinstance(message, Code):
        dispatcher.utter_message(text=message.text)
    elif isinstance(message, Image):
        dispatcher.utter_message(image=message.url)
    elif isinstance(message, Attachment):
        found = stock_channels.file(channel, message.url)
        said = {"text": render([found], responses, channel)} if isinstance(found, Line) else found
        dispatcher.utter_message(**said)
    else:
        dispatcher.utter_message(text=render(message.lines, responses, channel))


@contextmanager
def failure_logged(what: str) -> Iterator[None]:
    """Whatever fails inside is logged and does not stand in the customer's way."""
    try:
        yield
    except Exception as error:
        logger.error("%s: %s", what, type(error).__name__)
