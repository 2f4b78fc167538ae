"""Faults to order: what a simulator does wrong, for whom, and how often.

`FaultBoard` holds the orders, `Faulty` carries them out around a simulator, whatever gateway it plays. A fault is named
by a status code ("503"), or by one of `KINDS`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.calls import Calls
from sandbox.ledger import Issuer
from sandbox.spoil import spoiled

KINDS = {
    "latency": "the true answer, after latency_ms",
    "slow": "the true answer, after 10 seconds (or latency_ms)",
    "slow_body": "the headers at once, then a byte now and then",
    "cut": "the connection is cut in the middle of the body",
    "html": "an HTML page with status 200",
    "empty": "nothing, with status 200",
    "truncated": "half of the JSON, as if it were all",
    "wrong_types": "the true answer with every value of another type",
    "missing_fields": "the true answer with every object of a list empty",
    "huge_field": "the true answer with a million characters in every text",
    "huge_body": "more bytes than any answer should have",
    "deep": "JSON nested a hundred thousand levels deep",
    "redirect": "a redirect to another host that repeats the request",
    "unfiltered": "listings that ignore their filters",
    "foreign_invoice": "somebody else's invoice beside the true ones",
    "refuse": "Twilio: a message is refused with the error `code`",
    "fail": "Twilio: a message is accepted, and fails with `code` after the status `at`",
    "out_of_order": "Twilio: the status callbacks of a message come last first",
    "no_callback": "Twilio: the status callbacks of a message never come, or that of the status `at`",
    "repeated_callback": "Twilio: every status callback of a message comes twice",
}

_OF_MESSAGES = frozenset({"refuse", "fail", "out_of_order", "no_callback", "repeated_callback"})
BY_SIMULATORS = _OF_MESSAGES | {"unfiltered", "foreign_invoice"}
"""These are carried out by the simulators themselves, who know what a listing or a message is; see `ordered`."""

_DRIP = 0.2


@dataclass
class Fault:
    """An order. `document`, `path` (a part of it) None: for everything. `times` None: for ever.

    Of Twilio, `document` is the customer's address, and what concerns messages keeps to the calls that send one.
    """

    kind: str
    gateway: str | None = None
    document: str | None = None
    path: str | None = None
    times: int | None = None
    latency_ms: int = 0
    reset: float | None = None
    """Seconds that a 429 names in `RateLimit-Reset`."""
    after: int = 0
    """How many calls go by unharmed first."""
    code: int | None = None
    """Twilio's error code, for `refuse` and `fail`."""
    at: str = ""
    """The status that `fail` comes after ("queued" when none is named), or the one that `no_callback` hides."""

    def __post_init__(self) -> None:
        if self.kind in _OF_MESSAGES:
            self.gateway, self.path = "twilio", self.path or "/Messages.json"
        if self.kind == "fail":
            self.at = self.at or "queued"

    def concerns(self, gateway: str, document: str | None, path: str) -> bool:
        return (
            self.times != 0
            and self.gateway in {None, gateway}
            and self.document in {None, document}
            and (self.path is None or self.path in path)
        )


class FaultBoard:
    """The orders that stand."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """ValueError when there is no such fault."""
        if fault.kind not in KINDS and not (fault.kind.isdigit() and 100 < int(fault.kind) < 600):
            raise ValueError(f"no such fault: {fault.kind}; there are status codes and {', '.join(KINDS)}")
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def take(self, gateway: str, document: str | None, path: str) -> list[Fault]:
        """The faults of one call, each counted as used once."""
        due = []
        for fault in self._faults:
            if not fault.concerns(gateway, document, path):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
            due.append(fault)
        return due

    def standing(self) -> list[Fault]:
        """The orders that are not used up."""
        return [fault for fault in self._faults if fault.times != 0]


class Faultable(Protocol):
    """Whatever is simulated, as `Faulty` sees it."""

    name: str
    api: str
    """The path below which its API lives. Other paths (PDFs, invoice pages) are not counted as round trips."""
    app: ASGIApp

    def document_of(self, path: str, query: dict[str, str], body: bytes) -> str | None:
        """Whose data a call asks for, compact; None when it cannot be told."""

    def fault_of(self, document: str) -> str | None:
        """The standing fault of that persona."""

    def refusal(self, status: int) -> Response:
        """How this gateway words that status."""


class Simulator(Faultable, Protocol):
    """A simulated gateway, as the server sees it."""

    issuer: Issuer
    """Who receives the money of its invoices."""

    def credentials(self, root: str) -> dict[str, str]:
        """What an adapter is given to speak to it, `root` being the address where it is mounted."""


class DeskSimulator(Faultable, Protocol):
    """A simulated ticket desk, as the server sees it."""

    def credentials(self, root: str) -> dict[str, str]:
        """What an adapter is given to speak to it, `root` being the address where it is mounted."""


class Faulty:
    """A simulator with the faults ordered for it."""

    def __init__(self, simulator: Faultable, board: FaultBoard, calls: Calls) -> None:
        self._simulator = simulator
        self._board = board
        self._calls = calls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._simulator.app(scope, receive, send)
            return
        body = await _whole_body(receive)
        path = scope["path"][len(scope.get("root_path", "")) :]
        query = {key: values[0] for key, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
        document = self._simulator.document_of(path, query, body)
        faults = self._board.take(self._simulator.name, document, path)
        standing = self._simulator.fault_of(document) if document and path.startswith(self._simulator.api) else None
        if standing:
            faults.append(Fault(standing))
        with self._calls.recording(
            self._simulator.name, scope["method"], path, sorted(query), counts=path.startswith(self._simulator.api)
        ) as over:

            async def tell(message: Message) -> None:
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    over()
                await send(message)

            await asyncio.sleep(sum(_latency(fault) for fault in faults))
            await self._carry_out(faults, scope, _replay(body), tell)

    async def _carry_out(self, faults: list[Fault], scope: Scope, receive: Receive, send: Send) -> None:
        kinds = [fault.kind for fault in faults if fault.kind not in {"latency", "slow"}]
        scope["sandbox.faults"] = faults
        kind = next((kind for kind in kinds if kind not in BY_SIMULATORS), None)
        if kind is None:
            await self._simulator.app(scope, receive, send)
        elif kind.isdigit():
            response = self._simulator.refusal(int(kind))
            reset = next((fault.reset for fault in faults if fault.reset is not None), None)
            if reset is not None:
                response.headers["RateLimit-Reset"] = f"{reset:g}"
            await response(scope, receive, send)
        elif kind == "html":
            page = "<!DOCTYPE html><html><body><h1>Estamos em manutenção</h1></body></html>"
            await HTMLResponse(page)(scope, receive, send)
        elif kind == "redirect":
            location = f"https://redirect.example.com{scope['path']}?{scope['query_string'].decode('latin-1')}"
            await Response(status_code=302, headers={"Location": location})(scope, receive, send)
        else:
            await self._spoil(kind, scope, receive, send)

    async def _spoil(self, kind: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the true answer and send something like it."""
        status, body = await _answer(self._simulator.app, scope, receive)
        if kind == "cut":
            await _head(send, status, len(body))
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            return  # an answer that is not completed makes the server cut the connection
        if kind == "slow_body":
            await _head(send, status, len(body))
            for place in range(len(body)):
                await send({"type": "http.response.body", "body": body[place : place + 1], "more_body": True})
                await asyncio.sleep(_DRIP)
            await send({"type": "http.response.body", "body": b""})
            return
        await Response(spoiled(kind, body), status, media_type="application/json")(scope, receive, send)


def ordered(scope: Scope, kind: str) -> bool:
    """Whether a simulator is asked to carry out that fault in the call it is answering."""
    return any(fault.kind == kind for fault in orders(scope))


def orders(scope: Scope) -> list[Fault]:
    """The faults of the call that a simulator is answering."""
    faults: list[Fault] = scope.get("sandbox.faults", [])
    return faults


def _latency(fault: Fault) -> float:
    return (fault.latency_ms or (10_000 if fault.kind == "slow" else 0)) / 1000


async def _whole_body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _head(send: Send, status: int, length: int) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(length).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _answer(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[int, bytes]:
    status, body = 500, b""

    async def keep(message: Message) -> None:
        nonlocal status, body
        status = message.get("status", status)
        body += message.get("body", b"")

    await app(scope, receive, keep)
    return status, body
