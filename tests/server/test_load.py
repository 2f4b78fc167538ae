"""What /metrics tells of the process itself."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from support.databases import migrated_sqlite

from segunda_via.app import App
from segunda_via.boletos.outcome import Outcome
from segunda_via.metrics.tally import Tally
from segunda_via.server import metrics_route
from segunda_via.server.admission import FIRST
from segunda_via.server.load import Load
from segunda_via.server.workers import Workers
from segunda_via.settings.environment import Environment

NOW = datetime(2026, 11, 27, 12, tzinfo=timezone.utc)


def test_what_is_under_way_and_what_waits_is_told(tmp_path: Path) -> None:
    moment = NOW
    environment = Environment.read({"SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(tmp_path)})
    app = App(environment, now=lambda: moment, home=tmp_path)
    app.inbox.put("ana", "a1", "message", {})
    moment += timedelta(seconds=7)
    app.inbox.put("bia", "b1", "message", {})
    app.late_deliveries.promise("default", "caio", "52998224725", Outcome.GATEWAY_UNAVAILABLE, message_id="SM1")
    workers = Workers(app)
    workers.admission.begin()
    workers.loop_lag.note(0.5)
    told = metrics_route.exposition(Tally(), Tally(), [Load(app, workers)]).decode().splitlines()
    for line in (
        "segunda_via_turns_in_flight 1.0",
        f"segunda_via_turns_limit {float(FIRST)}",
        "segunda_via_loop_lag_seconds 0.1",
        'segunda_via_queue_waiting{queue="inbox"} 2.0',
        'segunda_via_queue_waiting{queue="outbox"} 0.0',
        'segunda_via_queue_age_seconds{queue="inbox"} 7.0',
        'segunda_via_queue_age_seconds{queue="desk"} 0.0',
        "segunda_via_late_deliveries_waiting 1.0",
    ):
        assert line in told
