"""`GET /metrics`, for Prometheus: the panel's figures, by the panel's queries, and what this process does.

Prometheus sends `SEGUNDA_VIA_ACTION_SECRET` as its bearer token; without such a variable only this machine is answered,
and nothing that came through a proxy. Counters hold everything since the first event and outlive restarts; the
quantiles are today's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from segunda_via.app import App
from segunda_via.company import COMPANY
from segunda_via.errors import SegundaViaError
from segunda_via.metrics.event import MetricEvent
from segunda_via.metrics.tally import Tally
from segunda_via.private_servers import callers

logger = logging.getLogger(__name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ALERTING = ("error", "gateway_unavailable", "send_failed", "suspicious", "token_rejected")
"""Reasons that are told before they first happened: Prometheus sees no increase from nothing to one."""


def routes(app: App, others: Sequence[Collector] = ()) -> list[Route]:
    """`others` give what else is measured, such as what this process does; they are asked in a thread."""

    async def metrics(request: Request) -> Response:
        peer = request.client.host if request.client else ""
        refused = callers.refusal(peer, request.headers, app.environment.action_secret)
        if refused is not None:
            return JSONResponse({"error": refused.reason}, refused.status, refused.headers)
        try:
            text = await asyncio.to_thread(lambda: exposition(*_tallies(app), others))
        except (SegundaViaError, SQLAlchemyError) as error:
            logger.error("the figures cannot be read (%s)", type(error).__name__)
            return PlainTextResponse("try again\n", 503)
        return Response(text, headers={"Content-Type": CONTENT_TYPE})

    return [Route("/metrics", metrics, name="metrics")]


def _tallies(app: App) -> tuple[Tally, Tally]:
    return app.stats.ever(COMPANY), app.stats.today(COMPANY)


def exposition(ever: Tally, today: Tally, others: Sequence[Collector] = ()) -> bytes:
    """Both tallies, and what the others measure, in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in (_Figures(ever, today), *others):
        registry.register(collector)
    return bytes(generate_latest(registry))


class _Figures(Collector):
    def __init__(self, ever: Tally, today: Tally) -> None:
        self._ever = ever
        self._today = today

    def collect(self) -> Iterator[Metric]:
        events = CounterMetricFamily("segunda_via_events", "Steps of the flow.", labels=["event"])
        for event in MetricEvent:
            events.add_metric([event.value], self._ever[event])
        yield events
        reasons = CounterMetricFamily("segunda_via_handed_over", "Tickets given to a person.", labels=["reason"])
        for reason, number in sorted({**dict.fromkeys(ALERTING, 0), **self._ever.reasons}.items()):
            reasons.add_metric([reason], number)
        yield reasons
        # No counter: a ticket that a person takes after it was finished is taken off again.
        yield GaugeMetricFamily(
            "segunda_via_untouched_tickets", "Tickets finished without a person.", value=self._ever.untouched
        )
        yield CounterMetricFamily(
            "segunda_via_delivered_reais", "Value of the delivered invoices, in BRL.", value=float(self._ever.amount)
        )
        speed = GaugeMetricFamily(
            "segunda_via_delivery_seconds", "From the document to the delivery, today.", labels=["gateway", "quantile"]
        )
        for gateway, measured in self._today.speeds.items():
            speed.add_metric([gateway, "0.5"], float(measured.median))
            speed.add_metric([gateway, "0.95"], float(measured.p95))
        yield speed
