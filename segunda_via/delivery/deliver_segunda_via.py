"""The use case: a document, asked for by somebody, becomes a Delivery.

It reads from the gateway and counts the request; it changes nothing else, creates no charge and finishes no ticket.
It never raises for what a gateway, a customer or an operator did: every such case is an Outcome.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from stdnum.exceptions import ValidationError

from segunda_via.boletos import check_reasons, checks
from segunda_via.boletos.business_days import is_overdue
from segunda_via.boletos.documents import Document, parse
from segunda_via.boletos.invoice import Invoice, InvoiceChoice, Unreadable, choose
from segunda_via.boletos.outcome import Outcome, TicketFate
from segunda_via.boletos.trusted_hosts import TrustedHosts
from segunda_via.delivery import bundle
from segunda_via.delivery.bundle import MediaUrls, Message, say
from segunda_via.delivery.lookup_limits import LookupLimits
from segunda_via.errors import ConfigurationError, GatewayError, SecretKeyError, TokenRejected
from segunda_via.gateways import Gateway
from segunda_via.gateways.breaker import CircuitBreaker
from segunda_via.http.time_budget import time_budget
from segunda_via.storage.health_record import HealthRecord, subject_of

logger = logging.getLogger(__name__)

GATEWAY_BUDGET = 8.0
"""Seconds for everything asked of the gateway, retries included; a turn stays under 12."""


@dataclass(frozen=True)
class Delivery:
    """How it ended, the messages for the customer in order, and why (for the ticket; no personal data).

    `verdict` is what the checks say of the invoice that was found, and `choice` that very invoice, with the amount that
    the customer reads, and how many others stay open; None where none was found. `gateway` was asked, for
    `duration_ms`, with the credentials of that `mark`. `promised`: nothing was delivered now, and it comes by itself.
    """

    outcome: Outcome
    messages: tuple[Message, ...]
    reason: str | None = None
    verdict: checks.Verdict | None = field(default=None, repr=False)
    choice: InvoiceChoice | None = None
    gateway: str | None = None
    duration_ms: int | None = None
    mark: str = field(default="", repr=False)
    promised: bool = False

    def fate(self, searches: int = 1) -> TicketFate:
        """What becomes of the ticket; see `Outcome.fate`."""
        return TicketFate.WAIT if self.promised else self.outcome.fate(searches)


@dataclass(frozen=True)
class Account:
    """A company's gateway, ready to be asked, and what its operator confirmed.

    `link_hosts` are where its payment links may lead, `pdf_hosts` where its PDFs may come from.
    """

    gateway: Gateway
    payee: checks.Payee = checks.Payee()
    link_hosts: TrustedHosts = TrustedHosts()
    pdf_hosts: TrustedHosts = TrustedHosts()
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
        limits: LookupLimits | None,
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
        """Deliver to `sender` the invoice of the document `written`, validated here again whoever did it before.

        Invoices whose gateway's id is in `excluding` were sent already and count no more. With `offer`, the caller says
        how many others are open, and the bundle does not. `counted`: this request was counted when it was made.
        """
        found = await self._look(company, sender, written, excluding, with_codes=True, counted=counted)
        if isinstance(found, Delivery):
            return found
        delivery = await self._compose(found, offer)
        if delivery.outcome.is_delivered:
            await asyncio.to_thread(self._received, company, sender, written)
        return delivery

    def _received(self, company: str, sender: str, written: str) -> None:
        """Remember a customer; the invoice goes out all the same when that fails."""
        try:
            if self._limits:
                self._limits.received(company, sender, parse(written), self._today())
        except SQLAlchemyError as error:
            logger.error("who received an invoice was not kept (%s)", type(error).__name__)

    async def still_open(self, company: str, sender: str, written: str) -> Delivery:
        """Whether an invoice of that document is open, without its codes and without any message."""
        found = await self._look(company, sender, written, (), with_codes=False)
        if isinstance(found, Delivery):
            return found
        verdict = checks.examine(found.choice.invoice, found.today, bounds=self._bounds)
        return found.delivery(found.outcome, (), "still_open", verdict)

    async def _look(
        self,
        company: str,
        sender: str,
        written: str,
        excluding: Collection[str],
        *,
        with_codes: bool,
        counted: bool = False,
    ) -> _Found | Delivery:
        """The invoice that the gateway has; or how it ended, without one."""
        try:
            document = parse(written)
        except ValidationError:
            return Delivery(Outcome.INVALID_DOCUMENT, (), "invalid_document")
        today = self._today()
        limits = None if counted else self._limits
        if limits and not await asyncio.to_thread(limits.admit, company, sender, document, today):
            return Delivery(Outcome.TOO_MANY_TRIES, (say("utter_segunda_via_too_many_tries"),), "too_many_tries")
        began, account = time.monotonic(), None
        try:
            account = await asyncio.to_thread(self._accounts, company)
            search = partial(self._find, account.gateway, document, today, excluding, with_codes)
            found = await self._ask(account, company, sender, search)
        except (ConfigurationError, SecretKeyError) as error:
            logger.error("not configured: %s", error)
            outcome = Outcome.NOT_CONFIGURED
        except TokenRejected as error:
            logger.error("token rejected: %s", error)
            outcome = Outcome.TOKEN_REJECTED
        except GatewayError as error:
            logger.warning("gateway unavailable: %s", error)
            outcome = Outcome.GATEWAY_UNAVAILABLE
        else:
            if isinstance(found, InvoiceChoice):
                return _Found(account, found, today, _since(began))
            if found:
                logger.error("what cannot be read might be the invoice to send, nothing was sent: %s", found.field)
            outcome = Outcome.SUSPICIOUS if found else Outcome.NOTHING_TO_SEND
        return Delivery(
            outcome,
            words_without_invoice(outcome),
            check_reasons.UNREADABLE if outcome is Outcome.SUSPICIOUS else outcome.value,
            gateway=account.gateway.name if account else None,
            duration_ms=_since(began) if account else None,
            mark=account.mark if account else "",
        )

    async def _ask(
        self,
        account: Account,
        company: str,
        sender: str,
        search: Callable[[], Awaitable[InvoiceChoice | Unreadable | None]],
    ) -> InvoiceChoice | Unreadable | None:
        name = account.gateway.name
        try:
            with self._breaker.watch(company, name, sender):
                async with time_budget(self._budget, gateway=name):
                    found = await search()
        except GatewayError as error:
            if self._health:
                tell = partial(self._health.failed_with, circuit_open=self._breaker.is_open(company, name))
                await asyncio.to_thread(tell, company, subject_of(name), account.mark, error)
            raise
        if self._health:
            await asyncio.to_thread(self._health.worked, company, subject_of(name), account.mark)
        return found

    @staticmethod
    async def _find(
        gateway: Gateway, document: Document, today: date, excluding: Collection[str], with_codes: bool
    ) -> InvoiceChoice | Unreadable | None:
        listing = await gateway.open_invoices(document, today)
        if listing.unreadable:
            fields = ", ".join(sorted({entry.field for entry in listing.unreadable}))
            logger.warning("%s: %d invoice(s) cannot be read: %s", gateway.name, len(listing.unreadable), fields)
        choice = choose(listing, today, excluding)
        if not isinstance(choice, InvoiceChoice) or not with_codes:
            return choice
        invoice = await gateway.with_codes(choice.invoice, document, today)
        return replace(choice, invoice=invoice, overdue=is_overdue(invoice.due_date, today))

    async def _compose(self, found: _Found, offer: bool) -> Delivery:
        account = found.account
        verdict = checks.examine(
            found.choice.invoice, found.today, payee=account.payee, bounds=self._bounds, link_hosts=account.link_hosts
        )
        if verdict.failures:
            failed = ", ".join(failure.value for failure in verdict.failures)
            logger.error("suspicious invoice, nothing of it was sent: %s", failed)
            return found.delivery(Outcome.SUSPICIOUS, words_without_invoice(Outcome.SUSPICIOUS), failed, verdict)
        if not verdict.payable:
            reason = verdict.invoice.status.value
            return found.delivery(Outcome.UNPAYABLE, words_without_invoice(Outcome.UNPAYABLE), reason, verdict)
        for item in verdict.unconfirmed:
            logger.warning("left out, its payee is not confirmed: %s", item.value)
        media = await asyncio.to_thread(self._media.links, account, verdict.invoice)
        outcome = Outcome.PARTIAL if verdict.missing else found.outcome
        said = bundle.messages(found.choice, verdict, account.payee, media, others_told=not offer)
        return found.delivery(outcome, said, check_reasons.absences(verdict), verdict)


@dataclass(frozen=True)
class _Found:
    """The invoice to send, not examined yet: at whose account, as of which day, and how long the gateway took."""

    account: Account
    choice: InvoiceChoice
    today: date
    duration_ms: int

    @property
    def outcome(self) -> Outcome:
        """When nothing is missing."""
        return Outcome.OVERDUE if self.choice.overdue else Outcome.NEXT_DUE

    def delivery(
        self, outcome: Outcome, messages: tuple[Message, ...], reason: str | None, verdict: checks.Verdict
    ) -> Delivery:
        return Delivery(
            outcome,
            messages,
            reason,
            verdict,
            choice=replace(self.choice, invoice=verdict.invoice),
            gateway=self.account.gateway.name,
            duration_ms=self.duration_ms,
        )


def words_without_invoice(outcome: Outcome) -> tuple[Message, ...]:
    """What a customer is told who receives nothing."""
    return (say(_WITHOUT_INVOICE[outcome]),)


_WITHOUT_INVOICE: Mapping[Outcome, str] = {
    Outcome.UNPAYABLE: "utter_segunda_via_unpayable",
    Outcome.NOTHING_TO_SEND: "utter_segunda_via_nothing_to_send",
    Outcome.SUSPICIOUS: "utter_segunda_via_suspicious",
    Outcome.NOT_CONFIGURED: "utter_segunda_via_unavailable",
    Outcome.TOKEN_REJECTED: "utter_segunda_via_unavailable",
    Outcome.GATEWAY_UNAVAILABLE: "utter_segunda_via_unavailable",
}


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
