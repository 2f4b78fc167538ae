"""The customer's end of WhatsApp: a page that is a phone, and the routes behind it.

GET  /phone                     the page
POST /phone/send                {from, kind, text?, profile?, payload?, latitude?, …}: written to the channel's webhook
GET  /phone/messages?of=…       the chat of one customer
GET  /phone/events?of=…         the same as it changes, as server-sent events
GET  /phone/media/<message>/<media>   a file of the chat
POST /phone/read                {of}: everything delivered to that customer is read
POST /phone/offline             {of, offline}: that customer's phone loses or finds its connection
POST /phone/repeat              {of}: the webhook of that customer's last message once more, as Twilio may
POST /phone/clear               every chat is forgotten
GET  /phone/tickets             the product's journal, when the sandbox was told where it is
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.samples import sample
from sandbox.tickets import Tickets
from sandbox.twilio import Inbound, Message, TwilioSimulator
from sandbox.twilio.webhooks import Answered

STATIC = Path(__file__).parent / "static"
_TEXTS = ("text", "payload", "latitude", "longitude", "address", "label", "reply_to")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; "
    "connect-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


class Phone:
    """Every customer's phone; whose it is stands in each call (`of`, `from`)."""

    def __init__(self, twilio: TwilioSimulator, tickets: Tickets | None = None) -> None:
        self._twilio = twilio
        self._tickets = tickets
        self.routes: list[BaseRoute] = [
            Route("/", self._page),
            Route("/send", self._send, methods=["POST"]),
            Route("/messages", self._messages),
            Route("/events", self._events),
            Route("/media/{message}/{media}", self._media),
            Route("/read", self._read, methods=["POST"]),
            Route("/offline", self._offline, methods=["POST"]),
            Route("/repeat", self._repeat, methods=["POST"]),
            Route("/clear", self._clear, methods=["POST"]),
            Route("/tickets", self._journal),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    async def _page(self, request: Request) -> Response:
        return FileResponse(STATIC / "phone.html", headers={"Content-Security-Policy": _POLICY})

    async def _send(self, request: Request) -> Response:
        try:
            wanted = await request.json()
            kind = str(wanted.get("kind", "text"))
            act = Inbound(
                sender=str(wanted["from"]),
                kind=kind,
                profile=wanted.get("profile", "Cliente Exemplo"),
                file=_attached(wanted) or sample(kind),
                **{name: str(wanted.get(name, "")) for name in _TEXTS},
            )
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            return JSONResponse({"error": f"not a message: {error}"}, 400)
        message, answered = await self._twilio.receive(act, _twilio(request))
        return JSONResponse({"sid": message.sid, "webhook": as_json(answered)}, 201)

    async def _messages(self, request: Request) -> Response:
        return JSONResponse([shown(message) for message in self._twilio.account.of(_of(request))])

    async def _media(self, request: Request) -> Response:
        message = self._twilio.account.find(request.path_params["message"])
        for each in message.media if message else ():
            if each.sid == request.path_params["media"]:
                name = (each.name or "arquivo").encode("ascii", "replace").decode().replace('"', "")
                return Response(
                    each.content,
                    media_type=each.content_type,
                    headers={
                        "Content-Disposition": f'inline; filename="{name}"',
                        "X-Content-Type-Options": "nosniff",
                    },
                )
        return JSONResponse({"error": "no such file"}, 404)

    async def _read(self, request: Request) -> Response:
        try:
            customer = str((await request.json())["of"])
        except (ValueError, KeyError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        for message in self._twilio.account.of(customer):
            if not message.inbound:
                await self._twilio.delivery.read(message)
        return JSONResponse({"status": "ok"})

    async def _offline(self, request: Request) -> Response:
        try:
            wanted = await request.json()
            customer, offline = str(wanted["of"]), bool(wanted["offline"])
        except (ValueError, KeyError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        account = self._twilio.account
        (account.lose_connection if offline else account.find_connection)(customer)
        return JSONResponse({"offline": offline})

    async def _repeat(self, request: Request) -> Response:
        try:
            customer = str((await request.json())["of"])
        except (ValueError, KeyError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        written = [message for message in self._twilio.account.of(customer) if message.inbound]
        if not written:
            return JSONResponse({"error": "nothing to repeat"}, 404)
        answered = await self._twilio.repeat(written[-1], "Cliente Exemplo", _twilio(request))
        return JSONResponse({"sid": written[-1].sid, "webhook": as_json(answered)})

    async def _clear(self, request: Request) -> Response:
        self._twilio.account.clear()
        return JSONResponse({"status": "ok"})

    async def _journal(self, request: Request) -> Response:
        listed = await asyncio.to_thread(self._tickets.recent) if self._tickets else None
        return JSONResponse({"tickets": listed})

    async def _events(self, request: Request) -> Response:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream(_of(request)), media_type="text/event-stream", headers=headers)

    async def _stream(self, customer: str) -> AsyncIterator[str]:
        account = self._twilio.account
        waiting: asyncio.Queue[tuple[str, object]] = asyncio.Queue()
        stop = account.watch(lambda what, about: waiting.put_nowait((what, about)))
        try:
            yield _event("messages", [shown(message) for message in account.of(customer)])
            while True:
                try:
                    what, about = await asyncio.wait_for(waiting.get(), 15)
                except asyncio.TimeoutError:
                    yield ": still here\n\n"
                    continue
                if told := _told(what, about, customer):
                    yield _event(*told)
        finally:
            stop()


def shown(message: Message) -> dict[str, object]:
    """A message as the page draws it. What is on its way to the phone is not on it yet: `arrived`."""
    return {
        "sid": message.sid,
        "mine": message.inbound,
        "kind": message.kind,
        "body": message.body,
        "at": message.created.isoformat(),
        "status": message.status,
        "error": message.error,
        "accepted": "accepted" in message.reached,
        "arrived": message.inbound or "delivered" in message.reached,
        "buttons": [dict(button) for button in message.buttons],
        "place": {name: message.extra[name] for name in ("Latitude", "Longitude") if name in message.extra},
        "media": [
            {
                "url": f"/phone/media/{message.sid}/{each.sid}",
                "type": each.content_type,
                "name": each.name,
                "size": len(each.content),
            }
            for each in message.media
        ],
    }


def as_json(answered: Answered | None) -> dict[str, object] | None:
    if answered is None:
        return None
    return {
        "status": answered.status,
        "error": answered.error,
        "attempts": answered.attempts,
        "milliseconds": answered.milliseconds,
    }


def _told(what: str, about: object, customer: str) -> tuple[str, object] | None:
    """The event that a customer's page is sent of what happened; None when it does not concern it."""
    if what == "message" and isinstance(about, Message) and about.customer == customer:
        return "message", shown(about)
    if what == "typing" and about == customer:
        return "typing", {}
    if what in {"webhook", "callback"} and isinstance(about, tuple) and about[0].customer == customer:
        state = about[1] if what == "callback" else "received"
        return "wire", {"what": what, "state": state, "kind": about[0].kind, **(as_json(about[-1]) or {})}
    return ("messages", []) if what == "cleared" else None


def _event(name: str, value: object) -> str:
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n"


def _twilio(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}/twilio"


def _of(request: Request) -> str:
    return request.query_params.get("of", "")


def _attached(wanted: dict[str, str]) -> tuple[str, bytes, str | None] | None:
    """A file of the customer's own: `file` in base64, `type`, `name`."""
    if not wanted.get("file"):
        return None
    content = base64.b64decode(wanted["file"], validate=True)
    return str(wanted["type"]), content, wanted.get("name")
