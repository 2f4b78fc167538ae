"""What is known of a gateway, a desk or Twilio: one row, told by all processes, on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.engine import Engine
from support.clock import Clock

from segunda_via.errors import GatewayUnavailable, TokenRejected
from segunda_via.storage.health_record import Health, HealthRecord, Trouble, mark, subject_of

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
WHO = ("default", subject_of("asaas"))
TOKEN, OTHER = mark({"token": "one"}), mark({"token": "other"})
EVERY, SOON, AT_MOST = timedelta(minutes=15), timedelta(minutes=1), timedelta(minutes=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def health(engine: Engine, clock: Clock) -> HealthRecord:
    return HealthRecord(engine, b"key", clock)


def due(health: HealthRecord, token: str = TOKEN) -> bool:
    return health.claim_check(*WHO, token, EVERY, AT_MOST, SOON)


def test_since_when_it_fails_and_when_it_worked_last(health: HealthRecord, clock: Clock) -> None:
    assert health.of(*WHO, TOKEN) == Health()
    health.worked(*WHO, TOKEN)
    for minutes in (5, 7):
        clock.now = NOON + timedelta(minutes=minutes)
        health.failed_with(*WHO, TOKEN, TokenRejected("asaas", "HTTP 401"))
    known = health.of(*WHO, TOKEN)
    assert (known.trouble, known.succeeded_at) == (Trouble.REJECTED, NOON)
    assert (known.failing_since, known.failed_at) == (NOON + timedelta(minutes=5), NOON + timedelta(minutes=7))
    health.worked(*WHO, TOKEN)
    assert health.of(*WHO, TOKEN).trouble is None


def test_another_token_starts_afresh(health: HealthRecord) -> None:
    health.failed(*WHO, TOKEN, Trouble.REJECTED)
    assert health.of(*WHO, OTHER) == Health()
    health.worked(*WHO, OTHER)
    assert health.of(*WHO, TOKEN) == Health()


def test_who_knows_of_no_circuit_leaves_it_as_it_was_told(health: HealthRecord) -> None:
    down = GatewayUnavailable("asaas", "HTTP 503")
    health.failed_with(*WHO, TOKEN, down, circuit_open=True)
    health.failed_with(*WHO, TOKEN, down)
    assert health.of(*WHO, TOKEN).circuit_open
    health.failed_with(*WHO, TOKEN, TokenRejected("asaas", "HTTP 401"))
    assert not health.of(*WHO, TOKEN).circuit_open, "whoever answers is not down"


def test_of_several_processes_one_checks(health: HealthRecord, engine: Engine, clock: Clock) -> None:
    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(lambda _: due(HealthRecord(engine, b"key", clock)), range(6)))
    assert sum(claims) == 1
    health.worked(*WHO, TOKEN)
    health.checked(*WHO)
    clock.now += EVERY - timedelta(seconds=1)
    assert not due(health)
    clock.now += timedelta(seconds=1)
    assert due(health)
    clock.now += AT_MOST
    assert due(health), "whoever had claimed it died"


def test_what_fails_is_checked_again_soon_unless_only_the_operator_can_end_it(
    health: HealthRecord, clock: Clock
) -> None:
    for trouble, again in ((Trouble.UNAVAILABLE, True), (Trouble.MISSING, True), (Trouble.REJECTED, False)):
        health.failed(*WHO, TOKEN, trouble)
        health.checked(*WHO)
        clock.now += SOON
        assert due(health) is again, trouble
        health.checked(*WHO)


def test_another_token_is_checked_at_once(health: HealthRecord) -> None:
    health.failed(*WHO, TOKEN, Trouble.REJECTED)
    health.checked(*WHO)
    assert not due(health)
    assert due(health, OTHER)


def test_a_refusal_and_its_end_are_told_once_each_by_one_of_all(
    health: HealthRecord, engine: Engine, clock: Clock
) -> None:
    assert health.to_tell(*WHO) is None
    health.failed(*WHO, TOKEN, Trouble.UNAVAILABLE)
    assert health.to_tell(*WHO) is None, "that passes"
    health.failed(*WHO, TOKEN, Trouble.REJECTED)
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda _: HealthRecord(engine, b"key", clock).to_tell(*WHO), range(6)))
    assert [news for news in told if news] == ["rejected"]
    health.untold(*WHO, "rejected")
    assert health.to_tell(*WHO) == "rejected", "the webhook did not take it"
    health.worked(*WHO, TOKEN)
    assert health.to_tell(*WHO) == "recovered"
    assert health.to_tell(*WHO) is None
