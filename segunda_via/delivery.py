"""The use case: a document, asked for by somebody, becomes a Delivery.

It reads from the gateway and counts the request; it changes nothing else, creates no charge and finishes no ticket.
It never raises for what a gateway, a customer or an operator did: every such case is an Outcome.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Protocol

from stdnum.exceptions import ValidationError

from segunda_via import bundle, checks
from segunda_via.bundle import MediaUrls, Message, say
from segunda_via.documents import Document, parse
from segunda_via.errors import ConfigurationError, GatewayError, SecretKeyError, TokenRejected
from segunda_via.gateways import Gateway
from segunda_via.gateways.breaker import CircuitBreaker
from segunda_via.gateways.budget import time_budget
from segunda_via.health.record import HealthRecord, subject_of
from segunda_via.invoices import Choice, Invoice, choose
from segunda_via.limits import Limits
from segunda_via.outcomes import Outcome

logger = logging.getLogger(__name__)

GATEWAY_BUDGET = 8.0
"""Seconds for everything asked of the gateway, retries included; a turn stays under 12."""


@dataclass(frozen=True)
class Delivery:
    """How it ended, the messages for the customer in order, and why (for the ticket; no personal data)."""

    outcome: Outcome
    messages: tuple[Message, ...]
    reason: str | None = None
    verdict: checks.Verdict | None = field(default=None, repr=False)
    """What was found and checked, when an invoice was."""


@dataclass(frozen=True)
class Account:
    """A company's gateway, ready to be asked, and what its operator confirmed.

    `base_host` is the host of a `base_url` of the operator's own, trusted though it be private, and by plain http when
    `allow_http`; `pdf_hosts` are the others that PDFs may come from, None where the gateway documents none.
    """

    gateway: Gateway
    payee: checks.Payee = checks.Payee()
    base_host: str | None = None
    allow_http: bool = False
    pdf_hosts: frozenset[str] | None = None
    mark: str = field(default="", repr=False)
    """Which credentials these are, without telling them."""


class Media(Protocol):
    """Mints the links of a delivery; see `segunda_via.media`."""

    def links(self, account: Account, invoice: Invoice) -> MediaUrls: ...


class DeliverSegundaVia:
    """`accounts(company)` gives the gateway in force, or raises ConfigurationError or SecretKeyError.

    Without `limits` nobody is counted (the operator's own test); `health` is told how the gateway answered.
    """

    def __init__(
        self,
        *,
        accounts: Callable[[str], Account],
        limits: Limits | None,
        media: Media,
        today: Callable[[], date],
        breaker: CircuitBreaker,
        bounds: checks.Bounds = checks.Bounds(),
        budget: float = GATEWAY_BUDGET,
        health: HealthRecord | None = None,
    ) -> None:
        self._accounts = accounts
        self._limits = limits
        self._media = media
        self._today = today
        self._breaker = breaker
        self._bounds = bounds
        self._budget = budget
        self._health = health

    async def __call__(self, company: str, sender: str, written: str) -> Delivery:
        """Deliver to `sender` the invoice of the document `written`, validated here again whoever did it before."""
        try:
            document = parse(written)
        except ValidationError:
            return Delivery(Outcome.INVALID_DOCUMENT, (), "invalid_document")
        today = self._today()
        if self._limits and not await asyncio.to_thread(self._limits.admit, company, sender, document, today):
            return Delivery(Outcome.TOO_MANY_TRIES, (say("utter_segunda_via_nothing_to_send"),), "too_many_tries")
        try:
            account = await asyncio.to_thread(self._accounts, company)
            choice = await self._ask(account, company, sender, document, today)
        except (ConfigurationError, SecretKeyError) as error:
            logger.error("not configured: %s", error)
            return _unavailable(Outcome.NOT_CONFIGURED)
        except TokenRejected as error:
            logger.error("token rejected: %s", error)
            return _unavailable(Outcome.TOKEN_REJECTED)
        except GatewayError as error:
            logger.warning("gateway unavailable: %s", error)
            return _unavailable(Outcome.GATEWAY_UNAVAILABLE)
        if choice is None:
            return Delivery(Outcome.NOTHING_TO_SEND, (say("utter_segunda_via_nothing_to_send"),), "nothing_to_send")
        return await self._compose(account, choice, today)

    async def _ask(self, account: Account, company: str, sender: str, document: Document, today: date) -> Choice | None:
        name = account.gateway.name
        try:
            with self._breaker.watch(company, name, sender):
                async with time_budget(self._budget, gateway=name):
                    choice = await self._find(account.gateway, document, today)
        except GatewayError as error:
            if self._health:
                tell = partial(self._health.failed_with, circuit_open=self._breaker.is_open(company, name))
                await asyncio.to_thread(tell, company, subject_of(name), account.mark, error)
            raise
        if self._health:
            await asyncio.to_thread(self._health.worked, company, subject_of(name), account.mark)
        return choice

    @staticmethod
    async def _find(gateway: Gateway, document: Document, today: date) -> Choice | None:
        choice = choose(await gateway.open_invoices(document, today), today)
        if choice is None:
            return None
        return replace(choice, invoice=await gateway.with_codes(choice.invoice, document, today))

    async def _compose(self, account: Account, choice: Choice, today: date) -> Delivery:
        verdict = checks.examine(
            choice.invoice, today, payee=account.payee, bounds=self._bounds, link_host=account.base_host
        )
        if verdict.failures:
            failed = ", ".join(failure.value for failure in verdict.failures)
            logger.error("suspicious invoice, nothing of it was sent: %s", failed)
            return Delivery(Outcome.SUSPICIOUS, (say("utter_segunda_via_suspicious"),), failed, verdict)
        if not verdict.payable:
            reason = choice.invoice.status.value
            return Delivery(Outcome.UNPAYABLE, (say("utter_segunda_via_unpayable"),), reason, verdict)
        media = await asyncio.to_thread(self._media.links, account, verdict.invoice)
        outcome = Outcome.OVERDUE if choice.overdue else Outcome.NEXT_DUE
        return Delivery(
            outcome=Outcome.PARTIAL if verdict.missing else outcome,
            messages=bundle.messages(choice, verdict, account.payee, media),
            reason=", ".join(sorted(item.value for item in verdict.missing)) or None,
            verdict=verdict,
        )


def _unavailable(outcome: Outcome) -> Delivery:
    return Delivery(outcome, (say("utter_segunda_via_unavailable"),), outcome.value)
