"""The figures equal a count by hand of 200 events, in SQLite and PostgreSQL, before and after a day is over."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from segunda_via.boletos.outcome import Outcome
from segunda_via.conversation import attendance_setting
from segunda_via.metrics import days, display_names
from segunda_via.metrics.days import metric_days
from segunda_via.metrics.event import MetricEvent
from segunda_via.metrics.figures import FIGURES
from segunda_via.metrics.recorder import metric_events
from segunda_via.metrics.stats import LISTED, Stats, StatsRow
from segunda_via.metrics.tally import Speed, Tally, total

TODAY = date(2026, 11, 25)
MORNING = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
NOW = MORNING + timedelta(hours=9)
MIDNIGHT = datetime(2026, 11, 26, 3, tzinfo=timezone.utc)
"""In São Paulo, at the end of today."""
D = Decimal


class Diary:
    """Writes events as the flow would, and shuffles them before they are kept."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self.people = 0

    def delivered(self, at: datetime, took: float, amount: str, gateway: str = "asaas") -> None:
        who = self._who()
        self._note(who, at, MetricEvent.ASKED)
        self._note(who, at + timedelta(seconds=30), MetricEvent.DOCUMENT_GIVEN, tries=1)
        told = at + timedelta(seconds=30 + took)
        self._note(who, told, MetricEvent.FOUND, gateway=gateway, duration_ms=int(took * 900))
        masked = {"document_masked": "***.982.247-**"}
        sent = {"gateway": gateway, "amount": D(amount), "duration_ms": int(took * 1000)}
        self._note(who, told, MetricEvent.DELIVERED, outcome="overdue", **sent, **masked)
        self._note(who, told, MetricEvent.FINISHED, outcome="overdue", ticket_id="#1")

    def handed_over(self, at: datetime, reason: str | None, *, finished_before: bool = False) -> None:
        who = self._who()
        if finished_before:
            self._note(who, at, MetricEvent.FINISHED, outcome="overdue", ticket_id="#1", touched=True)
        self._note(who, at, MetricEvent.HANDED_OVER, reason=reason, ticket_id="#1")

    def other(self, at: datetime, event: MetricEvent) -> None:
        self._note(self._who(), at, event)

    def keep(self, engine: Engine) -> None:
        assert len(self.rows) == 200
        random.Random(8).shuffle(self.rows)
        with engine.begin() as connection:
            connection.execute(sa.insert(metric_events), self.rows)

    def _who(self) -> str:
        self.people += 1
        return f"{self.people:064x}"

    def _note(self, who: str, at: datetime, event: MetricEvent, **more: object) -> None:
        names = ("ticket_id", "outcome", "reason", "gateway", "duration_ms", "tries", "amount", "document_masked")
        row = {**dict.fromkeys(names), "touched": False, **more, "company": "default", "conversation": who}
        self.rows.append({**row, "occurred_at": at, "event": event.value})


@pytest.fixture
def stats(engine: Engine) -> Iterator[Stats]:
    diary = Diary()
    for n in range(20):  # today: 20 deliveries that took 0.5, 1.0 … 10.0 s
        diary.delivered(MORNING + timedelta(minutes=n), (n + 1) / 2, "100.10")
    for n in range(10):  # three days ago, another gateway: 2 s each
        diary.delivered(MORNING - timedelta(days=3, minutes=n), 2, "50.05", "sga")
    diary.delivered(MORNING - timedelta(days=30), 3, "999.00")  # 31 days with today: not of the month
    for n in range(12):
        diary.handed_over(MORNING + timedelta(hours=1, minutes=n), "falar_com_atendente")
    diary.handed_over(MORNING + timedelta(hours=2), "send_failed", finished_before=True)
    diary.handed_over(MORNING - timedelta(days=3), None)
    for _ in range(20):
        diary.other(MORNING, MetricEvent.NOT_UNDERSTOOD)
    for _ in range(6):
        diary.other(MORNING - timedelta(days=29), MetricEvent.ABANDONED)
    # 23:59 and 00:01 in São Paulo, both the 25th in Greenwich
    diary.other(datetime(2026, 11, 25, 2, 59, tzinfo=timezone.utc), MetricEvent.NEXT_OFFERED)
    diary.other(datetime(2026, 11, 25, 3, 1, tzinfo=timezone.utc), MetricEvent.NEXT_OFFERED)
    while len(diary.rows) < 200:
        diary.other(MORNING, MetricEvent.NOTHING_TO_SEND)
    diary.keep(engine)
    return Stats(engine, lambda: NOW)


def test_today_is_as_counted_by_hand(stats: Stats) -> None:
    today = stats.today("default")
    assert today[MetricEvent.ASKED] == today[MetricEvent.FOUND] == today[MetricEvent.DELIVERED] == 20
    assert today[MetricEvent.FINISHED] == 21
    assert today[MetricEvent.HANDED_OVER] == 13
    assert today.reasons == {"falar_com_atendente": 12, "send_failed": 1}
    assert today[MetricEvent.NOT_UNDERSTOOD] == 20
    assert today[MetricEvent.ABANDONED] == 0
    assert today[MetricEvent.NEXT_OFFERED] == 1, "a day begins at midnight in São Paulo"
    assert today.amount == D("2002.00")
    assert today.untouched == 20, "the one whose sending failed was taken by a person"
    assert today.speeds == {"asaas": Speed(20, D("5.0"), D("9.5"))}


def test_the_month_is_as_counted_by_hand_and_stays_so_when_its_events_are_gone(stats: Stats, engine: Engine) -> None:
    for _ in range(2):
        listed = stats.days("default")
        assert (min(listed), max(listed), len(listed)) == (date(2026, 10, 27), TODAY, 30)
        month = total(listed.values())
        assert month[MetricEvent.DELIVERED] == 30
        assert month[MetricEvent.ABANDONED] == 6
        assert month[MetricEvent.NEXT_OFFERED] == 2
        assert month.reasons == {"falar_com_atendente": 12, "send_failed": 1, "unknown": 1}
        assert month.amount == D("2502.50")
        assert month.untouched == 30
        assert month.speeds["sga"] == Speed(10, D("2.0"), D("2.0"))
        assert listed[date(2026, 11, 22)][MetricEvent.DELIVERED] == 10
        with engine.begin() as connection:  # as `segunda-via purge` does
            old = metric_events.c.occurred_at < datetime(2026, 11, 25, 3, tzinfo=timezone.utc)
            connection.execute(sa.delete(metric_events).where(old))


def test_what_was_ever_counted_only_grows(stats: Stats, engine: Engine) -> None:
    assert stats.ever("default")[MetricEvent.DELIVERED] == 31
    with engine.connect() as connection:
        kept = connection.execute(sa.select(sa.func.count()).select_from(metric_days)).scalar()
    assert kept == 30, "every day from the first event to yesterday"
    assert stats.close_days("default") == 0
    tomorrow = Stats(engine, lambda: NOW + timedelta(days=1))
    assert tomorrow.ever("default")[MetricEvent.DELIVERED] == 31
    assert tomorrow.today("default") == Tally()


def test_each_figure_has_its_list(stats: Stats) -> None:
    def listed(name: str, day: date = TODAY, reason: str | None = None, company: str = "default") -> list[StatsRow]:
        return stats.events(company, FIGURES[name], day, day, reason)[0]

    rows = listed("delivered")
    assert {row.document_masked for row in rows} == {"***.982.247-**"}
    assert rows == sorted(rows, key=lambda row: row.occurred_at, reverse=True)
    days = stats.days("default")
    for day in (TODAY, date(2026, 11, 22), date(2026, 11, 24)):
        for name, figure in FIGURES.items():
            assert len(listed(name, day)) == figure.number(days[day]), (name, day)
        for reason, number in days[day].reasons.items():
            assert len(listed("handed_over", day, reason)) == number
    assert listed("delivered", company="other") == []


def test_operators_read_every_outcome_and_every_matter_in_words() -> None:
    for code in [*(outcome.value for outcome in Outcome), *attendance_setting.INTENTS, "abandoned", "send_failed"]:
        assert code in display_names.REASONS, code


def test_a_long_list_is_turned_page_by_page_without_a_row_twice_or_lost(engine: Engine) -> None:
    rows = [
        # many at the very same moment, so that a page ends among them
        {"company": "default", "event": "asked", "conversation": f"{n:064x}", "occurred_at": MORNING, "reason": "x"}
        for n in range(2 * LISTED + 50)
    ]
    with engine.begin() as connection:
        connection.execute(sa.insert(metric_events), rows)
    stats = Stats(engine, lambda: NOW)
    seen, after, sizes = [], None, []
    while True:
        page, after = stats.events("default", FIGURES["requests"], TODAY, TODAY, "x", after)
        seen += [row.id for row in page]
        sizes.append(len(page))
        if after is None:
            break
        with engine.begin() as connection:  # what happens meanwhile is newer, and moves nothing
            connection.execute(sa.insert(metric_events).values({**rows[0], "occurred_at": NOW}))
    assert sizes == [LISTED, LISTED, 50]
    assert seen == sorted(set(seen), reverse=True)


def test_a_day_is_kept_only_when_its_last_events_have_arrived(engine: Engine) -> None:
    moment = [MIDNIGHT + timedelta(seconds=5)]
    stats = Stats(engine, lambda: moment[0])
    row = {"company": "default", "event": "asked", "conversation": "x"}
    late = [{**row, "occurred_at": MIDNIGHT - timedelta(seconds=n)} for n in (2, 1)]
    with engine.begin() as connection:
        connection.execute(sa.insert(metric_events), late[:1])
    assert stats.days("default")[TODAY][MetricEvent.ASKED] == 1
    with engine.begin() as connection:  # it was under way at midnight
        connection.execute(sa.insert(metric_events), late[1:])
    moment[0] += timedelta(hours=1)
    assert stats.close_days("default") == 1
    assert stats.days("default")[TODAY][MetricEvent.ASKED] == 2


def test_a_day_put_in_doubt_while_it_is_being_counted_is_counted_again(engine: Engine) -> None:
    def doubt() -> None:
        with engine.begin() as connection:
            days.doubt(connection, "default", TODAY)

    doubting = threading.Thread(target=doubt)

    def count(connection: Connection) -> Tally:
        doubting.start()
        doubting.join(0.3)  # it waits for what is going on here
        return Tally()

    days.keep(engine, "default", TODAY, count)
    doubting.join()
    with engine.connect() as connection:
        assert days.kept(connection, "default", TODAY) == {}
    days.keep(engine, "default", TODAY, lambda _: Tally(untouched=3))
    with engine.connect() as connection:
        assert days.kept(connection, "default", TODAY)[TODAY].untouched == 3


def test_a_company_without_events_has_zeros(stats: Stats) -> None:
    assert stats.ever("other") == Tally()
    assert total(stats.days("other").values()) == Tally()


@pytest.mark.slow
def test_a_month_of_a_thousand_a_day_is_read_from_the_closed_days_alone(engine: Engine) -> None:
    row = {"company": "default", "gateway": "asaas", "amount": D("10.00")}
    steps = (
        MetricEvent.ASKED,
        MetricEvent.DOCUMENT_GIVEN,
        MetricEvent.FOUND,
        MetricEvent.DELIVERED,
        MetricEvent.FINISHED,
    )
    with engine.begin() as connection:
        for day in range(30):
            at = MORNING - timedelta(days=day)
            rows = [
                {**row, "conversation": f"{n:064x}", "occurred_at": at + timedelta(seconds=n), "event": step.value}
                for n in range(1000)
                for step in steps
            ]
            connection.execute(sa.insert(metric_events), rows)
    stats = Stats(engine, lambda: NOW)
    stats.close_days("default")
    with engine.begin() as connection:
        connection.execute(sa.delete(metric_events).where(metric_events.c.occurred_at < MORNING))
    month = total(stats.days("default").values())
    assert month[MetricEvent.DELIVERED] == 30_000
