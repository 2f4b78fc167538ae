"""Testar: the delivery of a document as its customer would get it. Nothing is sent or finished, no sender counted.

The very use case, with the account at hand, a breaker of its own, and links that this server answers. The operator is
counted instead of a sender, and each look-up stands in the trail.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from segunda_via.app import App
from segunda_via.boletos.checks import Payee
from segunda_via.boletos.outcome import Outcome, TicketFate
from segunda_via.conversation import domain_file
from segunda_via.conversation.attendance_setting import ATTENDANCE_SETTING
from segunda_via.conversation.business_hours import back
from segunda_via.conversation.responses import Responses, lay_over, render
from segunda_via.delivery import bundle
from segunda_via.delivery.bundle import Attachment, Code, Image, Message, Text, say
from segunda_via.delivery.deliver_segunda_via import Account, DeliverSegundaVia, Delivery
from segunda_via.gateways.breaker import CircuitBreaker
from segunda_via.media.delivery_links import DeliveryLinks
from segunda_via.media.links import MediaLinks
from segunda_via.settings.conversation import CONVERSATION_SETTING


@dataclass(frozen=True)
class Bubble:
    """One message as a phone shows it: kind is text, code, image or file."""

    kind: str
    content: str = field(repr=False)


@dataclass(frozen=True)
class DryRun:
    delivery: Delivery
    bubbles: tuple[Bubble, ...]
    seconds: float

    @property
    def payee(self) -> Payee:
        """Whom the invoice's own codes pay, confirmed or not; nobody without one, or when it failed any other check."""
        return self.delivery.verdict.payee if self.delivery.verdict else Payee()


async def run(app: App, company: str, operator: str, written: str, account: Account | None = None) -> DryRun:
    """Deliver to nobody. `account` may be one that is not saved yet; then its answers are not told to the state."""
    if not await asyncio.to_thread(app.operator_lookups.admit, company, operator, written):
        return DryRun(Delivery(Outcome.TOO_MANY_TRIES, (), "too_many_tries"), (), 0)
    links = MediaLinks(app.keys.derive("media links"), lambda: "", clock=lambda: app.now().timestamp())
    deliver = DeliverSegundaVia(
        accounts=app.account if account is None else lambda _: account,
        limits=None,
        media=DeliveryLinks(links),
        today=app.today,
        breaker=CircuitBreaker(),
        bounds=app.environment.bounds,
        budget=app.budget,
        health=app.health if account is None else None,
    )
    offers = (await asyncio.to_thread(CONVERSATION_SETTING.in_force, app.settings, company)).offer_next
    began = time.monotonic()
    delivery = await deliver(company, "teste da tela", written, offer=offers)
    seconds = time.monotonic() - began
    texts = lay_over(domain_file.responses(), await app.response_cache.soon(company))
    last = await asyncio.to_thread(_afterwards, app, company, delivery, offers)
    return DryRun(delivery, _bubbles((*delivery.messages, *last), texts), seconds)


def _afterwards(app: App, company: str, delivery: Delivery, offers: bool) -> list[Text]:
    """What the customer reads after the delivery's own messages, as the actions say it."""
    if delivery.outcome.is_delivered:
        others = delivery.choice.others if delivery.choice else 0
        return [Text((bundle.offer(others),))] if others and offers else []
    if delivery.outcome.fate() is TicketFate.TRY_AGAIN:
        return [say("utter_segunda_via_another_document")]
    if delivery.outcome is Outcome.INVALID_DOCUMENT:  # asked again, until the third try
        return []
    hours, now = ATTENDANCE_SETTING.in_force(app.settings, company).hours, app.now()
    opening = None if hours.is_open(now) else hours.next_opening(now)
    return [say("utter_segunda_via_hand_over"), *([Text((back(opening, now),))] if opening else [])]


def _bubbles(messages: Iterable[Message], texts: Responses) -> tuple[Bubble, ...]:
    shown = []
    for message in messages:
        if isinstance(message, Code):
            shown.append(Bubble("code", message.text))
        elif isinstance(message, Image):
            shown.append(Bubble("image", message.url))
        elif isinstance(message, Attachment):
            shown.append(Bubble("file", message.url))
        else:
            shown.append(Bubble("text", render(message.lines, texts, "whatsapp")))
    return tuple(shown)
