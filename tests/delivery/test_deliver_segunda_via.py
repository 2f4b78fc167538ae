"""The use case: every ending of a request, with a gateway that does as it is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from support.databases import engine_in_memory
from support.factories import CPF, LINK_HOSTS, TODAY, invoice, pix_code

from segunda_via.boletos import check_reasons
from segunda_via.boletos.checks import Payee
from segunda_via.boletos.documents import Document
from segunda_via.boletos.invoice import Codes, Invoice, Listing, Status, Unreadable
from segunda_via.boletos.outcome import Outcome, TicketFate
from segunda_via.delivery.bundle import MediaUrls, Text
from segunda_via.delivery.deliver_segunda_via import Account, DeliverSegundaVia, Delivery
from segunda_via.delivery.lookup_limits import LookupLimits
from segunda_via.errors import (
    ConfigurationError,
    GatewayProtocolError,
    GatewayRateLimited,
    GatewayUnavailable,
    NotConfigured,
    SecretKeyError,
    TokenRejected,
)
from segunda_via.gateways import GatewayIdentity
from segunda_via.gateways.breaker import CircuitBreaker


@dataclass
class FakeGateway:
    """Answers with `invoices`, or raises `error`; the codes of an invoice appear only with `with_codes`."""

    invoices: Sequence[Invoice] = ()
    unreadable: tuple[Unreadable, ...] = ()
    error: Exception | None = None
    delay: float = 0
    asked: list[str] = field(default_factory=list)
    name: str = "fake"
    link_hosts: frozenset[str] = frozenset()
    pdf_hosts: frozenset[str] = frozenset()

    async def open_invoices(self, document: Document, today: date) -> Listing:
        self.asked.append("open_invoices")
        await asyncio.sleep(self.delay)
        if self.error:
            raise self.error
        return Listing(tuple(replace(each, codes=Codes()) for each in self.invoices), self.unreadable)

    async def with_codes(self, invoice: Invoice, document: Document, today: date) -> Invoice:
        self.asked.append(invoice.gateway_id)
        return next(each for each in self.invoices if each.gateway_id == invoice.gateway_id)

    async def check(self) -> GatewayIdentity:
        return GatewayIdentity(None, "sandbox")


class FakeMedia:
    def links(self, account: Account, invoice: Invoice) -> MediaUrls:
        return MediaUrls("https://bot/media/q" if invoice.codes.pix else None, "https://bot/media/p")


def use_case(
    gateway: FakeGateway,
    *,
    payee: Payee = Payee(),
    refuse: Exception | None = None,
    budget: float = 5,
    today: Callable[[], date] = lambda: TODAY,
) -> DeliverSegundaVia:
    def accounts(company: str) -> Account:
        if refuse:
            raise refuse
        return Account(gateway, payee, LINK_HOSTS)

    limits = LookupLimits(engine_in_memory(), b"k" * 32, documents_per_sender=5, senders_per_document=10)
    return DeliverSegundaVia(
        accounts=accounts,
        limits=limits,
        media=FakeMedia(),
        today=today,
        breaker=CircuitBreaker(),
        budget=budget,
    )


async def deliver(gateway: FakeGateway, **options: object) -> Delivery:
    return await use_case(gateway, **options)("default", "ana", CPF)  # type: ignore[arg-type]  the options of use_case


def responses(delivery: Delivery) -> list[str]:
    return [line.response for message in delivery.messages if isinstance(message, Text) for line in message.lines]


LATE = invoice(date(2026, 10, 5), gateway_id="late")
NEXT = invoice(date(2026, 12, 10), gateway_id="next")


async def test_the_overdue_comes_first_and_only_its_codes_are_fetched() -> None:
    gateway = FakeGateway([NEXT, LATE])
    delivery = await deliver(gateway)
    assert (delivery.outcome, len(delivery.messages), delivery.reason) == (Outcome.OVERDUE, 5, None)
    assert gateway.asked == ["open_invoices", "late"]
    assert responses(delivery)[0] == "utter_segunda_via_invoice_overdue"


async def test_else_the_next_due() -> None:
    assert (await deliver(FakeGateway([NEXT]))).outcome is Outcome.NEXT_DUE


async def test_what_is_missing_makes_it_partial() -> None:
    delivery = await deliver(FakeGateway([replace(NEXT, codes=replace(NEXT.codes, pix=None))]))
    assert (delivery.outcome, delivery.reason) == (Outcome.PARTIAL, "pix")
    assert "utter_segunda_via_missing_pix" in responses(delivery)


async def test_a_link_to_an_unknown_host_is_left_out_and_the_operator_is_told_where_it_leads() -> None:
    delivery = await deliver(FakeGateway([replace(NEXT, payment_url="https://golpe.example/i/asaas.com")]))
    assert (delivery.outcome, delivery.reason) == (Outcome.PARTIAL, "link")
    assert "golpe.example" not in str([line for message in delivery.messages for line in getattr(message, "lines", ())])
    assert delivery.verdict is not None
    assert "golpe.example" in check_reasons.untrusted_link(delivery.verdict.untrusted_host or "")


async def test_nothing_to_pay_with_is_unpayable() -> None:
    delivery = await deliver(FakeGateway([replace(NEXT, codes=Codes(), status=Status.REGISTERING)]))
    assert (delivery.outcome, delivery.reason) == (Outcome.UNPAYABLE, "registering")
    assert responses(delivery) == ["utter_segunda_via_unpayable"]


async def test_a_contradiction_sends_nothing_of_the_invoice() -> None:
    tampered = replace(NEXT, codes=replace(NEXT.codes, pix=pix_code("1.00")))
    delivery = await deliver(FakeGateway([tampered]))
    assert (delivery.outcome, delivery.reason) == (Outcome.SUSPICIOUS, "pix_amount")
    assert responses(delivery) == ["utter_segunda_via_suspicious"]
    assert len(delivery.messages) == 1


async def test_a_payee_that_was_not_confirmed_is_suspicious() -> None:
    delivery = await deliver(FakeGateway([NEXT]), payee=Payee(bank_code="341"))
    assert (delivery.outcome, delivery.reason) == (Outcome.SUSPICIOUS, "payee_bank")


async def test_an_overdue_amount_beyond_the_bounds_is_suspicious() -> None:
    delivery = await deliver(FakeGateway([replace(LATE, updated_amount=Decimal("5000"))]))
    assert delivery.outcome is Outcome.SUSPICIOUS


GROWN = replace(LATE, codes=replace(LATE.codes, pix=pix_code("195.50")))


async def test_it_carries_the_invoice_that_the_customer_reads_of() -> None:
    delivery = await deliver(FakeGateway([GROWN]))
    assert delivery.choice is not None
    assert delivery.verdict is not None
    assert delivery.choice.invoice is delivery.verdict.invoice
    assert delivery.choice.invoice.amount_due == Decimal("195.50")
    first = delivery.messages[0]
    assert isinstance(first, Text)
    assert first.lines[0].values["valor"] == "R$ 195,50"


async def test_what_is_still_open_is_told_without_an_amount_that_cannot_be() -> None:
    listed = replace(LATE, updated_amount=10 * LATE.amount)
    delivery = await use_case(FakeGateway([listed])).still_open("default", "ana", CPF)
    assert (delivery.outcome, delivery.messages) == (Outcome.OVERDUE, ())
    assert delivery.choice is not None
    assert delivery.choice.invoice.amount_due == LATE.amount


async def test_a_request_at_midnight_is_of_one_day() -> None:
    # Its discount ends with the day: a moment later the same Pix would ask for too little.
    due, days = date(2026, 11, 23), iter([date(2026, 11, 23), date(2026, 11, 24)])
    today = invoice(due)
    discounted = replace(today, codes=replace(today.codes, pix=pix_code("180")))
    delivery = await use_case(FakeGateway([discounted]), today=lambda: next(days))("default", "ana", CPF)
    assert delivery.outcome is Outcome.NEXT_DUE
    assert "utter_segunda_via_discount" in responses(delivery)


async def test_a_pix_that_nobody_confirmed_is_left_out_and_said_why() -> None:
    delivery = await deliver(FakeGateway([NEXT]), payee=Payee(bank_code="461"))
    assert (delivery.outcome, delivery.reason) == (Outcome.PARTIAL, "pix_not_confirmed")
    assert "utter_segunda_via_missing_pix" in responses(delivery)
    assert check_reasons.failures(delivery.reason) == [
        "o Pix não é enviado: quem o recebe não foi confirmado; faça um teste e confirme"
    ]


async def test_what_cannot_be_read_is_never_passed_over_for_another(caplog: pytest.LogCaptureFixture) -> None:
    gateway = FakeGateway([NEXT], unreadable=(Unreadable("charges.value", LATE.due_date, "late"),))
    delivery = await deliver(gateway)
    assert (delivery.outcome, delivery.reason, delivery.choice) == (Outcome.SUSPICIOUS, "unreadable_invoice", None)
    assert responses(delivery) == ["utter_segunda_via_suspicious"]
    assert gateway.asked == ["open_invoices"]
    assert delivery.gateway == "fake"
    assert "charges.value" in caplog.text
    assert check_reasons.failures(delivery.reason)


async def test_an_invoice_that_cannot_be_read_is_counted_with_the_others() -> None:
    gateway = FakeGateway([LATE], unreadable=(Unreadable("charges.value", NEXT.due_date, "next"),))
    delivery = await deliver(gateway)
    assert delivery.outcome is Outcome.OVERDUE
    assert delivery.choice is not None
    assert delivery.choice.others == 1
    assert "utter_segunda_via_others_open_one" in responses(delivery)


async def test_whether_it_is_still_open_is_not_answered_by_another_invoice() -> None:
    gateway = FakeGateway([NEXT], unreadable=(Unreadable("charges.value", LATE.due_date, "late"),))
    found = await use_case(gateway).still_open("default", "ana", CPF)
    assert (found.outcome, found.choice) == (Outcome.SUSPICIOUS, None)


async def test_an_invoice_that_is_moved_while_it_is_fetched_is_told_by_its_new_date() -> None:
    moved = replace(invoice(date(2026, 12, 10)), gateway_id="late")

    class Moving(FakeGateway):
        async def with_codes(self, listed: Invoice, document: Document, today: date) -> Invoice:
            return moved

    assert (await deliver(Moving([LATE]))).outcome is Outcome.NEXT_DUE


async def test_nothing_open_is_the_uniform_answer() -> None:
    delivery = await deliver(FakeGateway([]))
    assert (delivery.outcome, responses(delivery)) == (Outcome.NOTHING_TO_SEND, ["utter_segunda_via_nothing_to_send"])


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (GatewayUnavailable("fake", "down"), Outcome.GATEWAY_UNAVAILABLE),
        (GatewayRateLimited("fake", "slow down", 60), Outcome.GATEWAY_UNAVAILABLE),
        (GatewayProtocolError("fake", "is missing", "dueDate"), Outcome.GATEWAY_UNAVAILABLE),
        (TokenRejected("fake", "401"), Outcome.TOKEN_REJECTED),
    ],
)
async def test_whatever_the_gateway_did_the_customer_reads_the_same(error: Exception, outcome: Outcome) -> None:
    delivery = await deliver(FakeGateway(error=error))
    assert (delivery.outcome, responses(delivery)) == (outcome, ["utter_segunda_via_unavailable"])


async def test_a_gateway_that_never_answers_is_given_up_within_the_budget() -> None:
    delivery = await deliver(FakeGateway(delay=60), budget=0.05)
    assert delivery.outcome is Outcome.GATEWAY_UNAVAILABLE


async def test_a_dead_gateway_is_soon_not_asked_any_more() -> None:
    gateway = FakeGateway(error=GatewayUnavailable("fake", "down"))
    deliver_to = use_case(gateway)
    endings = [await deliver_to("default", f"customer {number}", CPF) for number in range(8)]
    assert {each.outcome for each in endings} == {Outcome.GATEWAY_UNAVAILABLE}
    assert len(gateway.asked) == 5


@pytest.mark.parametrize("refuse", [NotConfigured("none"), ConfigurationError("bad"), SecretKeyError("another key")])
async def test_without_usable_settings_it_is_not_configured(refuse: Exception) -> None:
    delivery = await deliver(FakeGateway(), refuse=refuse)
    assert (delivery.outcome, responses(delivery)) == (Outcome.NOT_CONFIGURED, ["utter_segunda_via_unavailable"])


async def test_what_the_form_let_through_is_validated_again() -> None:
    gateway = FakeGateway([NEXT])
    for written in ("52998224724", "111.111.111-11", "", "meu cpf", "52998224725 39053344705"):
        delivery = await use_case(gateway)("default", "ana", written)
        assert (delivery.outcome, delivery.messages) == (Outcome.INVALID_DOCUMENT, ())
    assert gateway.asked == []


async def test_the_sixth_document_is_told_the_truth_without_asking_the_gateway() -> None:
    gateway = FakeGateway([])
    deliver_to = use_case(gateway)
    documents = ["52998224725", "39053344705", "11144477735", "24971563792", "12345678909", "98765432100"]
    endings = [await deliver_to("default", "mallory", document) for document in documents]
    assert [each.outcome for each in endings] == [Outcome.NOTHING_TO_SEND] * 5 + [Outcome.TOO_MANY_TRIES]
    assert responses(endings[5]) == ["utter_segunda_via_too_many_tries"]
    assert gateway.asked.count("open_invoices") == 5


async def test_both_limits_are_told_in_the_same_words_whatever_the_gateway_has() -> None:
    told = set()
    for invoices in ([], [NEXT]):
        deliver_to = use_case(FakeGateway(invoices))
        for number in range(11):
            crowded = await deliver_to("default", f"stranger {number}", CPF)
        for document in ["39053344705", "11144477735", "24971563792", "12345678909", "98765432100", "52998224725"]:
            curious = await deliver_to("default", "mallory", document)
        told |= {repr(crowded.messages), repr(curious.messages)}
        assert {crowded.outcome, curious.outcome} == {Outcome.TOO_MANY_TRIES}
    assert len(told) == 1


async def test_a_customer_who_received_the_invoice_before_gets_it_again_after_ten_strangers() -> None:
    clock = [TODAY - timedelta(days=3)]
    deliver_to = use_case(FakeGateway([NEXT]), today=lambda: clock[0])
    assert (await deliver_to("default", "ana", CPF)).outcome is Outcome.NEXT_DUE
    clock[0] = TODAY
    for number in range(10):
        await deliver_to("default", f"stranger {number}", CPF)
    assert (await deliver_to("default", "ana", CPF)).outcome is Outcome.NEXT_DUE
    assert (await deliver_to("default", "bia", CPF)).outcome is Outcome.TOO_MANY_TRIES


async def test_the_log_names_the_kind_of_failure_and_nobody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await deliver(FakeGateway([replace(NEXT, codes=replace(NEXT.codes, pix=pix_code("1.00")))]))
    assert "pix_amount" in caplog.text
    for secret in (CPF, NEXT.codes.linha_digitavel, "EMPRESA", "Cliente"):
        assert str(secret) not in caplog.text


def test_what_each_outcome_does_to_the_ticket() -> None:
    fates = {fate: {outcome.value for outcome in Outcome if outcome.fate() is fate} for fate in TicketFate}
    assert fates[TicketFate.FINISH] == {"overdue", "next_due", "partial"}
    assert fates[TicketFate.TRY_AGAIN] == {"nothing_to_send"}
    assert {outcome for outcome in Outcome if outcome.fate(searches=2) is TicketFate.TRY_AGAIN} == set()
