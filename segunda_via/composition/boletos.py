"""From a document to a delivery: the gateway in force, limits, media, what is counted."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from urllib.parse import urlsplit

from segunda_via.boletos.checks import Payee
from segunda_via.boletos.trusted_hosts import TrustedHosts
from segunda_via.composition.foundation import Foundation
from segunda_via.delivery.deliver_segunda_via import Account, DeliverSegundaVia
from segunda_via.delivery.lookup_limits import LookupLimits
from segunda_via.delivery.next_invoice import NextInvoiceOffers
from segunda_via.gateways import registry
from segunda_via.gateways.breaker import CircuitBreaker
from segunda_via.http.api_session_store import DatabaseSessionStore
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.base_url import allows_http
from segunda_via.media.delivery_links import DeliveryLinks
from segunda_via.media.fetch import PdfFetcher
from segunda_via.media.gateway_pdf import PdfReader
from segunda_via.media.links import MediaLinks
from segunda_via.metrics.recorder import MetricsRecorder
from segunda_via.metrics.stats import Stats
from segunda_via.settings import GatewaySettings, gateway_settings
from segunda_via.storage.health_record import HealthRecord, mark


class Boletos(Foundation):
    @cached_property
    def sessions(self) -> ApiSessions:
        return ApiSessions(self.session_store, self.now)

    @cached_property
    def session_store(self) -> DatabaseSessionStore:
        return DatabaseSessionStore(self.engine, self.keys, self.now)

    def gateway_settings(self, company: str) -> GatewaySettings:
        return gateway_settings(self.environment, self.settings, company)

    def account(self, company: str) -> Account:
        """The company's gateway, ready to be asked; ConfigurationError or SecretKeyError when it cannot be."""
        settings = self.gateway_settings(company)
        return self.account_with(settings.name, settings.credentials, settings.payee)

    def account_with(self, name: str, credentials: Mapping[str, str], payee: Payee = Payee()) -> Account:
        """An account by credentials that need not be saved; ConfigurationError when they do not fit."""
        gateway = registry.build(name, credentials, self.http, self.sessions)
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
            self.keys.derive("media links"), self.environment.public_url, clock=lambda: self.now().timestamp()
        )

    @cached_property
    def pdf_fetcher(self) -> PdfFetcher:
        return PdfFetcher()

    @cached_property
    def pdf_reader(self) -> PdfReader:
        return PdfReader()

    @cached_property
    def limits(self) -> LookupLimits:
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
            limits=self.limits,
            media=DeliveryLinks(self.media_links),
            today=self.today,
            breaker=CircuitBreaker(),
            bounds=self.environment.bounds,
            budget=self.budget,
            health=self.health,
        )

    @cached_property
    def offers(self) -> NextInvoiceOffers:
        return NextInvoiceOffers(self.engine, self.keys, self.now)

    @cached_property
    def flow(self) -> MetricsRecorder:
        return MetricsRecorder(self.engine, self.keys, self.now)

    @cached_property
    def stats(self) -> Stats:
        return Stats(self.engine, self.now)
