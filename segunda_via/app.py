"""The composition root: the one place that knows every adapter and joins them.

`current()` is the process's own App, built from the environment at its first use; `use()` puts another in its place
(tests, the sandbox). Nothing here runs at import.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from sqlalchemy.engine import Connection, Engine

from segunda_via import clock, database
from segunda_via.checks import Payee
from segunda_via.delivery import GATEWAY_BUDGET, Account, DeliverSegundaVia
from segunda_via.flow.events import Flow
from segunda_via.flow.stats import Stats
from segunda_via.flow.waiting import Waiting
from segunda_via.gateways import registry
from segunda_via.gateways.base_url import allows_http
from segunda_via.gateways.breaker import CircuitBreaker
from segunda_via.gateways.client import new_client
from segunda_via.gateways.session import Sessions
from segunda_via.gateways.session_store import DatabaseSessionStore
from segunda_via.health.record import HealthRecord, mark
from segunda_via.keys import KeyRing, load_or_create
from segunda_via.limits import Limits
from segunda_via.media.fetch import PdfFetcher
from segunda_via.media.links import MediaLinks
from segunda_via.media.mint import MediaMint
from segunda_via.offers import Offers
from segunda_via.operators.accounts import Operators
from segunda_via.operators.first_access import FirstAccess
from segunda_via.operators.sessions import OperatorSessions
from segunda_via.operators.throttle import Throttle
from segunda_via.outbox.finishing import Finishing
from segunda_via.outbox.lanes import Lanes
from segunda_via.outbox.sender import Sender
from segunda_via.outbox.steps import Steps
from segunda_via.outbox.turns import Turns
from segunda_via.outbox.twilio_client import TwilioClient
from segunda_via.outbox.twilio_client import new_client as new_twilio_client
from segunda_via.settings import GatewaySettings, gateway_settings
from segunda_via.settings import conversation as conversation_setting
from segunda_via.settings import desk as desk_setting
from segunda_via.settings import whatsapp as whatsapp_setting
from segunda_via.settings.desk import DeskSettings
from segunda_via.settings.environment import DEFAULT_PUBLIC_URL, Environment
from segunda_via.settings.store import SettingsStore
from segunda_via.settings.texts import Texts
from segunda_via.settings.whatsapp import WhatsApp
from segunda_via.text_cache import TextCache
from segunda_via.tickets import registry as desks
from segunda_via.tickets.care import Care
from segunda_via.tickets.courier import Courier, Rounds
from segunda_via.tickets.journal import Also, Journal
from segunda_via.tickets.life import TicketLife
from segunda_via.tickets.port import Event as TicketEvent
from segunda_via.tickets.port import TicketDesk

HOME = Path("var")
"""Where what is saved lives when the environment does not say otherwise, relative to the working directory."""


@dataclass
class App:
    """Everything a process needs, each part built when it is first asked for."""

    environment: Environment
    today: Callable[[], date] = clock.today
    now: Callable[[], datetime] = clock.now
    home: Path = HOME
    budget: float = GATEWAY_BUDGET

    @cached_property
    def keys(self) -> KeyRing:
        return KeyRing(self.environment.secret_key or load_or_create(self.home / "secret.key"))

    @cached_property
    def engine(self) -> Engine:
        return database.connect(self.environment.database_url)

    @cached_property
    def settings(self) -> SettingsStore:
        return SettingsStore(self.engine, self.keys)

    @cached_property
    def texts(self) -> Texts:
        return Texts(self.engine, self.settings)

    @cached_property
    def texts_at_hand(self) -> TextCache:
        return TextCache(lambda company: self.texts.in_force(company), time.monotonic)

    @cached_property
    def limits(self) -> Limits:
        return Limits(
            self.engine,
            self.keys.derive("fingerprints"),
            documents_per_sender=self.environment.documents_per_sender,
            senders_per_document=self.environment.senders_per_document,
        )

    @cached_property
    def journal(self) -> Journal:
        return Journal(self.engine, self.now)

    @cached_property
    def flow(self) -> Flow:
        return Flow(self.engine, self.keys, self.now)

    @cached_property
    def stats(self) -> Stats:
        return Stats(self.engine, self.today)

    @cached_property
    def offers(self) -> Offers:
        return Offers(self.engine, self.keys, self.now)

    @cached_property
    def tickets(self) -> TicketLife:
        return TicketLife(self.journal, self.care, self.now, also=self._also, silence=self._silence)

    @cached_property
    def courier(self) -> Courier:
        return Courier(self.journal, self.desk_lane, settings=self.desk_settings, desk=self.desk, now=self.now)

    @cached_property
    def rounds(self) -> Rounds:
        return Rounds(self.courier, self.tickets, self.desk_lane, self.timers, self.now)

    def _also(self, company: str) -> Also:
        """What else is done in the transaction in which something becomes of a ticket of that company."""
        tell = self.courier.also(company)

        def also(connection: Connection, event: TicketEvent) -> None:
            tell(connection, event)
            self.flow.ended(connection, event)

        return also

    @cached_property
    def care(self) -> Care:
        return Care(self.engine, self.now)

    def _inactivity(self, company: str) -> timedelta | None:
        return conversation_setting.in_force(self.settings, company).inactivity

    def _silence(self, company: str) -> timedelta:
        return timedelta(hours=conversation_setting.in_force(self.settings, company).silence_hours)

    @cached_property
    def inbox(self) -> Lanes:
        """What has entered and waits for its turn; a lane is a conversation."""
        return Lanes(self.engine, self.keys, self.now, "inbox")

    @cached_property
    def waiting(self) -> Waiting:
        return Waiting(self.inbox, self.timers, self.now, self._inactivity)

    @cached_property
    def outbox(self) -> Lanes:
        """What waits to be sent over WhatsApp; a lane is a conversation, a batch is a turn."""
        return Lanes(self.engine, self.keys, self.now, "whatsapp")

    @cached_property
    def whatsapp_inbox(self) -> Lanes:
        """The inbox as its worker in the Rasa process sees it: the conversations of WhatsApp."""
        return Lanes(self.engine, self.keys, self.now, "inbox", prefix="whatsapp:")

    @cached_property
    def turns(self) -> Turns:
        return Turns(self.engine, self.keys, self.now, self.outbox)

    @cached_property
    def steps(self) -> Steps:
        return Steps(self.engine, self.now)

    @cached_property
    def finishing(self) -> Finishing:
        return Finishing(self.engine, self.now, self.tickets, self.turns, self.journal.current)

    @cached_property
    def twilio(self) -> TwilioClient:
        return TwilioClient(self.environment.twilio_api_url, self.twilio_http)

    @cached_property
    def twilio_http(self) -> httpx.AsyncClient:
        return new_twilio_client()

    @cached_property
    def sender(self) -> Sender:
        return Sender(
            steps=self.steps,
            finishing=self.finishing,
            twilio=self.twilio,
            links=self.media_links,
            number=self.whatsapp,
            public_url=self.whatsapp_public_url,
            now=self.now,
        )

    def whatsapp(self, company: str) -> WhatsApp | None:
        """The WhatsApp number in force; ConfigurationError when it is only half configured."""
        return whatsapp_setting.in_force(self.environment, self.settings, company)

    def whatsapp_public_url(self, number: WhatsApp) -> str:
        """Where the media links are served: as the environment says, else beside the webhook."""
        told = self.environment.public_url
        return number.public_url if told == DEFAULT_PUBLIC_URL else told

    @cached_property
    def desk_lane(self) -> Lanes:
        """What the ticket desk is still to be told; a lane is a ticket."""
        return Lanes(self.engine, self.keys, self.now, "desk")

    @cached_property
    def timers(self) -> Lanes:
        """Questions left unanswered on channels that cannot speak unasked; a lane is a conversation."""
        return Lanes(self.engine, self.keys, self.now, "timers")

    @cached_property
    def http(self) -> httpx.AsyncClient:
        return new_client()

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.session_store, self.now)

    @cached_property
    def session_store(self) -> DatabaseSessionStore:
        return DatabaseSessionStore(self.engine, self.keys, self.now)

    @cached_property
    def media_links(self) -> MediaLinks:
        return MediaLinks(
            self.keys.derive("media links"), self.environment.public_url, clock=lambda: self.now().timestamp()
        )

    @cached_property
    def pdf_fetcher(self) -> PdfFetcher:
        return PdfFetcher()

    @cached_property
    def deliver(self) -> DeliverSegundaVia:
        return DeliverSegundaVia(
            accounts=self.account,
            limits=self.limits,
            media=MediaMint(self.media_links),
            today=self.today,
            breaker=CircuitBreaker(),
            bounds=self.environment.bounds,
            budget=self.budget,
            health=self.health,
        )

    @cached_property
    def health(self) -> HealthRecord:
        return HealthRecord(self.engine, self.keys.derive("health"), self.now)

    @cached_property
    def operators(self) -> Operators:
        return Operators(self.engine, self.now)

    @cached_property
    def operator_sessions(self) -> OperatorSessions:
        return OperatorSessions(self.engine, self.keys.derive("operator sessions"), self.now)

    @cached_property
    def throttle(self) -> Throttle:
        return Throttle(self.engine, self.keys.derive("sign-in tries"), self.now)

    @cached_property
    def first_access(self) -> FirstAccess:
        return FirstAccess(self.engine, self.keys.derive("first access"), self.operators, self.now, self.home)

    def gateway_settings(self, company: str) -> GatewaySettings:
        return gateway_settings(self.environment, self.settings, company)

    def desk_settings(self, company: str) -> DeskSettings:
        return desk_setting.in_force(self.settings, company, self.environment)

    def desk(self, company: str) -> TicketDesk:
        """The desk in force, which must not be the journal; ConfigurationError when it cannot be spoken to."""
        settings = self.desk_settings(company)
        return desks.build(settings.name, settings.credentials, self.http, self.sessions)

    def account(self, company: str) -> Account:
        """The company's gateway, ready to be asked; ConfigurationError or SecretKeyError when it cannot be."""
        settings = self.gateway_settings(company)
        return self.account_with(settings.name, settings.credentials, settings.payee)

    def account_with(self, name: str, credentials: Mapping[str, str], payee: Payee = Payee()) -> Account:
        """An account by credentials that need not be saved; ConfigurationError when they do not fit."""
        gateway = registry.build(name, credentials, self.http, self.sessions)
        base_url = credentials.get("base_url")
        return Account(
            gateway=gateway,
            payee=payee,
            base_host=urlsplit(base_url).hostname if base_url else None,
            allow_http=allows_http(credentials),
            pdf_hosts=gateway.pdf_hosts,
            mark=mark(credentials),
        )

    async def close(self) -> None:
        """Let go of the connections. The App must not be used afterwards."""
        if "http" in self.__dict__:
            await self.http.aclose()
        if "twilio_http" in self.__dict__:
            await self.twilio_http.aclose()
        if "engine" in self.__dict__:
            self.engine.dispose()


_current: App | None = None


def build(environ: Mapping[str, str] | None = None) -> App:
    """An App by that environment (the process's own by default); ConfigurationError when it is malformed."""
    environment = Environment.read(os.environ if environ is None else environ)
    registry.validate(environment)
    desks.validate(environment)
    return App(environment)


def current() -> App:
    """The process's App."""
    global _current
    if _current is None:
        _current = build()
    return _current


def use(app: App | None) -> None:
    """Put `app` in the place of the process's App; None lets the next `current()` build one."""
    global _current
    _current = app
