"""One Twilio account: who it is, what it was told to call, and every message of its WhatsApp number.

Made up and fixed, so that what is printed stays true. Messages are kept in the order in which they came, in both
directions, until `clear`. Whoever wants to follow them (the phone page) calls `watch`.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

API_VERSION = "2010-04-01"
NUMBER = "whatsapp:+14155238886"
WINDOW = timedelta(hours=24)
"""How long after a customer's last message anything but a template may be sent to them."""

ORDER = ("queued", "sent", "delivered", "read")
FINAL = frozenset({"failed", "undelivered"})


def make_sid(prefix: str, seed: str) -> str:
    """A SID that is always the same for one seed.

    >>> len(make_sid("AC", "x")), make_sid("AC", "x")[:2]
    (34, 'AC')
    """
    return prefix + hashlib.sha256(f"{prefix} {seed}".encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Media:
    """A file of a message: of a customer's, or fetched from the URL that the company gave."""

    sid: str
    content_type: str
    content: bytes = field(repr=False)
    name: str | None = None


@dataclass
class Message:
    """One message. `extra` is what stands in its webhook beside the usual: buttons, lists, locations."""

    sid: str
    inbound: bool
    sender: str
    to: str
    body: str
    created: datetime
    status: str
    kind: str = "text"
    media_urls: tuple[str, ...] = ()
    media: list[Media] = field(default_factory=list)
    extra: Mapping[str, str] = field(default_factory=dict)
    buttons: tuple[Mapping[str, str], ...] = ()
    content_sid: str | None = None
    callback: str | None = None
    error: int | None = None
    updated: datetime | None = None
    reached: list[str] = field(default_factory=list)
    """Every status it has had, in order."""

    @property
    def customer(self) -> str:
        return self.sender if self.inbound else self.to


@dataclass
class Account:
    """What Twilio knows of its customer. Changed only in the sandbox's own thread."""

    now: Callable[[], datetime]
    sid: str = make_sid("AC", "segunda via")
    token: str = hashlib.sha256(b"the sandbox's auth token").hexdigest()[:32]
    number: str = NUMBER
    sender_sid: str = make_sid("XE", "segunda via")
    status: str = "active"
    """Of the account: active, suspended or closed."""
    sender_status: str = "ONLINE"
    """Of its WhatsApp number."""
    webhook_url: str | None = None
    fallback_url: str | None = None
    status_callback_url: str | None = None
    contents: dict[str, Mapping[str, object]] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    strangers: bool = True
    """Whether who never wrote may be written to. Twilio says 63016, but a test may post its webhooks itself."""
    offline: dict[str, asyncio.Event] = field(default_factory=dict)
    """Customers whose phones have no connection (nothing gets further than `sent`), and what is set once they do."""

    def __post_init__(self) -> None:
        self._count = itertools.count(1)
        self._watchers: list[Callable[[str, object], None]] = []
        self._by_sid = {message.sid: message for message in self.messages}
        self._written: dict[str, datetime] = {}

    def new_sid(self, prefix: str) -> str:
        # Fixed seeds would give two runs the same MessageSid, which the channel takes for a repetition.
        return make_sid(prefix, f"{next(self._count)} {self.now().isoformat()}")

    def add(self, message: Message) -> None:
        message.reached.append(message.status)
        self.messages.append(message)
        self._by_sid[message.sid] = message
        if message.inbound:
            self._written[message.sender] = message.created
        self.tell("message", message)

    def move(self, message: Message, status: str, error: int | None = None) -> bool:
        """Give it that status; False when it has it, is beyond it, or was forgotten."""
        if self.find(message.sid) is not message or message.status in FINAL or message.status == status:
            return False
        if status in ORDER and message.status in ORDER and ORDER.index(status) < ORDER.index(message.status):
            return False
        message.status, message.error, message.updated = status, error, self.now()
        message.reached.append(status)
        self.tell("message", message)
        return True

    def find(self, message_sid: str) -> Message | None:
        return self._by_sid.get(message_sid)

    def of(self, customer: str) -> list[Message]:
        return [message for message in self.messages if message.customer == customer]

    def window_open(self, customer: str) -> bool:
        """Whether the customer wrote within the last 24 hours."""
        written = self._written.get(customer)
        return self.strangers if written is None else self.now() - written < WINDOW

    def lose_connection(self, customer: str) -> None:
        self.offline.setdefault(customer, asyncio.Event())

    def find_connection(self, customer: str) -> None:
        if event := self.offline.pop(customer, None):
            event.set()

    def clear(self) -> None:
        self.messages, self._by_sid, self._written = [], {}, {}
        self.tell("cleared", None)

    def watch(self, watcher: Callable[[str, object], None]) -> Callable[[], None]:
        """Call `watcher` with whatever happens from now on; what is returned ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def tell(self, what: str, about: object) -> None:
        for watcher in tuple(self._watchers):
            watcher(what, about)

    def as_json(self, message: Message) -> dict[str, object]:
        """The Message resource."""
        uri = f"/{API_VERSION}/Accounts/{self.sid}/Messages/{message.sid}"
        sent = "sent" in message.reached or message.inbound
        return {
            "account_sid": self.sid,
            "api_version": API_VERSION,
            "body": message.body,
            "date_created": format_datetime(message.created),
            "date_sent": format_datetime(message.updated or message.created) if sent else None,
            "date_updated": format_datetime(message.updated or message.created),
            "direction": "inbound" if message.inbound else "outbound-api",
            "error_code": message.error,
            "error_message": None,
            "from": message.sender,
            "messaging_service_sid": None,
            "num_media": str(len(message.media_urls) or len(message.media)),
            "num_segments": "1",
            "price": None,
            "price_unit": None,
            "sid": message.sid,
            "status": message.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": message.to,
            "uri": f"{uri}.json",
        }
