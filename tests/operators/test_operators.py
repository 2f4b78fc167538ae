"""Operators, sessions, tries and the first link, on SQLite and PostgreSQL; and what several processes do at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy.engine import Engine
from support.clock import Clock

from segunda_via.errors import ConfigurationError
from segunda_via.operators.accounts import Operators
from segunda_via.operators.devices import KnownDevices
from segunda_via.operators.first_access import FirstAccess
from segunda_via.operators.sessions import IDLE, OperatorSessions
from segunda_via.operators.throttle import TRIES, TRIES_FROM_ANYWHERE, Throttle
from segunda_via.storage import audit_trail

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
PASSWORD = "cavalo bateria grampo"
Result = TypeVar("Result")


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


def at_once(act: Callable[[int], Result], times: int = 6) -> list[Result | Exception]:
    """What each of so many at once got, or raised."""

    def one(number: int) -> Result | Exception:
        try:
            return act(number)
        except ConfigurationError as error:
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_an_operator_enters_by_name_and_password_until_removed(engine: Engine, clock: Clock) -> None:
    operators = Operators(engine, clock)
    made = operators.add("default", "Maria  Souza", PASSWORD, by="root")
    assert operators.verified("default", "maria souza", PASSWORD) == made
    assert operators.verified("default", "maria souza", PASSWORD + "x") is None
    assert operators.verified("other", "maria souza", PASSWORD) is None, "a company's operators are its own"
    with pytest.raises(ConfigurationError, match="já existe"):
        operators.add("default", "MARIA SOUZA", PASSWORD, by="root")
    operators.remove("default", "Maria Souza", by="root")
    assert operators.verified("default", "maria souza", PASSWORD) is None
    assert [each.event for each in audit_trail.recent(engine, "default")] == ["operator_removed", "operator_added"]


def test_of_several_who_take_a_name_at_once_one_has_it(engine: Engine, clock: Clock) -> None:
    operators = Operators(engine, clock)
    made = at_once(lambda _: operators.add("default", "maria", PASSWORD, by="root"))
    assert sum(not isinstance(each, Exception) for each in made) == 1
    assert len(operators.all("default")) == 1


def test_the_first_link_makes_one_operator_however_many_open_it_at_once(
    engine: Engine, clock: Clock, tmp_path: Path
) -> None:
    operators = Operators(engine, clock)
    first = FirstAccess(engine, b"key", operators, clock, tmp_path)
    assert first.prepare("default", "http://localhost:8000")
    other = FirstAccess(engine, b"key", operators, clock, tmp_path / "other")
    assert other.prepare("default", "http://localhost:8000")
    token = first.token("default") or ""
    assert other.token("default") == token, "every process writes the same link"
    made = at_once(lambda number: first.claim("default", token, f"maria {number}", PASSWORD))
    assert sum(not isinstance(each, Exception) for each in made) == 1
    assert len(operators.all("default")) == 1
    assert not first.is_open("default", token)
    assert not other.prepare("default", "http://localhost:8000")


def test_a_session_lives_where_it_was_not_ended(engine: Engine, clock: Clock) -> None:
    operators = Operators(engine, clock)
    maria = operators.add("default", "maria", PASSWORD, by="root")
    sessions = OperatorSessions(engine, b"key", clock)
    here, there = sessions.start(maria.id), sessions.start(maria.id)
    elsewhere = OperatorSessions(engine, b"key", clock)
    found = elsewhere.find(here)
    assert found is not None
    assert (found.operator, found.company) == ("maria", "default")
    sessions.end(here)
    assert elsewhere.find(here) is None
    assert elsewhere.find(there) is not None
    operators.change_password("default", "maria", "outra senha boa 9", by="maria")
    assert elsewhere.find(there) is None
    late = sessions.start(maria.id)
    clock.now += IDLE + timedelta(seconds=1)
    assert sessions.find(late) is None
    assert OperatorSessions(engine, b"another key", clock).find(sessions.start(maria.id)) is None


def test_tries_made_at_once_are_all_counted(engine: Engine, clock: Clock) -> None:
    throttle = Throttle(engine, b"key", clock)
    waits = at_once(lambda _: throttle.admit("maria", "203.0.113.7"), times=TRIES + 3)
    assert sum(wait == 0 for wait in waits) == TRIES
    assert throttle.admit("maria", "203.0.113.8") == 0, "she is let in from elsewhere"
    clock.now += timedelta(seconds=31)
    assert throttle.admit("maria", "203.0.113.7") == 0
    assert throttle.admit("maria", "203.0.113.7") > 30, "each time twice as long"


def test_one_address_cannot_try_every_name_nor_a_whole_network_one_name(engine: Engine, clock: Clock) -> None:
    throttle = Throttle(engine, b"key", clock)
    for number in range(TRIES_FROM_ANYWHERE):
        assert throttle.admit(f"name {number}", "203.0.113.7") == 0
        assert throttle.admit("maria", f"198.51.100.{number}") == 0
    assert throttle.admit("another name", "203.0.113.7") > 0
    assert throttle.admit("maria", "192.0.2.1") > 0


def test_one_network_of_ipv6_is_one_address(engine: Engine, clock: Clock) -> None:
    throttle = Throttle(engine, b"key", clock)
    for number in range(TRIES):
        assert throttle.admit("maria", f"2001:db8:1:2::{number:x}") == 0
    assert throttle.admit("maria", "2001:db8:1:2:ffff::1") > 0
    assert throttle.admit("maria", "2001:db8:1:3::1") == 0


def test_one_address_keeps_nobody_out_elsewhere_however_long_it_tries(engine: Engine, clock: Clock) -> None:
    throttle = Throttle(engine, b"key", clock)
    for _ in range(200):
        throttle.admit("maria", "203.0.113.7")
        clock.pass_by(timedelta(minutes=2))
    assert throttle.admit("maria", "198.51.100.1") == 0


def test_every_spelling_of_a_name_is_that_name(engine: Engine, clock: Clock) -> None:
    throttle = Throttle(engine, b"key", clock)
    spellings = ["joão à", "JOÃO À", "joa\u0303o a\u0300", "  João   À ", "joão a\u0300", "JOA\u0303O À"]
    waits = [throttle.admit(spelling, "203.0.113.7") for spelling in spellings]
    assert waits.count(0) == TRIES


def test_a_browser_that_the_operator_knows_is_held_up_by_its_own_tries_alone(engine: Engine, clock: Clock) -> None:
    throttle, devices = Throttle(engine, b"key", clock), KnownDevices(b"key")
    for number in range(TRIES_FROM_ANYWHERE):
        throttle.admit("maria", f"203.0.113.{number}")
    assert throttle.admit("maria", "198.51.100.1") > 0
    device = devices.known(devices.mark("Maria"), "maria")
    assert device
    assert [throttle.admit("maria", "198.51.100.1", device) == 0 for _ in range(TRIES + 1)] == [True] * TRIES + [False]


def test_a_browser_is_known_to_the_operator_alone_who_signed_in_with_it() -> None:
    cookie = KnownDevices(b"key").mark("maria")
    assert KnownDevices(b"key").known(cookie, "ana") is None
    assert KnownDevices(b"another key").known(cookie, "maria") is None
    assert KnownDevices(b"key").known(None, "maria") is None
    assert KnownDevices(b"key").known("x" * 500, "maria") is None


def test_tries_to_sign_in_keep_nobody_from_changing_the_password(engine: Engine, clock: Clock) -> None:
    throttle = Throttle(engine, b"key", clock)
    for number in range(TRIES_FROM_ANYWHERE):
        throttle.admit("maria", f"203.0.113.{number}")
        throttle.admit_change("ana")
    assert throttle.admit_change("ana") > 0
    assert throttle.admit_change("maria") == 0
    assert throttle.admit("ana", "198.51.100.1") == 0


COMMON = ("1234567890", "0987654321", "senhasenha1", "mudar12345", "Brasil2024!", "P@ssw0rd123", "flamengo10")
NAMES = ("maria.souza1", "souza12345", "EmpresaTeste", "empresa.teste1", "empresa2026")


@pytest.mark.parametrize("password", [*COMMON, *NAMES])
def test_what_a_stranger_would_try_is_no_password(engine: Engine, clock: Clock, password: str) -> None:
    operators = Operators(engine, clock, lambda company: ["EMPRESA TESTE"])
    with pytest.raises(ConfigurationError, match="fácil de adivinhar"):
        operators.add("default", "Maria Souza", password, by="root")
    operators.add("default", "Maria Souza", PASSWORD, by="root")
    with pytest.raises(ConfigurationError, match="fácil de adivinhar"):
        operators.change_password("default", "maria souza", password, by="root")


@pytest.mark.parametrize("password", [PASSWORD, "outra senha boa 9", "vG7#kq2pLx", "x" * 3 + "trovão na serra " * 12])
def test_what_nobody_guesses_is_one(engine: Engine, clock: Clock, password: str) -> None:
    Operators(engine, clock).add("default", "maria", password, by="root")


def test_tries_push_no_change_out_of_the_trail(engine: Engine, clock: Clock) -> None:
    Operators(engine, clock).add("default", "maria", PASSWORD, by="root")
    with engine.begin() as connection:
        for _ in range(30):
            audit_trail.record(connection, "default", "maria", "sign_in_failed", "203.0.113.7", clock())
    shown = [entry.event for entry in audit_trail.recent(engine, "default", limit=20)]
    assert shown == ["sign_in_failed"] * 20 + ["operator_added"]
