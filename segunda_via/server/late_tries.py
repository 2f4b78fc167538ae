"""Lets the tries of promised deliveries enter their conversations when they are due, as jobs of the inbox.

A person takes over instead where a try would be of no use: WhatsApp lets nothing be said unasked 24 hours after the
customer wrote; and where the action server stayed away beyond the last try, nothing became of any. Where people of a
desk answer, the promise ends: they see the ticket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Protocol

from sqlalchemy.engine import Engine

from segunda_via.app import App
from segunda_via.boletos import documents
from segunda_via.company import COMPANY
from segunda_via.conversation.hand_over_summary import one_line
from segunda_via.delivery.late_deliveries import LateDeliveries
from segunda_via.delivery.late_delivery import ENTERED, LateDelivery
from segunda_via.server.words import spoken
from segunda_via.whatsapp import replies
from segunda_via.whatsapp.replies import ReplyWriter

LOOK_EVERY = 2.0
"""Seconds between two looks whether something is due."""
WINDOW = timedelta(hours=24)
"""How long after a customer's message WhatsApp lets something be said unasked."""

UNAVAILABLE, HAND_OVER = "utter_segunda_via_unavailable", "utter_segunda_via_hand_over"


class Tickets(Protocol):
    def hand_over(
        self, company: str, conversation_id: str, reason: str, summary: str, *, outcome: str | None
    ) -> None: ...


class LateTries:
    """`wrote_within` says whether the customer wrote in that time, `mark` gives the gateway's credentials in force.

    `words` gives the text of a response as operators edited it.
    """

    def __init__(
        self,
        late: LateDeliveries,
        *,
        engine: Engine,
        writer: ReplyWriter,
        tickets: Tickets,
        is_silenced: Callable[[str, str], bool],
        wrote_within: Callable[[timedelta, str], bool],
        mark: Callable[[str], str | None],
        words: Callable[[str, str], str],
    ) -> None:
        self._late = late
        self._engine = engine
        self._writer = writer
        self._tickets = tickets
        self._is_silenced = is_silenced
        self._wrote_within = wrote_within
        self._mark = mark
        self._words = words

    async def run(self, entered: Callable[[], None]) -> None:
        """For ever; `entered` is told that something is in the inbox."""
        while True:
            if await asyncio.to_thread(self.look):
                entered()
            await asyncio.sleep(LOOK_EVERY)

    def look(self, company: str = COMPANY) -> int:
        """One look; how many tries entered."""
        self._late.erase_ended(company)
        return sum(self._let_in(late) for late in self._late.due(company, partial(self._mark, company)))

    def _let_in(self, late: LateDelivery) -> bool:
        if self._is_silenced(late.company, late.conversation_id):
            self._late.end(late.company, late.conversation_id)
            return False
        reachable = self._wrote_within(WINDOW, late.conversation_id)
        in_vain = late.state == ENTERED and self._late.is_over(late)
        if reachable and not in_vain:
            return self._late.enter(late)
        if self._late.claim(late):
            self._to_a_person(late, says=reachable)
        return False

    def _to_a_person(self, late: LateDelivery, *, says: bool) -> None:
        """Done again where a process dies over it, and said once."""
        if says:
            texts = [self._words(late.company, each) for each in (UNAVAILABLE, HAND_OVER)]
            said = replies.texts(texts, late.conversation_id)
            with self._engine.begin() as connection:
                key = f"late-{late.promised_in[:32]}"
                self._writer.put(connection, late.company, late.conversation_id, key, said)
        reason = late.outcome.value
        summary = one_line("pedir_segunda_via", reason, reason, documents.mask(late.document))
        self._tickets.hand_over(late.company, late.conversation_id, reason, summary, outcome=reason)


def of(app: App) -> LateTries:
    """That App's."""

    def wrote_within(span: timedelta, conversation_id: str) -> bool:
        with app.engine.connect() as connection:
            counts = app.inbox.counts_since(app.now() - span, [conversation_id], ("message", "flood"), connection)
        return counts[conversation_id] > 0

    return LateTries(
        app.late_deliveries,
        engine=app.repeatable,
        writer=app.reply_writer,
        tickets=app.tickets,
        is_silenced=app.human_takeover.is_silenced,
        wrote_within=wrote_within,
        mark=app.credentials_in_force,
        words=partial(spoken, app),
    )
