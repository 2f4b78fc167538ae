"""Chatwoot, as its adapter meets it: routes, shapes, refusals and quirks.

Mounted at `/chatwoot`. Team names are stored in lower case, a POST of labels replaces the set, and a conversation that
nobody opened is a 404.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

ACCOUNT = "3"
INBOX = "5"
TOKEN = "chatwoot-access-token-0001"


@dataclass
class Conversation:
    """`resolutions` counts how often it went from anything to resolved."""

    id: int
    contact_id: int
    status: str = "pending"
    team_id: int | None = None
    labels: list[str] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    custom_attributes: dict[str, Any] = field(default_factory=dict)
    resolutions: int = 0


class ChatwootSimulator:
    """One installation with one account. Its data can be read and bent by tests."""

    name = "chatwoot"
    api = "/api"

    def __init__(self) -> None:
        self.teams = [{"id": 1, "name": "suporte", "description": ""}]
        self.conversations: dict[int, Conversation] = {}
        self.contacts: list[dict[str, Any]] = []
        self.calls: Counter[str] = Counter()
        routes = [
            Route("/teams", self._list_teams),
            Route("/teams", self._create_team, methods=["POST"]),
            Route("/contacts", self._create_contact, methods=["POST"]),
            Route("/contacts/filter", self._filter_contacts, methods=["POST"]),
            Route("/contacts/{contact:int}/conversations", self._of_contact),
            Route("/conversations", self._open, methods=["POST"]),
            Route("/conversations/{id:int}", self._show),
            Route("/conversations/{id:int}/toggle_status", self._toggle, methods=["POST"]),
            Route("/conversations/{id:int}/assignments", self._assign, methods=["POST"]),
            Route("/conversations/{id:int}/labels", self._labels, methods=["GET", "POST"]),
            Route("/conversations/{id:int}/messages", self._messages, methods=["GET", "POST"]),
        ]
        self._inside = Starlette(routes=[Mount(f"/api/v1/accounts/{ACCOUNT}", routes=routes)])
        self.app: ASGIApp = self._guarded

    def credentials(self, root: str) -> dict[str, str]:
        return {"base_url": root, "account_id": ACCOUNT, "token": TOKEN, "inbox_id": INBOX}

    def document_of(self, path: str, query: dict[str, str], body: bytes) -> str | None:
        return None

    def fault_of(self, document: str) -> str | None:
        return None

    def refusal(self, status: int) -> Response:
        if status == 401:
            return JSONResponse({"errors": ["Invalid Access Token"]}, 401)
        if status == 404:
            return JSONResponse({"error": "Resource could not be found"}, 404)
        return JSONResponse({"error": "Internal Server Error"}, status)

    def add_team(self, name: str) -> int:
        self.teams.append({"id": len(self.teams) + 1, "name": name.lower(), "description": ""})
        return len(self.teams)

    def add_conversation(self, number: int, labels: list[str] | None = None) -> Conversation:
        self.conversations[number] = Conversation(number, 1, labels=labels or [])
        return self.conversations[number]

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        if Request(scope).headers.get("api_access_token") != TOKEN:
            await self.refusal(401)(scope, receive, send)
        else:
            await self._inside(scope, receive, send)

    async def _list_teams(self, request: Request) -> Response:
        return JSONResponse(self.teams)

    async def _create_team(self, request: Request) -> Response:
        given = await request.json()
        if any(team["name"] == given["name"].lower() for team in self.teams):
            return JSONResponse({"message": "Name has already been taken", "attributes": ["name"]}, 422)
        self.add_team(given["name"])
        self.teams[-1]["description"] = given.get("description", "")
        return JSONResponse(self.teams[-1])

    async def _create_contact(self, request: Request) -> Response:
        given = await request.json()
        for attribute, word in (("identifier", "Identifier"), ("phone_number", "Phone number")):
            if any(given.get(attribute) and contact.get(attribute) == given[attribute] for contact in self.contacts):
                return JSONResponse({"message": f"{word} has already been taken", "attributes": [attribute]}, 422)
        self.contacts.append({"id": len(self.contacts) + 1, **given})
        source = {"source_id": f"source-{len(self.contacts)}", "inbox": {"id": int(INBOX)}}
        return JSONResponse({"payload": {"contact": self.contacts[-1], "contact_inbox": source}})

    async def _filter_contacts(self, request: Request) -> Response:
        (condition,) = (await request.json())["payload"]
        wanted = condition["values"][0]  # Chatwoot looks at no other
        found = [contact for contact in self.contacts if contact.get(condition["attribute_key"]) == wanted]
        return JSONResponse({"meta": {"count": len(found)}, "payload": found})

    async def _of_contact(self, request: Request) -> Response:
        contact = request.path_params["contact"]
        found = [_shown(c, self.teams) for c in self.conversations.values() if c.contact_id == contact]
        return JSONResponse({"payload": found})

    async def _open(self, request: Request) -> Response:
        given = await request.json()
        number = max(self.conversations, default=100) + 1
        self.conversations[number] = Conversation(
            number, given["contact_id"], given["status"], custom_attributes=given.get("custom_attributes") or {}
        )
        self.calls["open"] += 1
        return JSONResponse(_shown(self.conversations[number], self.teams))

    def _conversation(self, request: Request) -> Conversation | None:
        return self.conversations.get(request.path_params["id"])

    async def _show(self, request: Request) -> Response:
        conversation = self._conversation(request)
        return JSONResponse(_shown(conversation, self.teams)) if conversation else self.refusal(404)

    async def _toggle(self, request: Request) -> Response:
        conversation = self._conversation(request)
        if conversation is None:
            return self.refusal(404)
        status = (await request.json())["status"]
        self.calls["toggle"] += 1
        if status == "resolved" and conversation.status != "resolved":
            conversation.resolutions += 1
        conversation.status = status
        payload = {"success": True, "current_status": status, "conversation_id": conversation.id}
        return JSONResponse({"meta": {}, "payload": payload})

    async def _assign(self, request: Request) -> Response:
        conversation = self._conversation(request)
        if conversation is None:
            return self.refusal(404)
        conversation.team_id = (await request.json())["team_id"]
        return JSONResponse(next(team for team in self.teams if team["id"] == conversation.team_id))

    async def _labels(self, request: Request) -> Response:
        conversation = self._conversation(request)
        if conversation is None:
            return self.refusal(404)
        if request.method == "POST":
            conversation.labels = (await request.json())["labels"]
        return JSONResponse({"payload": conversation.labels})

    async def _messages(self, request: Request) -> Response:
        conversation = self._conversation(request)
        if conversation is None:
            return self.refusal(404)
        if request.method == "GET":
            return JSONResponse({"meta": {"labels": conversation.labels}, "payload": conversation.messages})
        conversation.messages.append({"id": len(conversation.messages) + 1, **await request.json()})
        return JSONResponse(conversation.messages[-1])


def _shown(conversation: Conversation, teams: list[dict[str, Any]]) -> dict[str, Any]:
    team = next((team for team in teams if team["id"] == conversation.team_id), None)
    return {
        "id": conversation.id,
        "inbox_id": int(INBOX),
        "status": conversation.status,
        "labels": conversation.labels,
        "custom_attributes": conversation.custom_attributes,
        "meta": {"sender": {"id": conversation.contact_id}, "team": team},
    }
