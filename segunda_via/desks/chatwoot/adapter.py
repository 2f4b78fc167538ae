"""Chatwoot. Credentials: `{base_url, account_id, token}`, and `inbox_id` of an API inbox where we open conversations.

A queue is a team there. Chatwoot stores team names in lower case, so they are compared without it (and so only there).
`POST …/labels` replaces the whole set: it is read first. A conversation that we open carries the ticket's id as a
custom attribute, by which a second telling finds it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from segunda_via.boletos import phone_numbers
from segunda_via.desks.chatwoot.description import DESCRIPTION
from segunda_via.desks.desk_errors import PATIENCE, code_of, desk_errors, mark, note_of
from segunda_via.desks.queue_names import complaint, near
from segunda_via.errors import ConfigurationError, GatewayProtocolError, TicketDeskError
from segunda_via.http.api_client import ApiClient, Retries
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.base_url import base_url, ca_file
from segunda_via.http.credentials import Credentials
from segunda_via.tickets.ticket import Ticket, TicketEvent

LABEL = "segunda-via"
ATTRIBUTE = "segunda_via_ticket"


class Chatwoot:
    """One Chatwoot account, as a `TicketDesk`."""

    name = DESCRIPTION.name

    def __init__(
        self, credentials: Credentials, client: httpx.AsyncClient, *, sessions: ApiSessions, retries: Retries = PATIENCE
    ) -> None:
        """ConfigurationError when a credential is missing or malformed."""
        root = base_url(credentials, default=None)
        account = credentials.get("account_id", "").strip()
        self._inbox = credentials.get("inbox_id", "").strip()
        if not account.isdecimal() or (self._inbox and not self._inbox.isdecimal()):
            raise ConfigurationError("account_id e inbox_id devem ser os números dos endereços do Chatwoot.")
        self._http = ApiClient(
            client,
            gateway=self.name,
            base_url=f"{root}/api/v1/accounts/{account}",
            headers={"api_access_token": credentials.get("token", "").strip()},
            ca_file=ca_file(credentials),
            retries=retries,
            explain=lambda status, body: code_of(body, "errors") or code_of(body, "error"),
        )

    async def open(self, ticket: Ticket) -> str | None:
        """The conversation that carries it; made in the API inbox, once, when the desk carries none."""
        if ticket.desk_id is not None:
            return ticket.desk_id
        if not self._inbox:
            raise TicketDeskError(f"{self.name}: inbox_id deve ser preenchido para abrir conversas")
        with desk_errors():
            contact = await self._contact(ticket)
            known = await self._get(f"/contacts/{contact}/conversations", "conversations of a contact")
            for conversation in _list(known, "payload"):
                if (conversation.get("custom_attributes") or {}).get(ATTRIBUTE) == ticket.id:
                    return str(conversation["id"])
            made = await self._post(
                "/conversations",
                "open conversation",
                {
                    "inbox_id": int(self._inbox),
                    "contact_id": contact,
                    "status": "pending",
                    "custom_attributes": {ATTRIBUTE: ticket.id},
                },
            )
            return str(_field(made, "id"))

    async def transfer(self, event: TicketEvent) -> None:
        with desk_errors():
            await self._assign(event)
            await self._label(event)

    async def finish(self, event: TicketEvent) -> None:
        with desk_errors():
            await self._stand(event, "resolved")

    async def hand_over(self, event: TicketEvent) -> None:
        with desk_errors():
            await self._assign(event)
            await self._label(event)
            await self._note(event)
            await self._stand(event, "open")  # the last: an agent who sees it finds the note

    async def reopen(self, event: TicketEvent) -> None:
        with desk_errors():
            await self._stand(event, "open")

    async def check(self) -> None:
        with desk_errors():
            await self._teams()

    async def missing(self, queue: str) -> str | None:
        with desk_errors():
            names = [str(team.get("name")) for team in await self._teams()]
        return None if queue.lower() in map(str.lower, names) else complaint(queue, names)

    async def near_misses(self, queue: str) -> list[str]:
        """Chatwoot keeps names in lower case: those that differ in nothing else are the queue itself."""
        with desk_errors():
            names = [str(team.get("name")) for team in await self._teams()]
        return [name for name in near(queue, names) if name.lower() != queue.lower()]

    async def create_queue(self, name: str, message: str, color: str) -> None:
        """A team; Chatwoot's have neither a greeting nor a colour, so the message is its description."""
        with desk_errors():
            await self._post("/teams", "create team", {"name": name, "description": message, "allow_auto_assign": True})

    async def _assign(self, event: TicketEvent) -> None:
        teams = await self._teams()
        wanted = event.queue.lower()
        team = next((team for team in teams if str(team.get("name")).lower() == wanted), None)
        if team is None:
            raise TicketDeskError(f"{self.name}: {complaint(event.queue, [str(team.get('name')) for team in teams])}")
        conversation = await self._get(self._path(event), "conversation")
        standing = ((conversation.get("meta") or {}).get("team") or {}).get("id")
        if standing != team["id"]:
            await self._post(f"{self._path(event)}/assignments", "assign team", {"team_id": team["id"]})

    async def _stand(self, event: TicketEvent, status: str) -> None:
        conversation = await self._get(self._path(event), "conversation")
        if conversation.get("status") != status:
            await self._post(f"{self._path(event)}/toggle_status", "toggle status", {"status": status})

    async def _label(self, event: TicketEvent) -> None:
        standing = await self._get(f"{self._path(event)}/labels", "labels")
        labels = standing.get("payload")
        if not isinstance(labels, list):
            raise GatewayProtocolError(self.name, "is missing", "labels.payload")
        if LABEL not in labels:
            await self._post(f"{self._path(event)}/labels", "label", {"labels": [*labels, LABEL]})

    async def _note(self, event: TicketEvent) -> None:
        messages = await self._get(f"{self._path(event)}/messages", "messages")
        if any(mark(event.id) in str(message.get("content")) for message in _list(messages, "payload")):
            return
        note = note_of(event.reason, event.summary, event.id)
        body = {"content": note, "message_type": "outgoing", "private": True}
        await self._post(f"{self._path(event)}/messages", "private note", body)

    async def _contact(self, ticket: Ticket) -> int:
        """Whoever writes there, made once. The phone may be a contact's already, and two tickets may ask at once."""
        identifier = ticket.conversation_id
        body: dict[str, object] = {"inbox_id": int(self._inbox), "identifier": identifier, "name": "Cliente"}
        customer = identifier.rpartition("whatsapp:")[2]
        phone = customer if customer.startswith("+") and customer[1:].isdecimal() else None
        if phone:
            body["phone_number"] = phone
        found = await self._known(identifier, phone)
        if found is None:
            made = await self._http.post(
                "/contacts", label="create contact", body=body, only_reads=False, accept=(422,)
            )
            if made.ok:
                return int(_field(_field(_field(made.json(), "payload"), "contact"), "id"))
            found = await self._known(identifier, phone)
        if found is None:
            raise GatewayProtocolError(self.name, "create contact: HTTP 422")
        return found

    async def _known(self, identifier: str, phone: str | None) -> int | None:
        """The contact with that identifier; else with that phone, with or without Brazil's ninth digit."""
        found = await self._find("identifier", identifier)
        for spelling in phone_numbers.spellings(phone) if phone else ():
            found = found or await self._find("phone_number", spelling)
        return found

    async def _find(self, attribute: str, value: str) -> int | None:
        condition = {
            "attribute_key": attribute,
            "filter_operator": "equal_to",
            "values": [value],
            "query_operator": None,
        }
        found = await self._post("/contacts/filter", "find contact", {"payload": [condition]}, only_reads=True)
        return next((int(c["id"]) for c in _list(found, "payload") if c.get(attribute) == value), None)

    async def _teams(self) -> list[dict[str, Any]]:
        body: object = (await self._http.get("/teams", label="teams")).json()
        if not isinstance(body, list):
            raise GatewayProtocolError(self.name, "teams: not a list")
        return [team for team in body if isinstance(team, dict) and isinstance(team.get("id"), int)]

    def _path(self, event: TicketEvent) -> str:
        desk_id = event.ticket.desk_id or ""
        if not (desk_id.isascii() and desk_id.isdecimal()):
            raise GatewayProtocolError(self.name, "ticket_id is no number of a conversation")
        return f"/conversations/{desk_id}"

    async def _get(self, path: str, label: str) -> dict[str, Any]:
        return _object((await self._http.get(path, label=label)).json(), label)

    async def _post(
        self, path: str, label: str, body: Mapping[str, object], *, only_reads: bool = False
    ) -> dict[str, Any]:
        return _object((await self._http.post(path, label=label, body=body, only_reads=only_reads)).json(), label)


def _object(body: object, label: str) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise GatewayProtocolError(Chatwoot.name, f"{label}: not an object")
    return body


def _list(body: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    value = body.get(key)
    if not isinstance(value, list):
        raise GatewayProtocolError(Chatwoot.name, "is missing", key)
    return [item for item in value if isinstance(item, dict) and "id" in item]


def _field(body: Any, key: str) -> Any:
    if not isinstance(body, dict) or body.get(key) is None:
        raise GatewayProtocolError(Chatwoot.name, "is missing", key)
    return body[key]
