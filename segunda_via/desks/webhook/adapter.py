"""Any other desk: one signed JSON POST an event. Credentials: `{base_url, secret}`, `base_url` being where it goes.

    {"id", "event": "ticket.transferred|finished|handed_over|reopened", "occurred_at", "company", "conversation_id",
     "ticket_id", "queue", "outcome", "reason", "summary", "invoice": {"number", "due_date", "amount"} or null}

Anything but a 2xx is told again later, so the receiver keeps what it has seen by `id`, and `ticket.ping` does nothing.
"""

from __future__ import annotations

import json
import uuid

import httpx

from segunda_via.desks.desk_errors import PATIENCE
from segunda_via.desks.signature import HEADER, sign
from segunda_via.desks.webhook.description import DESCRIPTION
from segunda_via.errors import ConfigurationError, GatewayError, TicketDeskError, TokenRejected
from segunda_via.http.api_client import ApiClient, Retries
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.base_url import base_url, ca_file
from segunda_via.http.credentials import Credentials
from segunda_via.tickets.ticket import Ticket, TicketEvent


class Webhook:
    """One receiver, as a `TicketDesk`."""

    name = DESCRIPTION.name

    def __init__(
        self, credentials: Credentials, client: httpx.AsyncClient, *, sessions: ApiSessions, retries: Retries = PATIENCE
    ) -> None:
        """ConfigurationError when a credential is missing or malformed."""
        self._secret = credentials.get("secret", "").strip()
        if not self._secret:
            raise ConfigurationError("secret deve ser o segredo com que o destino confere a assinatura.")
        self._now = sessions.now
        self._http = ApiClient(
            client,
            gateway=self.name,
            base_url=base_url(credentials, default=None),
            headers={"Content-Type": "application/json"},
            ca_file=ca_file(credentials),
            retries=retries,
        )

    async def open(self, ticket: Ticket) -> str | None:
        return ticket.desk_id

    async def transfer(self, event: TicketEvent) -> None:
        await self._tell(event)

    async def finish(self, event: TicketEvent) -> None:
        await self._tell(event)

    async def hand_over(self, event: TicketEvent) -> None:
        await self._tell(event)

    async def reopen(self, event: TicketEvent) -> None:
        await self._tell(event)

    async def check(self) -> None:
        await self._send({"id": uuid.uuid4().hex, "event": "ticket.ping", "occurred_at": self._now().isoformat()})

    async def _tell(self, event: TicketEvent) -> None:
        await self._send(payload(event))

    async def _send(self, message: dict[str, object]) -> None:
        body = json.dumps(message, ensure_ascii=False).encode()
        signature = sign(body, self._secret, at=int(self._now().timestamp()))
        try:
            await self._http.post(
                "", label=str(message["event"]), body=body, only_reads=False, headers={HEADER: signature}
            )
        except GatewayError as error:
            # Whatever the answer was: a receiver that is being set up refuses today what it takes tomorrow.
            raise TicketDeskError(str(error), rejected=isinstance(error, TokenRejected)) from None


def payload(event: TicketEvent) -> dict[str, object]:
    """What a receiver is told. No document and no name."""
    invoice = event.invoice
    return {
        "id": event.id,
        "event": f"ticket.{event.kind.value}",
        "occurred_at": event.occurred_at.isoformat(),
        "company": event.ticket.company,
        "conversation_id": event.ticket.conversation_id,
        "ticket_id": event.ticket.id,
        "queue": event.queue,
        "outcome": event.outcome,
        "reason": event.reason,
        "summary": event.summary,
        "invoice": invoice
        and {"number": invoice.number, "due_date": invoice.due_date.isoformat(), "amount": f"{invoice.amount:.2f}"},
    }
