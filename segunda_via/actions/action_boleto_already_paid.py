"""Says what is safe to say to "já paguei". Only an invoice that is open by the gateway's own word is spoken of."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.delivering import is_promised
from segunda_via.actions.guard import GuardedAction, document_of, unchanged
from segunda_via.boletos.formatting import reais, short_date
from segunda_via.boletos.outcome import Outcome
from segunda_via.company import COMPANY

_NOT_FOUND = {
    Outcome.NOTHING_TO_SEND: "utter_segunda_via_nothing_to_send",
    Outcome.TOO_MANY_TRIES: "utter_segunda_via_too_many_tries",
}


class ActionBoletoAlreadyPaid(GuardedAction):
    def name(self) -> str:
        return "action_boleto_already_paid"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        await self._answer(dispatcher, tracker)
        if is_promised(self.app, tracker):
            self._stop_late_delivery(tracker)
            dispatcher.utter_message(response="utter_segunda_via_late_stopped")
        return unchanged(tracker)

    async def _answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        document = document_of(tracker)
        if document:
            found = await self.app.deliver.still_open(COMPANY, tracker.sender_id, document)
            if found.choice:
                invoice = found.choice.invoice
                dispatcher.utter_message(
                    response="utter_segunda_via_still_open",
                    numero=invoice.number,
                    vencimento=short_date(invoice.due_date),
                    valor=reais(invoice.amount_due),
                )
                return
            response = _NOT_FOUND.get(found.outcome, "utter_segunda_via_unavailable")
            dispatcher.utter_message(response=response)
        dispatcher.utter_message(response="utter_segunda_via_already_paid")

    def _stop_late_delivery(self, tracker: Tracker) -> None:
        """Who says that it is paid needs no boleto any more. A form that asks something keeps the ticket."""
        if not tracker.active_loop_name:
            self.app.tickets.abandon(COMPANY, tracker.sender_id)
        self.app.late_deliveries.end(COMPANY, tracker.sender_id)
