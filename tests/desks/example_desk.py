"""How to add a ticket desk, carried out: a small one that does not exist, its adapter and its simulator.

`docs/adding-a-desk.md` goes through this file. An adapter belongs into `segunda_via/desks/`, a simulator into
`sandbox/`; only an example is both, and lives with the tests.

Its API, made up: `Authorization: Bearer <token>`;
GET  /v1/queues                [{"name": "…"}]
POST /v1/queues                {"name": "…"}
GET  /v1/tickets/<id>          {"status": "open|waiting|closed", "queue": "…" or null, "notes": ["…"]}
PUT  /v1/tickets/<id>          {"status": "…", "queue": "…"}, either may be left out
POST /v1/tickets/<id>/notes    {"text": "…"}, read by agents alone
"""

from __future__ import annotations

from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from segunda_via.desks.desk_errors import PATIENCE, desk_errors, mark, note_of
from segunda_via.desks.queue_names import complaint, exact, near
from segunda_via.desks.registry import ALLOW_HTTP, CA_FILE, RETURN_SECRET, DeskProduct
from segunda_via.errors import ConfigurationError, GatewayProtocolError, TicketDeskError
from segunda_via.http.api_client import ApiClient, Retries
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.base_url import base_url, ca_file
from segunda_via.http.credentials import Credentials, Field
from segunda_via.tickets.ticket import Ticket, TicketEvent

TOKEN = "example-desk-token"

PRODUCT = DeskProduct(
    "Plataforma de exemplo",
    "example_desk:ExampleDesk",
    (
        Field("base_url", "Endereço da API"),
        Field("token", "Token de acesso", secret=True),
        RETURN_SECRET,
        CA_FILE,
        ALLOW_HTTP,
    ),
)


class ExampleDesk:
    """One account, as a `TicketDesk` that `KeepsQueues`."""

    name = "example"

    def __init__(
        self, credentials: Credentials, client: httpx.AsyncClient, *, sessions: ApiSessions, retries: Retries = PATIENCE
    ) -> None:
        """ConfigurationError when a credential is missing or malformed."""
        token = credentials.get("token", "").strip()
        if not token:
            raise ConfigurationError("token deve ser o token de acesso da plataforma")
        self._http = ApiClient(
            client,
            gateway=self.name,
            base_url=base_url(credentials, default=None),
            headers={"Authorization": f"Bearer {token}"},
            ca_file=ca_file(credentials),
            retries=retries,
        )

    async def open(self, ticket: Ticket) -> str | None:
        return ticket.desk_id

    async def transfer(self, event: TicketEvent) -> None:
        with desk_errors():
            await self._put_into_queue(event)

    async def finish(self, event: TicketEvent) -> None:
        with desk_errors():
            # Read before it is written: closing a closed ticket might send a farewell again.
            if (await self._ticket(event))["status"] != "closed":
                await self._change(event, {"status": "closed"})

    async def hand_over(self, event: TicketEvent) -> None:
        with desk_errors():
            ticket = await self._put_into_queue(event)
            # The note ends with a mark of the event: it is looked for before the note is written.
            if not any(mark(event.id) in str(note) for note in ticket.get("notes") or []):
                body = {"text": note_of(event.reason, event.summary, event.id)}
                await self._http.post(f"{self._path(event)}/notes", label="note", body=body, only_reads=False)

    async def reopen(self, event: TicketEvent) -> None:
        with desk_errors():
            if (await self._ticket(event))["status"] == "closed":
                await self._change(event, {"status": "open"})

    async def check(self) -> None:
        with desk_errors():
            await self._queues()

    async def missing(self, queue: str) -> str | None:
        with desk_errors():
            names = await self._queues()
        return None if exact(queue, names) else complaint(queue, names)

    async def near_misses(self, queue: str) -> list[str]:
        with desk_errors():
            return near(queue, await self._queues())

    async def create_queue(self, name: str, message: str, color: str) -> None:
        """Create it; this desk keeps neither message nor colour."""
        with desk_errors():
            await self._http.post("/v1/queues", label="create queue", body={"name": name}, only_reads=False)

    async def _put_into_queue(self, event: TicketEvent) -> dict[str, Any]:
        names = await self._queues()
        if exact(event.queue, names) is None:  # an operator can mend that, and then it is told
            raise TicketDeskError(f"{self.name}: {complaint(event.queue, names)}")
        ticket = await self._ticket(event)
        if (ticket["status"], ticket.get("queue")) != ("waiting", event.queue):
            await self._change(event, {"status": "waiting", "queue": event.queue})
        return ticket

    async def _queues(self) -> list[str]:
        body = (await self._http.get("/v1/queues", label="queues")).json()
        if not isinstance(body, list):
            raise GatewayProtocolError(self.name, "queues: not a list")
        return [each["name"] for each in body if isinstance(each, dict) and isinstance(each.get("name"), str)]

    async def _ticket(self, event: TicketEvent) -> dict[str, Any]:
        body = (await self._http.get(self._path(event), label="ticket")).json()
        if not isinstance(body, dict) or not isinstance(body.get("status"), str):
            raise GatewayProtocolError(self.name, "is missing", "ticket.status")
        return body

    async def _change(self, event: TicketEvent, change: dict[str, str]) -> None:
        await self._http.put(self._path(event), label="update ticket", body=change)

    def _path(self, event: TicketEvent) -> str:
        # The id comes from a channel's metadata: it must not lead to another address.
        desk_id = event.ticket.desk_id or ""
        if not (desk_id.isascii() and desk_id.isalnum()):
            raise GatewayProtocolError(self.name, "ticket_id is no number of a ticket")
        return f"/v1/tickets/{desk_id}"


class ExampleDeskSimulator:
    """The account of the adapter above. Its data can be read and bent by tests; `changes` counts what was written."""

    def __init__(self) -> None:
        self.queues = ["Suporte"]
        self.tickets: dict[str, dict[str, Any]] = {"481": {"status": "open", "queue": None, "notes": []}}
        self.changes = 0
        self.app = Starlette(
            routes=[
                Route("/v1/queues", self._queues, methods=["GET", "POST"]),
                Route("/v1/tickets/{id}", self._ticket, methods=["GET", "PUT"]),
                Route("/v1/tickets/{id}/notes", self._note, methods=["POST"]),
            ]
        )

    def credentials(self, root: str) -> dict[str, str]:
        return {"base_url": root, "token": TOKEN}

    async def _queues(self, request: Request) -> Response:
        if request.method == "POST":
            self.queues.append((await request.json())["name"])
        return self._refused(request) or JSONResponse([{"name": name} for name in self.queues])

    async def _ticket(self, request: Request) -> Response:
        ticket = self.tickets.get(request.path_params["id"])
        refused = self._refused(request)
        if refused or ticket is None:
            return refused or JSONResponse({"error": "not found"}, 404)
        if request.method == "PUT":
            ticket.update(await request.json())
            self.changes += 1
        return JSONResponse(ticket)

    async def _note(self, request: Request) -> Response:
        self.tickets[request.path_params["id"]]["notes"].append((await request.json())["text"])
        self.changes += 1
        return self._refused(request) or JSONResponse({})

    def _refused(self, request: Request) -> Response | None:
        known = request.headers.get("authorization") == f"Bearer {TOKEN}"
        return None if known else JSONResponse({"error": "unauthorized"}, 401)
