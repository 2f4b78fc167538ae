"""Who may read the figures, and what else is read with them. The figures themselves: web/test_panel_page.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from support.serving import serving
from web.operator import new_app

from segunda_via.app import App
from segunda_via.server import metrics_route

SECRET = "the secret of the webhook"


@pytest.fixture
def app(tmp_path: Path) -> App:
    return new_app(tmp_path)


@pytest.fixture
def open_app(tmp_path: Path) -> App:
    """Without a secret."""
    return new_app(tmp_path, SEGUNDA_VIA_ACTION_SECRET="")


async def test_with_a_secret_its_bearer_reads_from_anywhere(app: App) -> None:
    async with serving(app) as client:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": SECRET}):
            refused = await client.get("/metrics", headers=headers)
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
            assert "segunda_via_events" not in refused.text
        right = {"Authorization": f"Bearer {SECRET}", "X-Forwarded-For": "203.0.113.9"}
        answer = await client.get("/metrics", headers=right)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == metrics_route.CONTENT_TYPE
    assert "segunda_via_events_total" in answer.text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "CF-Connecting-IP", "Origin"])
async def test_without_one_this_machine_reads_and_nobody_through_a_proxy_or_a_page(open_app: App, header: str) -> None:
    async with serving(open_app) as client:
        assert (await client.get("/metrics")).status_code == 200
        refused = await client.get("/metrics", headers={header: "203.0.113.9"})
    assert refused.status_code == 403
    assert "segunda_via_events" not in refused.text


class InFlight(Collector):
    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("segunda_via_turns_in_flight", "Turns under way.", value=3)


async def test_what_else_is_measured_is_told_beside(open_app: App) -> None:
    asgi = Starlette(routes=metrics_route.routes(open_app, [InFlight()]))
    async with serving(open_app, asgi) as client:
        text = (await client.get("/metrics")).text
    assert "segunda_via_turns_in_flight 3.0" in text
    assert "segunda_via_untouched_tickets 0.0" in text


async def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "away").write_text("no folder")
    database = f"sqlite:///{tmp_path}/away/x.db"
    app = new_app(tmp_path, SEGUNDA_VIA_ACTION_SECRET="", SEGUNDA_VIA_DATABASE_URL=database)
    async with serving(app) as client:
        assert (await client.get("/metrics")).status_code == 503
