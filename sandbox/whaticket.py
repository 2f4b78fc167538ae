"""Whaticket, as its adapter meets it: routes, shapes, refusals and quirks of the original and of its forks.

Mounted at `/whaticket`. Its tokens are opaque here; what matters is when they are refused, and how: none at all is a
401, one that is over a 403, and whoever has lost both token and cookie signs in again. `notes` tells the editions
apart: the community's has no internal notes.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

EMAIL = "assistente@example.com"
PASSWORD = "whaticket segunda via"
TOKEN_LASTS = 15 * 60
"""Seconds."""

_OVER = "Invalid token. We'll try to assign a new one on next request"


@dataclass
class DeskTicket:
    """A ticket there. `closings` counts how often it went from anything to closed: each sends the farewell."""

    id: int
    contact_id: int
    status: str = "pending"
    queue_id: int | None = None
    user_id: int | None = None
    closings: int = 0
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "uuid": f"00000000-0000-4000-8000-{self.id:012d}",
            "status": self.status,
            "queueId": self.queue_id,
            "userId": self.user_id,
            "contactId": self.contact_id,
            "contact": {"id": self.contact_id, "number": "5547999990000", "name": "Cliente da Silva"},
            "whatsappId": 1,
        }


class WhaticketSimulator:
    """One server. Its data can be read and bent by tests; `calls` counts them by what they do."""

    name = "whaticket"
    api = "/"

    def __init__(self, *, notes: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        self.has_notes = notes
        self.queues = [{"id": 1, "name": "Suporte", "color": "#0000FF", "greetingMessage": "Olá!"}]
        self.tickets: dict[int, DeskTicket] = {}
        self.calls: Counter[str] = Counter()
        self._clock = clock
        self._tokens: dict[str, float] = {}
        self._cookies: set[str] = set()
        self.app: ASGIApp = Starlette(
            routes=[
                Route("/auth/login", self._login, methods=["POST"]),
                Route("/auth/refresh_token", self._refresh, methods=["POST"]),
                Route("/queue", self._list_queues),
                Route("/queue", self._create_queue, methods=["POST"]),
                Route("/tickets/{ticket}", self._show),
                Route("/tickets/{ticket}", self._update, methods=["PUT"]),
                Route("/ticket-notes/list", self._list_notes),
                Route("/ticket-notes", self._create_note, methods=["POST"]),
            ]
        )

    def credentials(self, root: str) -> dict[str, str]:
        return {"base_url": root, "email": EMAIL, "password": PASSWORD}

    def document_of(self, path: str, query: dict[str, str], body: bytes) -> str | None:
        return None

    def fault_of(self, document: str) -> str | None:
        return None

    def refusal(self, status: int) -> Response:
        words = {401: "ERR_SESSION_EXPIRED", 403: _OVER, 404: "ERR_NO_TICKET_FOUND"}
        return JSONResponse({"error": words.get(status, "Internal server error")}, status)

    def add_queue(self, name: str, color: str = "#00AA00", message: str = "") -> int:
        number = len(self.queues) + 1
        self.queues.append({"id": number, "name": name, "color": color, "greetingMessage": message})
        return number

    def add_ticket(self, number: int, contact: int | None = None, status: str = "open") -> DeskTicket:
        self.tickets[number] = DeskTicket(number, contact or number, status, user_id=1 if status == "open" else None)
        return self.tickets[number]

    def end_tokens(self) -> None:
        """What fifteen minutes do."""
        self._tokens.clear()

    def end_cookies(self) -> None:
        """What seven days do, or a changed password."""
        self._cookies.clear()

    async def _login(self, request: Request) -> Response:
        self.calls["login"] += 1
        given = await request.json()
        if (given.get("email"), given.get("password")) != (EMAIL, PASSWORD):
            return JSONResponse({"error": "ERR_INVALID_CREDENTIALS"}, 401)
        return self._session()

    async def _refresh(self, request: Request) -> Response:
        self.calls["refresh"] += 1
        if request.cookies.get("jrt") not in self._cookies:
            return self.refusal(401)
        return self._session()

    def _session(self) -> Response:
        token, cookie = secrets.token_hex(20), secrets.token_hex(20)
        self._tokens[token] = self._clock() + TOKEN_LASTS
        self._cookies.add(cookie)
        answer = JSONResponse({"token": token, "user": {"id": 1, "name": "Assistente", "profile": "admin"}})
        answer.set_cookie("jrt", cookie, httponly=True)
        return answer

    def _refused(self, request: Request) -> Response | None:
        given = request.headers.get("authorization")
        if given is None:
            return self.refusal(401)
        return None if self._tokens.get(given.removeprefix("Bearer "), 0) > self._clock() else self.refusal(403)

    async def _list_queues(self, request: Request) -> Response:
        return self._refused(request) or JSONResponse(self.queues)

    async def _create_queue(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused:
            return refused
        given = await request.json()
        if any(queue["name"] == given["name"] for queue in self.queues):
            return JSONResponse({"error": "ERR_QUEUE_NAME_ALREADY_EXISTS"}, 400)
        if any(queue["color"] == given["color"] for queue in self.queues):
            return JSONResponse({"error": "ERR_QUEUE_COLOR_ALREADY_EXISTS"}, 400)
        self.add_queue(given["name"], given["color"], given.get("greetingMessage", ""))
        return JSONResponse(self.queues[-1])

    def _ticket(self, request: Request) -> DeskTicket | Response:
        key = request.path_params["ticket"]
        found = self.tickets.get(int(key)) if key.isdecimal() else None
        return self._refused(request) or found or self.refusal(404)

    async def _show(self, request: Request) -> Response:
        ticket = self._ticket(request)
        return ticket if isinstance(ticket, Response) else JSONResponse(ticket.as_json())

    async def _update(self, request: Request) -> Response:
        ticket = self._ticket(request)
        if isinstance(ticket, Response):
            return ticket
        self.calls["update"] += 1
        change = await request.json()
        others = [t for t in self.tickets.values() if t.contact_id == ticket.contact_id and t is not ticket]
        if ticket.status == "closed" and any(other.status != "closed" for other in others):
            return JSONResponse({"error": "ERR_OTHER_OPEN_TICKET"}, 400)
        if change.get("status") == "closed" and ticket.status != "closed":
            ticket.closings += 1
        ticket.status = change.get("status", ticket.status)
        ticket.queue_id = change.get("queueId", ticket.queue_id)
        ticket.user_id = change.get("userId", ticket.user_id)
        return JSONResponse(ticket.as_json())

    async def _list_notes(self, request: Request) -> Response:
        if not self.has_notes:
            return Response("Cannot GET /ticket-notes/list", 404)
        ticket = self.tickets.get(int(request.query_params.get("ticketId", 0)))
        notes = [{"id": place, "note": note} for place, note in enumerate(ticket.notes if ticket else ())]
        return self._refused(request) or JSONResponse(notes)

    async def _create_note(self, request: Request) -> Response:
        if not self.has_notes:
            return Response("Cannot POST /ticket-notes", 404)
        refused = self._refused(request)
        given = await request.json()
        if refused:
            return refused
        self.tickets[given["ticketId"]].notes.append(given["note"])
        return JSONResponse({"id": 1, **given})
