"""The composition root: the one place that knows every adapter and joins them.

`build()` makes an App by the environment. `current()` is the process's own, for the objects that Rasa and its SDK build
for us; `use()` puts another in its place (tests, the sandbox). Nothing here runs at import.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from segunda_via import clock
from segunda_via.boletos.checks import Payee
from segunda_via.boletos.trusted_hosts import TrustedHosts
from segunda_via.company import COMPANY
from segunda_via.conversation.inactivity import InactivityTimers
from segunda_via.conversation.response_store import ResponseStore
from segunda_via.conversation.responses import SavedResponses
from segunda_via.delivery.deliver_late import DeliverLate
from segunda_via.delivery.deliver_segunda_via import GATEWAY_BUDGET, Account, DeliverSegundaVia
from segunda_via.delivery.late_deliveries import LateDeliveries
from segunda_via.delivery.lookup_limits import LookupLimits
from segunda_via.delivery.next_invoice import NextInvoiceOffers
from segunda_via.desks import registry as desks
from segunda_via.desks.desk_setting import DESK_SETTING, DeskSettings
from segunda_via.desks.relay import DeskRelay, RelayWorkers
from segunda_via.errors import ConfigurationError, SecretKeyError, SegundaViaError
from segunda_via.gateways import registry as gateways
from segunda_via.gateways.breaker import CircuitBreaker
from segunda_via.http.api_session_store import DatabaseSessionStore
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.base_url import allows_http
from segunda_via.http.client import new_client
from segunda_via.http.rasa_client import RasaClient
from segunda_via.http.rasa_client import new_client as new_rasa_client
from segunda_via.intents import example_files
from segunda_via.intents.misunderstood_store import MisunderstoodStore
from segunda_via.intents.phrase_labels import PhraseLabels
from segunda_via.intents.training_effect import compare
from segunda_via.intents.training_job import TrainingJob
from segunda_via.intents.training_service import TrainingService
from segunda_via.job_queue.queue import JobQueue
from segunda_via.log_redaction import json_lines
from segunda_via.media.delivery_links import DeliveryLinks
from segunda_via.media.fetch import PdfFetcher
from segunda_via.media.gateway_pdf import PdfReader
from segunda_via.media.links import MediaLinks
from segunda_via.metrics.recorder import MetricsRecorder
from segunda_via.metrics.stats import Stats
from segunda_via.operators.accounts import Operators
from segunda_via.operators.devices import KnownDevices
from segunda_via.operators.first_access import FirstAccess
from segunda_via.operators.lookups import OperatorLookups
from segunda_via.operators.sessions import OperatorSessions
from segunda_via.operators.throttle import Throttle
from segunda_via.privacy.data_places import Places
from segunda_via.privacy.data_subject_requests import Requests
from segunda_via.privacy.retention import Retention
from segunda_via.settings import gateway as gateway_setting
from segunda_via.settings import public_address
from segunda_via.settings.cached import Cached
from segunda_via.settings.conversation import CONVERSATION_SETTING
from segunda_via.settings.environment import Environment
from segunda_via.settings.gateway import GatewaySettings
from segunda_via.settings.recent import RecentSettings
from segunda_via.settings.store import SettingsStore
from segunda_via.settings.whatsapp import WHATSAPP_SETTING, WhatsAppNumber
from segunda_via.storage import database, endpoints_file, key_lock, private_files
from segunda_via.storage.health_record import HealthRecord, mark
from segunda_via.storage.keys import KeyRing, load_or_create
from segunda_via.storage.leases import Leases
from segunda_via.storage.sqlite_writes import repeatable
from segunda_via.tickets.human_takeover import HumanTakeover
from segunda_via.tickets.journal import Also, Journal
from segunda_via.tickets.ticket import TicketDesk, TicketEvent
from segunda_via.tickets.ticket_service import TicketService
from segunda_via.whatsapp.receiver import Receiver
from segunda_via.whatsapp.replies import ReplyWriter
from segunda_via.whatsapp.sender import Sender
from segunda_via.whatsapp.sent_messages import SentMessages
from segunda_via.whatsapp.shown_choices import ShownChoices
from segunda_via.whatsapp.ticket_completion import TicketCompletion
from segunda_via.whatsapp.twilio_client import TwilioClient
from segunda_via.whatsapp.twilio_client import new_client as new_twilio_client
from segunda_via.whatsapp.typing_indicator import TypingIndicator

HOME = Path("var")
"""Where what is saved lives when the environment does not say otherwise, relative to the working directory."""

PROJECT = Path()
"""The bot's folder, where its examples and models stand: the working directory, as for Rasa itself."""


@dataclass
class App:
    """Everything a process needs. Each part is built when it is first asked for, once; `close` ends all of them."""

    environment: Environment
    today: Callable[[], date] = clock.today
    now: Callable[[], datetime] = clock.now
    home: Path = HOME
    project: Path = PROJECT
    budget: float = GATEWAY_BUDGET
    local_media_url: str | None = None
    """Where this process serves the media links itself, because no public server does."""
    _closing: AsyncExitStack = field(default_factory=AsyncExitStack, init=False, repr=False)

    def start_serving(self) -> None:
        """What each server does first: it logs in the form asked for, and the key is not changed under it."""
        json_lines.begin(self.environment.log_format)
        if self.environment.secret_key is None:
            key_lock.hold(self.home)

    async def close(self) -> None:
        """Let go of the connections. The App must not be used afterwards."""
        await self._closing.aclose()

    # time, key, database, what the operator saved

    @cached_property
    def keys(self) -> KeyRing:
        return KeyRing(self.environment.secret_key or load_or_create(self.home / "secret.key"))

    @cached_property
    def turn_secret(self) -> str:
        """What the public server shows to have Rasa run a turn."""
        return self.environment.turn_secret or self.keys.derive("turn channel").hex()

    @cached_property
    def engine(self) -> Engine:
        return database.connect(self.environment.database_url, self.keys)

    @cached_property
    def settings(self) -> SettingsStore:
        return SettingsStore(self.engine, self.keys, self.environment)

    @cached_property
    def recent_settings(self) -> RecentSettings:
        """The same for who asks in every turn."""
        return RecentSettings(self.settings)

    @cached_property
    def saved_responses(self) -> ResponseStore:
        return ResponseStore(self.engine, self.settings)

    @cached_property
    def response_cache(self) -> Cached[SavedResponses]:
        """The saved texts for who says them; a message waits a second for them, and is said without."""

        def load(company: str) -> SavedResponses:
            return self.saved_responses.in_force(company)

        return Cached("texts", load, SavedResponses(), seconds=3.0, patience=1.0)

    @cached_property
    def http(self) -> httpx.AsyncClient:
        client = new_client()
        self._closing.push_async_callback(client.aclose)
        return client

    # Rasa, which runs the turns

    @cached_property
    def rasa_http(self) -> httpx.AsyncClient:
        client = new_rasa_client()
        self._closing.push_async_callback(client.aclose)
        return client

    @cached_property
    def rasa_client(self) -> RasaClient:
        return RasaClient(self.environment.rasa_url, self.turn_secret, self.rasa_http)

    # from a document to a delivery

    @cached_property
    def api_sessions(self) -> ApiSessions:
        return ApiSessions(self.session_store, self.now)

    @cached_property
    def session_store(self) -> DatabaseSessionStore:
        return DatabaseSessionStore(self.engine, self.keys, self.now)

    def gateway_settings(self, company: str) -> GatewaySettings:
        return gateway_setting.in_force(self.settings, company)

    def account(self, company: str) -> Account:
        """The company's gateway, ready to be asked; ConfigurationError or SecretKeyError when it cannot be."""
        settings = self.gateway_settings(company)
        return self.account_with(settings.name, settings.credentials, settings.payee)

    def account_with(self, name: str, credentials: Mapping[str, str], payee: Payee = Payee()) -> Account:
        """An account by credentials that need not be saved; ConfigurationError when they do not fit."""
        gateway = gateways.build(name, credentials, self.http, self.api_sessions)
        base_url = credentials.get("base_url")
        trusted = partial(
            TrustedHosts,
            base_host=urlsplit(base_url).hostname if base_url else None,
            allow_http=allows_http(credentials),
        )
        return Account(
            gateway=gateway,
            payee=payee,
            link_hosts=trusted(gateway.link_hosts),
            pdf_hosts=trusted(gateway.pdf_hosts),
            mark=mark(credentials),
        )

    @cached_property
    def media_links(self) -> MediaLinks:
        return MediaLinks(
            self.keys.derive("media links"),
            public_url=self._media_url,
            clock=lambda: self.now().timestamp(),
        )

    @cached_property
    def pdf_fetcher(self) -> PdfFetcher:
        return PdfFetcher()

    @cached_property
    def pdf_reader(self) -> PdfReader:
        return PdfReader()

    @cached_property
    def lookup_limits(self) -> LookupLimits:
        return LookupLimits(
            self.engine,
            self.keys.derive("fingerprints"),
            documents_per_sender=self.environment.documents_per_sender,
            senders_per_document=self.environment.senders_per_document,
        )

    @cached_property
    def health(self) -> HealthRecord:
        return HealthRecord(self.engine, self.keys.derive("health"), self.now)

    @cached_property
    def deliver(self) -> DeliverSegundaVia:
        return DeliverSegundaVia(
            accounts=self.account,
            limits=self.lookup_limits,
            media=DeliveryLinks(self.media_links),
            today=self.today,
            breaker=CircuitBreaker(),
            bounds=self.environment.bounds,
            budget=self.budget,
            health=self.health,
        )

    @cached_property
    def late_deliveries(self) -> LateDeliveries:
        return LateDeliveries(self.engine, self.keys, self.now, self.inbox, self.environment.late_tries)

    @cached_property
    def deliver_late(self) -> DeliverLate:
        return DeliverLate(self.deliver, self.late_deliveries, self.credentials_in_force)

    def credentials_in_force(self, company: str) -> str | None:
        """The mark of the gateway's credentials; None while it cannot be asked at all."""
        try:
            return self.account(company).mark
        except (ConfigurationError, SecretKeyError):
            return None

    @cached_property
    def next_invoice_offers(self) -> NextInvoiceOffers:
        return NextInvoiceOffers(self.engine, self.keys, self.now)

    @cached_property
    def metrics(self) -> MetricsRecorder:
        return MetricsRecorder(self.engine, self.keys, self.now)

    @cached_property
    def stats(self) -> Stats:
        return Stats(self.engine, self.now)

    # tickets, the desk in force, questions that wait

    @cached_property
    def journal(self) -> Journal:
        return Journal(self.engine, self.keys, self.now)

    @cached_property
    def human_takeover(self) -> HumanTakeover:
        return HumanTakeover(self.engine, self.keys, self.now)

    @cached_property
    def tickets(self) -> TicketService:
        return TicketService(self.journal, self.human_takeover, self.now, also=self._also, silence=self._silence)

    @cached_property
    def desk_relay(self) -> DeskRelay:
        recent = partial(DESK_SETTING.in_force, self.recent_settings)
        return DeskRelay(self.journal, self.desk_queue, settings=recent, desk=self.desk, now=self.now)

    @cached_property
    def relay_workers(self) -> RelayWorkers:
        return RelayWorkers(self.desk_relay, self.tickets, self.desk_queue, self.timer_queue)

    def desk_settings(self, company: str) -> DeskSettings:
        return DESK_SETTING.in_force(self.settings, company)

    def desk(self, company: str) -> TicketDesk:
        """The desk in force, which must not be the journal; ConfigurationError when it cannot be spoken to."""
        settings = self.desk_settings(company)
        return desks.build(settings.name, settings.credentials, self.http, self.api_sessions)

    @cached_property
    def desk_queue(self) -> JobQueue:
        """What the ticket desk is still to be told; the ordering key is the ticket."""
        return JobQueue(self.engine, self.keys, self.now, "desk")

    @cached_property
    def timer_queue(self) -> JobQueue:
        """Questions left unanswered on channels that cannot speak unasked; the ordering key is the conversation."""
        return JobQueue(self.engine, self.keys, self.now, "timers")

    @cached_property
    def inbox(self) -> JobQueue:
        """What has entered over WhatsApp and waits for its turn; the ordering key is the conversation."""
        return JobQueue(self.engine, self.keys, self.now, "inbox")

    @cached_property
    def inactivity(self) -> InactivityTimers:
        return InactivityTimers(self.inbox, self.timer_queue, self.now, self._inactivity)

    def _also(self, company: str) -> Also:
        """What else is done in the transaction in which something becomes of a ticket of that company."""
        tell = self.desk_relay.also(company)

        def also(connection: Connection, event: TicketEvent) -> None:
            tell(connection, event)
            self.metrics.ended(connection, event)
            self.late_deliveries.ticket_changed(connection, event)

        return also

    def _inactivity(self, company: str) -> timedelta | None:
        return CONVERSATION_SETTING.in_force(self.recent_settings, company).inactivity

    def _silence(self, company: str) -> timedelta:
        return CONVERSATION_SETTING.in_force(self.recent_settings, company).silence

    # WhatsApp over Twilio

    def whatsapp(self, company: str) -> WhatsAppNumber | None:
        """The WhatsApp number in force; ConfigurationError when it is only half configured."""
        return WHATSAPP_SETTING.in_force(self.settings, company)

    @cached_property
    def whatsapp_number(self) -> Cached[WhatsAppNumber | None]:
        """The same for who asks all the time."""
        return Cached("WhatsApp", self.whatsapp, None)

    def public_url(self, company: str) -> str:
        """Where phones, Twilio and desks reach the public server: as the environment says, else as was saved."""
        if self.environment.public_url is not None:
            return self.environment.public_url
        number = self.whatsapp_number.get(company)
        return number.public_url if number else public_address.DEFAULT

    def _media_url(self) -> str:
        """Where the media links lead: to the public server, or here when nobody said where that is and none answers."""
        told = self.public_url(COMPANY)
        return self.local_media_url if self.local_media_url and told == public_address.DEFAULT else told

    @cached_property
    def receiver(self) -> Receiver:
        return Receiver(self.engine, self.inbox, self.now, self.environment.messages_per_minute, COMPANY)

    @cached_property
    def repeatable(self) -> Engine:
        """The database for what the channel would do again after a power failure."""
        return repeatable(self.engine)

    @cached_property
    def whatsapp_inbox(self) -> JobQueue:
        """The inbox as its worker sees it: a turn that was lost is asked for again."""
        return JobQueue(self.repeatable, self.keys, self.now, "inbox")

    @cached_property
    def outbox(self) -> JobQueue:
        """What waits to be sent over WhatsApp; the ordering key is the conversation, the batch the message's id that is
        answered.
        """
        return JobQueue(self.repeatable, self.keys, self.now, "whatsapp")

    @cached_property
    def shown_choices(self) -> ShownChoices:
        return ShownChoices(self.repeatable, self.keys, self.now)

    @cached_property
    def reply_writer(self) -> ReplyWriter:
        return ReplyWriter(self.outbox, self.shown_choices)

    @cached_property
    def sent_messages(self) -> SentMessages:
        return SentMessages(self.repeatable, self.now)

    @cached_property
    def ticket_completion(self) -> TicketCompletion:
        return TicketCompletion(self.repeatable, self.keys, self.now, self.tickets, self.journal.current)

    @cached_property
    def twilio(self) -> TwilioClient:
        return TwilioClient(self.environment.twilio_api_url, self.twilio_http)

    @cached_property
    def twilio_http(self) -> httpx.AsyncClient:
        client = new_twilio_client()
        self._closing.push_async_callback(client.aclose)
        return client

    @cached_property
    def typing_indicator(self) -> TypingIndicator:
        return TypingIndicator(self.twilio, self.whatsapp_number.soon)

    @cached_property
    def sender(self) -> Sender:
        return Sender(
            engine=self.repeatable,
            sent_messages=self.sent_messages,
            completion=self.ticket_completion,
            twilio=self.twilio,
            links=self.media_links,
            number=self.whatsapp_number.get,
            now=self.now,
            holds=self.outbox.extend,
        )

    # what was not understood, labels, training

    @cached_property
    def misunderstood_store(self) -> MisunderstoodStore:
        return MisunderstoodStore(self.engine, self.keys, self.now)

    @cached_property
    def phrase_labels(self) -> PhraseLabels:
        return PhraseLabels(self.engine, self.keys, self.now, example_files.of_project(self.project))

    @cached_property
    def training_job(self) -> TrainingJob:
        return TrainingJob(self.project)

    @cached_property
    def training_service(self) -> TrainingService:
        return TrainingService(
            self.engine, self.phrase_labels, self.training_job, partial(compare, self.project), self.now
        )

    # who may enter the settings screen

    @cached_property
    def operators(self) -> Operators:
        return Operators(self.engine, self.now, self._company_names)

    @cached_property
    def operator_sessions(self) -> OperatorSessions:
        return OperatorSessions(self.engine, self.keys.derive("operator sessions"), self.now)

    @cached_property
    def throttle(self) -> Throttle:
        return Throttle(self.engine, self.keys.derive("sign-in tries"), self.now)

    @cached_property
    def known_devices(self) -> KnownDevices:
        return KnownDevices(self.keys.derive("known devices"))

    @cached_property
    def operator_lookups(self) -> OperatorLookups:
        return OperatorLookups(self.engine, self.keys.derive("operator look-ups"), self.now, self.today)

    @cached_property
    def first_access(self) -> FirstAccess:
        return FirstAccess(self.engine, self.keys.derive("first access"), self.operators, self.now, self.home)

    def _company_names(self, company: str) -> Iterator[str]:
        """What the company is called, as far as it is known here."""
        yield urlsplit(self.public_url(company)).hostname or ""
        with suppress(SegundaViaError, SQLAlchemyError):
            yield self.gateway_settings(company).payee.pix_receiver or ""

    # how long what is stored lives, and what is told and erased of a person

    @cached_property
    def retention(self) -> Retention:
        return Retention(
            self.engine,
            Leases(self.engine, self.now),
            lambda: self.now(),
            timedelta(days=self.environment.retention_days),
            close_days=partial(self.stats.close_days, COMPANY),
            conversations=partial(endpoints_file.conversations, self.keys),
        )

    @cached_property
    def data_subject_requests(self) -> Requests:
        places = Places(self.keys, self.metrics, self.next_invoice_offers, self.lookup_limits)
        return Requests(self.engine, places, partial(endpoints_file.conversations, self.keys), lambda: self.now())


_current: App | None = None


def build(environ: Mapping[str, str] | None = None) -> App:
    """An App by that environment (the process's own by default); ConfigurationError when it is malformed.

    From here on everything that the process writes is private.
    """
    private_files.begin(HOME)
    environment = Environment.read(os.environ if environ is None else environ)
    gateways.check_chosen(environment.gateway, environment.credentials)
    desks.check_chosen(environment.ticket_desk, environment.ticket_desk_credentials)
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
