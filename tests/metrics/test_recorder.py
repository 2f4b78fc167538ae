"""The events of the flow: what is kept of a step, and what never is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.databases import migrated_sqlite

from segunda_via.app import App
from segunda_via.boletos.outcome import Outcome
from segunda_via.metrics.event import MetricEvent
from segunda_via.metrics.recorder import MetricsRecorder, metric_events
from segunda_via.settings.environment import Environment

CPF = "52998224725"
SENDER = "whatsapp:+14155238886:whatsapp:+5547999998888"
NOON = datetime(2026, 11, 23, 15, tzinfo=timezone.utc)


class World:
    """An application whose clock is moved by hand."""

    def __init__(self, folder: Path) -> None:
        self.moment = NOON
        self.url = migrated_sqlite(folder)
        self.app = App(Environment(database_url=self.url), now=lambda: self.moment, home=folder)

    def delivers(self, sender: str, seconds: float, amount: str = "100.00", gateway: str = "asaas") -> None:
        flow = self.app.metrics
        flow.record(MetricEvent.ASKED, "default", sender)
        self.moment += timedelta(minutes=1)
        self.app.tickets.open("default", sender)
        flow.record(MetricEvent.DOCUMENT_GIVEN, "default", sender, tries=2)
        self.moment += timedelta(seconds=seconds)
        flow.record(MetricEvent.FOUND, "default", sender, outcome="overdue", gateway=gateway, duration_ms=400)
        flow.record(
            MetricEvent.DELIVERED,
            "default",
            sender,
            outcome="overdue",
            gateway=gateway,
            amount=Decimal(amount),
            document=CPF,
        )
        self.app.tickets.finish("default", sender, Outcome.OVERDUE)

    def rows(self) -> list[sa.engine.Row]:
        with self.app.engine.connect() as connection:
            return list(connection.execute(sa.select(metric_events).order_by(metric_events.c.id)))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.app.engine.dispose()


def test_the_life_of_a_delivery_is_five_events_without_anything_personal(world: World) -> None:
    world.delivers(SENDER, 12)
    rows = world.rows()
    assert [row.event for row in rows] == ["asked", "document_given", "found", "delivered", "finished"]
    for personal in (CPF, "47999998888", "14155238886"):
        assert personal not in str(rows)
    assert rows[3].document_masked == "***.982.247-**"
    assert rows[3].duration_ms == 12_000
    assert rows[4].ticket_id == "#1"
    assert len({row.conversation for row in rows}) == 1


def test_a_hand_over_after_the_day_is_over_is_that_days_and_what_was_counted_is_mended(world: World) -> None:
    world.delivers(SENDER, 2)
    world.delivers("another", 2)
    day, stats = NOON.date(), world.app.stats
    world.moment += timedelta(days=2)
    assert stats.days("default")[day].untouched == 2
    world.app.tickets.reopen("default", SENDER, "send_failed")
    world.app.tickets.hand_over("default", SENDER, "send_failed", "não chegou")
    assert stats.days("default")[day].untouched == 1
    assert stats.close_days("default") == 0, "it was counted again, and is no longer in doubt"
    assert stats.ever("default").untouched == 1


def test_a_ticket_that_a_person_had_and_the_assistant_finished_is_a_touched_one(world: World) -> None:
    world.app.tickets.open("default", SENDER)
    world.app.tickets.hand_over("default", SENDER, "falar_com_atendente", "…")
    world.app.tickets.reopen("default", SENDER, "returned")
    world.app.tickets.finish("default", SENDER, Outcome.OVERDUE)
    today = world.app.stats.today("default")
    assert (today[MetricEvent.FINISHED], today.untouched) == (1, 0)


def test_a_day_is_counted_before_its_events_are_erased_and_erased_whole(world: World) -> None:
    world.delivers(SENDER, 2)
    world.moment += timedelta(days=90, hours=-6)
    world.app.retention.erase_tables()
    assert len(world.rows()) == 5, "their day is not over the retention yet, though their hour is"
    world.moment += timedelta(days=1)
    world.app.retention.erase_tables()
    assert world.rows() == []
    assert world.app.stats.ever("default")[MetricEvent.DELIVERED] == 1


def test_a_ticket_told_twice_is_counted_once(world: World) -> None:
    for _ in range(2):
        world.app.tickets.hand_over("default", SENDER, "suspicious", "…")
    assert [row.event for row in world.rows()] == ["handed_over"]


def test_a_cancelled_ticket_is_an_abandoned_one(world: World) -> None:
    world.app.tickets.open("default", SENDER)
    world.app.tickets.abandon("default", SENDER)
    assert [(row.event, row.outcome) for row in world.rows()] == [("abandoned", "abandoned")]


def test_without_a_database_recording_fails_without_a_word_to_anyone(tmp_path: Path, world: World) -> None:
    broken = MetricsRecorder(sa.create_engine(f"sqlite:///{tmp_path}/absent/x.db"), world.app.keys, lambda: NOON)
    broken.record(MetricEvent.ASKED, "default", SENDER)


def test_a_broken_figure_does_not_undo_the_end_of_a_ticket(world: World) -> None:
    with world.app.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE segunda_via_metric_events"))
    world.app.tickets.open("default", SENDER)
    world.app.tickets.finish("default", SENDER, Outcome.OVERDUE)
    assert world.app.journal.recent("default")[0].status == "finished"
