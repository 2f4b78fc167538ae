"""The sandbox as one process: every simulator, the control routes, and a health route.

GET  /health            what is simulated, the credentials that speak to it, and who receives its money
GET  /personas          who can be tried
GET  /tokens            what to paste into the settings screen, as a page
POST /control/faults    {gateway?, document?, path?, fault, times?, after?, latency_ms?, reset?, code?, at?};
                        see `sandbox.faults`. GET lists those that stand, DELETE forgets them
GET  /control/calls     what was asked since the last reset; see `sandbox.calls`
POST /control/reset     forget faults, calls and messages
/<gateway>/…            each simulated gateway
/twilio/…               Twilio's API; see `sandbox.twilio`
POST /phone/send        what a customer does on WhatsApp, told to the channel's webhook; see `sandbox.phone`
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from sandbox import tokens
from sandbox.asaas import ISSUER, AsaasSimulator
from sandbox.calls import Calls
from sandbox.chatwoot import ChatwootSimulator
from sandbox.cobre_facil import CobreFacilSimulator
from sandbox.faults import DeskSimulator, Fault, FaultBoard, Faulty, Simulator
from sandbox.mk_auth import MkAuthSimulator
from sandbox.mk_solutions import MkSolutionsSimulator
from sandbox.personas import personas
from sandbox.phone import Phone
from sandbox.sga import SgaSimulator
from sandbox.tickets import Tickets
from sandbox.twilio import Inbound, Message, Timing, TwilioSimulator
from sandbox.twilio.webhooks import Answered
from sandbox.whaticket import WhaticketSimulator
from segunda_via import clock
from segunda_via.boletos import documents


class Sandbox:
    """The application, and the board and the calls that tests look at."""

    def __init__(
        self,
        today: Callable[[], date] = clock.today,
        now: Callable[[], datetime] = clock.now,
        timing: Timing | None = None,
        desks: Sequence[DeskSimulator] = (),
        tickets: Tickets | None = None,
    ) -> None:
        self.today = today
        self.desks: tuple[DeskSimulator, ...] = tuple(desks) or (
            WhaticketSimulator(),
            ChatwootSimulator(),
        )
        self.board = FaultBoard()
        self.calls = Calls()
        self.simulators: tuple[Simulator, ...] = (
            AsaasSimulator(today),
            SgaSimulator(today),
            CobreFacilSimulator(today),
            MkAuthSimulator(today),
            MkSolutionsSimulator(today),
        )
        self.twilio = TwilioSimulator(now, timing)
        self.phone = Phone(self.twilio, tickets)
        self.app = Starlette(
            routes=[
                Route("/health", self._health),
                Route("/personas", self._personas),
                Route("/tokens", tokens.answering(self.credentials, self.desk_credentials)),
                Route("/control/faults", self._faults, methods=["POST"]),
                Route("/control/faults", self._standing, methods=["GET", "DELETE"]),
                Route("/control/calls", self._calls),
                Route("/control/reset", self._reset, methods=["POST"]),
                *(
                    Mount(f"/{simulator.name}", app=Faulty(simulator, self.board, self.calls))
                    for simulator in (*self.simulators, self.twilio, *self.desks)
                ),
                Mount("/phone", routes=self.phone.routes),
            ]
        )

    def credentials(self, root: str) -> dict[str, dict[str, str]]:
        """Gateway -> the credentials that speak to its simulator, when the sandbox is reached at `root`."""
        return {simulator.name: simulator.credentials(f"{root}/{simulator.name}") for simulator in self.simulators}

    def desk_credentials(self, root: str) -> dict[str, dict[str, str]]:
        """Ticket desk -> the credentials that speak to its simulator."""
        return {desk.name: desk.credentials(f"{root}/{desk.name}") for desk in self.desks}

    def payees(self) -> dict[str, dict[str, str]]:
        """Gateway -> who receives its invoices' money, as an operator confirms it (`boletos.checks.Payee`)."""
        return {
            simulator.name: {
                "bank_code": simulator.issuer.bank_code,
                "pix_receiver": simulator.issuer.receiver,
                "psp_host": simulator.issuer.psp_path.split("/")[0],
            }
            for simulator in self.simulators
        }

    def reset(self) -> None:
        self.board.clear()
        self.calls.clear()
        self.twilio.account.clear()

    async def _health(self, request: Request) -> Response:
        root = str(request.base_url).rstrip("/")
        account = self.twilio.account
        twilio = {"url": f"{root}/twilio", "sid": account.sid, "token": account.token, "number": account.number}
        return JSONResponse(
            {
                "status": "ok",
                "gateways": self.credentials(root),
                "payees": self.payees(),
                "twilio": twilio,
                "desks": self.desk_credentials(root),
            }
        )

    async def _personas(self, request: Request) -> Response:
        return JSONResponse(listing(self.today()))

    async def _faults(self, request: Request) -> Response:
        try:
            wanted = await request.json()
            document = wanted.get("document")
            address = str(document).startswith("whatsapp:")
            fault = Fault(
                kind=str(wanted["fault"]),
                gateway=wanted.get("gateway"),
                document=documents.compact(document) if document and not address else document,
                path=wanted.get("path"),
                times=wanted.get("times"),
                latency_ms=wanted.get("latency_ms", 0),
                reset=wanted.get("reset"),
                after=int(wanted.get("after", 0)),
                code=wanted.get("code"),
                at=str(wanted.get("at", "")),
            )
            self.board.order(fault)
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"ordered": fault.kind})

    async def _standing(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.board.clear()
        return JSONResponse([asdict(fault) for fault in self.board.standing()])

    async def _calls(self, request: Request) -> Response:
        return JSONResponse(self.calls.as_json())

    async def _reset(self, request: Request) -> Response:
        self.reset()
        return JSONResponse({"status": "ok"})


def listing(today: date) -> list[dict[str, str]]:
    """Who can be tried: the document as people write it, its kind, and what it shows. They are all made up."""
    return [
        {
            "document": documents.format(persona.document),
            "kind": "CPF" if len(persona.document) == 11 else "CNPJ",
            "shows": persona.situation,
        }
        for persona in personas(today, ISSUER)
    ]


def table(today: date) -> str:
    """The same, as lines of text."""
    return "\n".join(f"{row['document']:<18}  {row['kind']:<4}  {row['shows']}" for row in listing(today))


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one. OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, or asyncio would leave Nagle on, and every call would look 40 ms slower.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


class Server(uvicorn.Server):
    """uvicorn, which calls `ready` once it answers."""

    def __init__(self, sandbox: Sandbox, ready: Callable[[], None]) -> None:
        # The access log would write queries, which carry documents. Faults are meant to end badly: no log of them.
        super().__init__(
            uvicorn.Config(
                sandbox.app,
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._ready = ready
        self.loop: asyncio.AbstractEventLoop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started:
            self._ready()


class RunningSandbox:
    """A sandbox on a free loopback port, in a thread of this process; for tests.

    with RunningSandbox(today=lambda: date(2026, 11, 23)) as sandbox:
        sandbox.credentials("asaas")    # what the adapter is given
        sandbox.order("503", document=…)
        sandbox.twilio.configure(webhook_url, status_callback_url)
        sandbox.write(Inbound("whatsapp:+5547999990001", text="boleto"))
        sandbox.order("fail", code=63019, after=4, times=1)  # the fifth message from now on
        sandbox.twilio.account.of("whatsapp:+5547999990001")  # what was written, both ways
    """

    def __init__(
        self,
        today: Callable[[], date] = clock.today,
        host: str = "127.0.0.1",
        port: int = 0,
        now: Callable[[], datetime] = clock.now,
        timing: Timing | None = None,
        desks: Sequence[DeskSimulator] = (),
    ) -> None:
        self.sandbox = Sandbox(today, now, timing, desks)
        self._listener = listen(host, port)
        self.base_url = f"http://{host}:{self._listener.getsockname()[1]}"
        self._answers = threading.Event()
        self._server = Server(self.sandbox, self._answers.set)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)

    def start(self) -> RunningSandbox:
        """Returns when it answers; TimeoutError when it does not within 10 s."""
        self._thread.start()
        if not self._answers.wait(10):
            raise TimeoutError("the sandbox did not start")
        return self

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._listener.close()

    def __enter__(self) -> RunningSandbox:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def credentials(self, gateway: str) -> dict[str, str]:
        return self.sandbox.credentials(self.base_url)[gateway]

    def order(self, fault: str, **details: object) -> None:
        """Order a fault; `details` are the other fields of `Fault`, a `document` compact."""
        self.sandbox.board.order(Fault(fault, **details))  # type: ignore[arg-type]

    @property
    def twilio(self) -> TwilioSimulator:
        return self.sandbox.twilio

    @property
    def twilio_url(self) -> str:
        """What `TWILIO_API_URL` is set to."""
        return f"{self.base_url}/twilio"

    def write(self, act: Inbound) -> tuple[Message, Answered | None]:
        """A customer writes: the message, and how the channel's webhook answered."""
        told = asyncio.run_coroutine_threadsafe(self.twilio.receive(act, self.twilio_url), self._server.loop)
        return told.result(60)

    def reset(self) -> None:
        self.sandbox.reset()
