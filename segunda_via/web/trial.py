"""Testar: the delivery of a document as its customer would get it. Nothing is sent, counted or finished.

The very use case, with the account at hand, nobody counted, a breaker of its own, and links that this server answers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from segunda_via import domain_file
from segunda_via import payee as payees
from segunda_via.app import App
from segunda_via.bundle import Attachment, Code, Image
from segunda_via.checks import Payee
from segunda_via.delivery import Account, DeliverSegundaVia, Delivery
from segunda_via.gateways.breaker import CircuitBreaker
from segunda_via.media.links import MediaLinks
from segunda_via.media.mint import MediaMint
from segunda_via.texts import Responses, render


@dataclass(frozen=True)
class Bubble:
    """One message as a phone shows it: kind is text, code, image or file."""

    kind: str
    content: str = field(repr=False)


@dataclass(frozen=True)
class Trial:
    delivery: Delivery
    bubbles: tuple[Bubble, ...]
    seconds: float
    payee: Payee
    """Who the invoice's own codes pay, confirmed or not; empty when there was none, or it failed any other check."""


async def run(app: App, company: str, written: str, account: Account | None = None) -> Trial:
    """Deliver to nobody. `account` may be one that is not saved yet; then its answers are not told to the state."""
    links = MediaLinks(app.keys.derive("media links"), "", clock=lambda: app.now().timestamp())
    deliver = DeliverSegundaVia(
        accounts=app.account if account is None else lambda _: account,
        limits=None,
        media=MediaMint(links),
        today=app.today,
        breaker=CircuitBreaker(),
        bounds=app.environment.bounds,
        budget=app.budget,
        health=app.health if account is None else None,
    )
    began = time.monotonic()
    delivery = await deliver(company, "teste da tela", written)
    seconds = time.monotonic() - began
    found = delivery.choice.invoice if delivery.choice else None
    seen = payees.of_invoice(found, app.today(), app.environment.bounds) if found else Payee()
    texts = await app.texts_at_hand.laid_over(company, domain_file.responses())
    return Trial(delivery, _bubbles(delivery, texts), seconds, seen)


def _bubbles(delivery: Delivery, texts: Responses) -> tuple[Bubble, ...]:
    shown = []
    for message in delivery.messages:
        if isinstance(message, Code):
            shown.append(Bubble("code", message.text))
        elif isinstance(message, Image):
            shown.append(Bubble("image", message.url))
        elif isinstance(message, Attachment):
            shown.append(Bubble("file", message.url))
        else:
            shown.append(Bubble("text", render(message.lines, texts, "whatsapp")))
    return tuple(shown)
