"""Whaticket and its forks. Credentials: `{base_url, email, password}`, and `ca_file`, `allow_http` where needed.

A token lives 15 minutes; the cookie `jrt` renews it, and a sign-in is what is left when that cookie is over too. All
processes share both. 401 and 403 alike mean a token that is over: the original answers 403 to an expired one.

The ticket is read before it is written: closing a closed one again would send the desk's farewell once more. The reason
of a hand-over is written as an internal note (`/ticket-notes`) where the fork has them; the community edition has none,
and there every message goes to the customer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import httpx

from segunda_via.desks.desk_errors import PATIENCE, code_of, desk_errors, mark, note_of
from segunda_via.desks.queue_names import complaint, near
from segunda_via.desks.whaticket.description import DESCRIPTION
from segunda_via.errors import ConfigurationError, GatewayProtocolError, TicketDeskError, TokenRejected
from segunda_via.http.api_client import ApiClient, ApiResponse, Retries
from segunda_via.http.api_sessions import ApiSession, ApiSessions, session_key
from segunda_via.http.base_url import base_url, ca_file
from segunda_via.http.credentials import Credentials
from segunda_via.tickets.ticket import Ticket, TicketEvent

TOKEN_LASTS = timedelta(minutes=14)
"""Of the 15 that Whaticket gives."""

_TAKEN = frozenset({"ERR_QUEUE_COLOR_ALREADY_EXISTS"})


class Whaticket:
    """One Whaticket server, as a `TicketDesk`."""

    name = DESCRIPTION.name

    def __init__(
        self, credentials: Credentials, client: httpx.AsyncClient, *, sessions: ApiSessions, retries: Retries = PATIENCE
    ) -> None:
        """ConfigurationError when a credential is missing or malformed."""
        root = base_url(credentials, default=None)
        self._email = credentials.get("email", "").strip()
        self._password = credentials.get("password", "")
        if not self._email or not self._password:
            raise ConfigurationError("email e password devem ser os de um usuário do Whaticket.")
        self._http = ApiClient(
            client,
            gateway=self.name,
            base_url=root,
            headers={},
            ca_file=ca_file(credentials),
            retries=retries,
            explain=lambda status, body: code_of(body, "error"),
        )
        self._sessions = sessions
        key = session_key(self.name, root, self._email, self._password)
        self._refresh_key = f"{key} refresh"
        self._keeper = sessions.keeper(key, self._sign_in)

    async def open(self, ticket: Ticket) -> str | None:
        return ticket.desk_id

    async def transfer(self, event: TicketEvent) -> None:
        with desk_errors():
            await self._put_into(event, event.queue)

    async def finish(self, event: TicketEvent) -> None:
        with desk_errors():
            if (await self._ticket(event))["status"] != "closed":
                await self._put(event, {"status": "closed"})

    async def hand_over(self, event: TicketEvent) -> None:
        with desk_errors():
            ticket = await self._put_into(event, event.queue)
            await self._note(event, ticket)

    async def reopen(self, event: TicketEvent) -> None:
        with desk_errors():
            if (await self._ticket(event))["status"] == "closed":
                await self._put(event, {"status": "open"})

    async def check(self) -> None:
        with desk_errors():
            await self._queues()

    async def missing(self, queue: str) -> str | None:
        with desk_errors():
            names = [name for name, _ in await self._queues()]
        return None if queue in names else complaint(queue, names)

    async def near_misses(self, queue: str) -> list[str]:
        with desk_errors():
            return near(queue, [name for name, _ in await self._queues()])

    async def create_queue(self, name: str, message: str, color: str) -> None:
        """Create it. Whaticket gives a colour to one queue only: where it is taken, the next free shade is."""
        with desk_errors():
            for step in range(8):
                body = {"name": name, "color": _shade(color, step), "greetingMessage": message}
                answer = await self._call("POST", "/queue", "create queue", body, accept=(400,))
                if answer.ok:
                    return
                refusal = code_of(answer.json(), "error")
                if refusal not in _TAKEN:
                    raise GatewayProtocolError(self.name, f"create queue: HTTP {answer.status} ({refusal})")
            raise GatewayProtocolError(self.name, "create queue: every shade of that colour is taken")

    async def _put_into(self, event: TicketEvent, queue: str) -> Mapping[str, object]:
        queues = await self._queues()
        queue_id = next((number for name, number in queues if name == queue), None)
        if queue_id is None:  # the operator can mend that, and then it is told
            raise TicketDeskError(f"{self.name}: {complaint(queue, [name for name, _ in queues])}")
        ticket = await self._ticket(event)
        if (ticket.get("queueId"), ticket["status"], ticket.get("userId")) != (queue_id, "pending", None):
            await self._put(event, {"queueId": queue_id, "status": "pending", "userId": None})
        return ticket

    async def _note(self, event: TicketEvent, ticket: Mapping[str, object]) -> None:
        where = {"ticketId": _number(ticket.get("id")), "contactId": _number(ticket.get("contactId"))}
        listing = await self._call("GET", "/ticket-notes/list", "notes", params=where, accept=(404,))
        if not listing.ok:
            return  # an edition without notes
        notes = listing.json()
        if isinstance(notes, list) and any(mark(event.id) in str(note) for note in notes):
            return
        note = note_of(event.reason, event.summary, event.id)
        await self._call("POST", "/ticket-notes", "note", {"note": note, **where})

    async def _queues(self) -> list[tuple[str, int]]:
        body = (await self._call("GET", "/queue", "queues")).json()
        if not isinstance(body, list):
            raise GatewayProtocolError(self.name, "queues: not a list")
        return [
            (queue["name"], queue["id"])
            for queue in body
            if isinstance(queue, dict) and isinstance(queue.get("name"), str) and isinstance(queue.get("id"), int)
        ]

    async def _ticket(self, event: TicketEvent) -> Mapping[str, object]:
        body = (await self._call("GET", self._path(event), "ticket")).json()
        if not isinstance(body, dict) or not isinstance(body.get("status"), str):
            raise GatewayProtocolError(self.name, "is missing", "ticket.status")
        return body

    async def _put(self, event: TicketEvent, change: Mapping[str, object]) -> None:
        await self._call("PUT", self._path(event), "update ticket", change)

    def _path(self, event: TicketEvent) -> str:
        desk_id = event.ticket.desk_id or ""
        if not (desk_id.isascii() and desk_id.replace("-", "").isalnum()):
            raise GatewayProtocolError(self.name, "ticket_id is no number of a ticket")
        return f"/tickets/{desk_id}"

    async def _call(
        self,
        method: str,
        path: str,
        label: str,
        body: object = None,
        *,
        params: Mapping[str, str | int] | None = None,
        accept: tuple[int, ...] = (),
    ) -> ApiResponse:
        async def ask(token: str) -> ApiResponse:
            headers = {"Authorization": f"Bearer {token}"}
            if method == "GET":
                return await self._http.get(path, label=label, params=params, headers=headers, accept=accept)
            if method == "PUT":
                return await self._http.put(path, label=label, body=body, headers=headers)
            return await self._http.post(path, label=label, body=body, only_reads=False, headers=headers, accept=accept)

        return await self._keeper.call(ask)

    async def _sign_in(self) -> ApiSession:
        """By the cookie of the last session, else by e-mail and password."""
        refresh = await asyncio.to_thread(self._sessions.store.get, self._refresh_key)
        if refresh is not None:
            try:
                return await self._session(
                    await self._http.post(
                        "/auth/refresh_token",
                        label="refresh",
                        body={},
                        only_reads=True,
                        headers={"Cookie": f"jrt={refresh.token}"},
                    )
                )
            except (TokenRejected, GatewayProtocolError):
                await asyncio.to_thread(self._sessions.store.drop, self._refresh_key, refresh.token)
        body = {"email": self._email, "password": self._password}
        return await self._session(await self._http.post("/auth/login", label="sign-in", body=body, only_reads=True))

    async def _session(self, answer: ApiResponse) -> ApiSession:
        body = answer.json()
        token = body.get("token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            raise GatewayProtocolError(self.name, "is missing", "token")
        cookie = answer.cookies.get("jrt")
        if cookie:
            await asyncio.to_thread(self._sessions.store.put, self._refresh_key, cookie, None)
        return ApiSession(token, self._sessions.now() + TOKEN_LASTS)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _shade(color: str, step: int) -> str:
    """The same colour, its blue moved by `step`.

    >>> _shade("#1F7A4D", 0), _shade("#1F7AFF", 2)
    ('#1F7A4D', '#1F7A01')
    """
    return f"{color[:5]}{(int(color[5:], 16) + step) % 256:02X}"
