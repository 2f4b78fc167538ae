"""What becomes of a message that Twilio accepted: its statuses, each told to the status callback, and its failures.

queued -> (the media is fetched) -> sent -> (the phone has a connection) -> delivered -> read. A failure ends it, as
`failed` where Twilio itself cannot send it and as `undelivered` where WhatsApp does not take it. What an order says
(`sandbox.faults`: fail, out_of_order, no_callback, repeated_callback) is taken from the call that made the message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import httpx

from sandbox.faults import Fault
from sandbox.twilio import media, webhooks
from sandbox.twilio.account import API_VERSION, FINAL, Account, Media, Message
from sandbox.twilio.errors import FAILURES

_BY_TWILIO = frozenset({11751, 30008, 63019, 63021})


@dataclass
class Timing:
    """Seconds from one status to the next; `read` None: somebody else says when (`Delivery.read`)."""

    sent: float = 0.0
    delivered: float = 0.0
    read: float | None = None


class Delivery:
    """Carries the account's messages, each as a task of its own, so that one may overtake another."""

    def __init__(self, account: Account, timing: Timing) -> None:
        self.account = account
        self.timing = timing
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._quiet: dict[str, tuple[Fault, ...]] = {}

    @property
    def client(self) -> httpx.AsyncClient:
        if self._client is None:  # made in the loop that uses it
            self._client = httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=None))
        return self._client

    def start(self, message: Message, orders: Iterable[Fault] = ()) -> None:
        """Carry it from now on."""
        task = asyncio.get_running_loop().create_task(self._carry(message, tuple(orders)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def read(self, message: Message) -> None:
        """The customer has seen it."""
        if message.status == "delivered" and self.account.move(message, "read"):
            await self._tell(message, "read", self._quiet.get(message.sid, ()))

    async def _carry(self, message: Message, orders: tuple[Fault, ...]) -> None:
        self._quiet[message.sid] = orders
        late = _ordered(orders, "out_of_order")
        statuses: list[str] = []

        async def reach(status: str, error: int | None = None) -> bool:
            """Whether it goes on from there."""
            if not (status == "queued" or self.account.move(message, status, error)):
                return False
            statuses.append(status)
            if late is None:
                await self._tell(message, status, orders)
            return status not in FINAL and not await fail_after(status)

        async def fail_after(status: str) -> bool:
            fault = _ordered(orders, "fail")
            if fault is None or fault.at != status:
                return False
            await reach("failed" if fault.code in _BY_TWILIO else "undelivered", fault.code or 30008)
            return True

        await self._steps(message, reach)
        if late is not None:
            for status in reversed(statuses):
                await self._tell(message, status, orders)

    async def _steps(self, message: Message, reach: Callable[..., Awaitable[bool]]) -> None:
        if not await reach("queued"):
            return
        if message.content_sid is None and not self.account.window_open(message.to):
            await reach("undelivered", 63016)
            return
        try:
            await self._fetch_media(message)
        except media.MediaRefused as error:
            await reach("failed", error.code)
            return
        await asyncio.sleep(self.timing.sent)
        if not await reach("sent"):
            return
        await asyncio.sleep(self.timing.delivered)
        if connection := self.account.offline.get(message.to):
            await connection.wait()
        if not await reach("delivered"):
            return
        if self.timing.read is not None:
            await asyncio.sleep(self.timing.read)
            await reach("read")

    async def _fetch_media(self, message: Message) -> None:
        for url in message.media_urls:
            content_type, content, name = await media.fetch(self.client, url)
            message.media.append(Media(self.account.new_sid("ME"), content_type, content, name))

    async def _tell(self, message: Message, status: str, orders: tuple[Fault, ...]) -> None:
        url = message.callback or self.account.status_callback_url
        hidden = any(fault.kind == "no_callback" and fault.at in {"", status} for fault in orders)
        if not url or hidden:
            return
        for _ in range(2 if _ordered(orders, "repeated_callback") else 1):
            answered = await webhooks.call(self.client, self.account.token, url, self.callback(message, status))
            self.account.tell("callback", (message, status, answered))

    def callback(self, message: Message, status: str) -> dict[str, str]:
        """The parameters of a status callback."""
        told = {
            "ApiVersion": API_VERSION,
            "AccountSid": self.account.sid,
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "From": message.sender,
            "To": message.to,
            "ChannelPrefix": "whatsapp",
            "ChannelInstallSid": self.account.sender_sid,
            "ChannelToAddress": message.to.removeprefix("whatsapp:"),
            "StructuredMessage": "true" if message.content_sid else "false",
        }
        if status in {"delivered", "read", "undelivered"}:
            told["EventType"] = status.upper()
        if status in FINAL and message.error:
            told["ErrorCode"] = str(message.error)
            told["ErrorMessage"] = FAILURES.get(message.error, "Unknown error")
        return told


def _ordered(orders: Iterable[Fault], kind: str) -> Fault | None:
    return next((fault for fault in orders if fault.kind == kind), None)
