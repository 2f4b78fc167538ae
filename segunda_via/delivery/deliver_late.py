"""The use case where the customer can be written to later: what cannot be delivered now is promised, and comes.

Around `DeliverSegundaVia`, for channels that can speak unasked. As that, it never raises for what a gateway did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from segunda_via.boletos import documents
from segunda_via.boletos.outcome import Outcome
from segunda_via.delivery.bundle import say
from segunda_via.delivery.deliver_segunda_via import DeliverSegundaVia, Delivery, words_without_invoice
from segunda_via.delivery.late_deliveries import LateDeliveries
from segunda_via.delivery.late_delivery import Concluded, LateDelivery

PROMISE, COMING = "utter_segunda_via_late_promise", "utter_segunda_via_late_coming"
NO_OTHER_OPEN = "no_other_open"
"""The reason where the next invoice was promised, and there is none any more."""


@dataclass(frozen=True)
class Tried:
    """What a try led to, and whose delivery it was; nothing to say when it goes on waiting."""

    delivery: Delivery
    document: str = field(default="", repr=False)
    sent: tuple[str, ...] = ()


class DeliverLate:
    """`mark(company)` gives the credentials in force, None when there are none."""

    def __init__(self, deliver: DeliverSegundaVia, late: LateDeliveries, mark: Callable[[str], str | None]) -> None:
        self._deliver = deliver
        self._late = late
        self._mark = mark

    async def now_or_later(
        self,
        company: str,
        conversation_id: str,
        message_id: str,
        document: str,
        sent: Sequence[str] = (),
        *,
        offer: bool = False,
    ) -> Delivery:
        """Deliver; where the gateway cannot be asked, promise it. The same document again joins what is promised, and
        another one takes its place.
        """
        promised = await asyncio.to_thread(self._late.of, company, conversation_id)
        if promised and _same(promised.document, document):
            new = self._late.was_promised_in(promised, message_id)  # a turn that is run again
            return _promised(promised.outcome, PROMISE if new else COMING)
        if promised and documents.is_valid(document):
            await asyncio.to_thread(self._late.end, company, conversation_id)
        delivery = await self._deliver(company, conversation_id, document, sent, offer=offer)
        if not delivery.outcome.can_come_late:
            return delivery
        await asyncio.to_thread(
            self._late.promise,
            company,
            conversation_id,
            document,
            delivery.outcome,
            message_id=message_id,
            sent=sent,
            mark=delivery.mark,
        )
        return replace(delivery, messages=(say(PROMISE),), promised=True)

    async def try_promised(
        self, company: str, conversation_id: str, reference: str, *, asking: bool, offer: bool = False
    ) -> Tried | None:
        """The try of that reference; None when it counts no more. `asking`: something else is asked there now."""
        late = await asyncio.to_thread(self._late.of_try, company, conversation_id, reference)
        if late is None:
            return None
        if isinstance(late, Concluded):  # by this very turn, which is run again
            return Tried(_nothing(late.outcome, late.reason))
        if asking:
            await asyncio.to_thread(self._late.wait_a_little, late)
            return Tried(_promised(late.outcome))
        delivery = await self._ask(late, offer)
        return Tried(await asyncio.to_thread(self._settle, late, delivery), late.document, late.sent)

    async def _ask(self, late: LateDelivery, offer: bool) -> Delivery:
        mark = await asyncio.to_thread(self._mark, late.company)
        if mark is not None and self._late.is_refused(late, mark):
            return replace(_nothing(Outcome.TOKEN_REJECTED, Outcome.TOKEN_REJECTED.value), mark=mark)
        return await self._deliver(
            late.company, late.conversation_id, late.document, late.sent, offer=offer, counted=True
        )

    def _settle(self, late: LateDelivery, delivery: Delivery) -> Delivery:
        if delivery.outcome.is_delivered:
            self._late.said(late)
        elif delivery.outcome.can_come_late and self._late.try_again(late, delivery.outcome, delivery.mark):
            return _promised(delivery.outcome)
        else:
            if late.sent and delivery.outcome is Outcome.NOTHING_TO_SEND:
                delivery = _nothing(delivery.outcome, NO_OTHER_OPEN)
            self._late.conclude(late, delivery.outcome, delivery.reason)
        return delivery


def _nothing(outcome: Outcome, reason: str | None) -> Delivery:
    """What a customer hears who receives nothing."""
    if reason == NO_OTHER_OPEN:
        return Delivery(outcome, (say("utter_segunda_via_no_other_open"),), reason)
    return Delivery(outcome, words_without_invoice(outcome), reason)


def _promised(outcome: Outcome, *says: str) -> Delivery:
    return Delivery(outcome, tuple(map(say, says)), outcome.value, promised=True)


def _same(one: str, other: str) -> bool:
    return documents.compact(one) == documents.compact(other)
