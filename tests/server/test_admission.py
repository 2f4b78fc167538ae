"""How many turns are run at once, by how they go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from segunda_via.http.rasa_client import RasaUnavailable, Turn, TurnFailed
from segunda_via.server.admission import FEWEST, FIRST, LATE, MOST, TOO_LONG, Admission, MeasuredRasa


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def rounds(admission: Admission, clock: Clock, number: int, seconds: float = 0.3, **told: float) -> None:
    """So many rounds of as many turns as may be."""
    for _ in range(number):
        together = admission.limit()
        for _ in range(together):
            admission.begin()
        clock.seconds += seconds
        for _ in range(together):
            admission.end(seconds, **told)
            admission.begin()  # the next one takes its place
        for _ in range(together):
            admission.in_flight -= 1


def test_it_grows_while_all_is_answered_in_time() -> None:
    clock = Clock()
    admission = Admission(clock)
    rounds(admission, clock, 1)
    assert FIRST * 1.8 <= admission.limit() <= FIRST * 2
    rounds(admission, clock, 5)
    assert admission.limit() == MOST


def test_where_it_once_had_to_shrink_it_grows_carefully() -> None:
    clock = Clock()
    admission = Admission(clock)
    rounds(admission, clock, 10)
    for _ in range(5):
        rounds(admission, clock, 1, 1.0, loop_lag=LATE * 2)
    shrunk = admission.limit()
    rounds(admission, clock, 10)
    assert shrunk + 8 <= admission.limit() <= shrunk + 11


def test_what_is_not_needed_does_not_grow() -> None:
    admission = Admission(Clock())
    for _ in range(1000):
        admission.begin()
        admission.end(0.1)
    assert admission.limit() == FIRST


@pytest.mark.parametrize("told", [{"loop_lag": LATE + 0.01}, {"refused": True}])
def test_it_shrinks_when_rasa_has_too_much_to_do_and_recovers(told: dict[str, float]) -> None:
    clock = Clock()
    admission = Admission(clock)
    rounds(admission, clock, 200)
    rounds(admission, clock, 30, 1.0, **told)
    assert admission.limit() == FEWEST
    rounds(admission, clock, 300)
    assert admission.limit() == MOST


def test_a_turn_longer_than_any_gateway_makes_it_shrinks_it() -> None:
    clock = Clock()
    admission = Admission(clock)
    rounds(admission, clock, 1, TOO_LONG + 0.1)
    assert admission.limit() < FIRST


def test_a_slow_gateway_shrinks_nothing() -> None:
    clock = Clock()
    admission = Admission(clock)
    rounds(admission, clock, 200, 8.2)
    assert admission.limit() == MOST


def test_what_began_together_shrinks_it_once() -> None:
    clock = Clock()
    admission = Admission(clock)
    for _ in range(FIRST):
        admission.begin()
    for _ in range(FIRST):
        admission.end(0.3, LATE * 2)
    assert admission.limit() == int(FIRST * 0.8)
    assert admission.in_flight == 0


class Rasa:
    """Answers after some seconds of that clock, or fails."""

    loop_lag = 0.0
    takes = 0.1
    fails: Exception | None = None

    def __init__(self, clock: Clock, admission: Admission) -> None:
        self.clock, self.admission = clock, admission
        self.seen: list[int] = []

    async def run(self, turn: Turn, attempt: int) -> list[Mapping[str, Any]]:
        self.seen.append(self.admission.in_flight)
        self.clock.seconds += self.takes
        if self.fails:
            raise self.fails
        return [{"text": "oi"}]


@pytest.mark.parametrize(
    ("change", "shrinks"),
    [
        ({}, False),
        ({"takes": 8.2}, False),
        ({"takes": TOO_LONG + 1}, True),
        ({"loop_lag": LATE + 0.1}, True),
        ({"fails": RasaUnavailable("gone")}, True),
        ({"fails": TurnFailed("broken")}, False),
    ],
)
async def test_every_turn_is_told_to_the_admission(change: dict[str, Any], shrinks: bool) -> None:
    clock = Clock()
    admission = Admission(clock)
    rasa = Rasa(clock, admission)
    vars(rasa).update(change)
    measured = MeasuredRasa(rasa, admission, clock)
    if "fails" in change:
        with pytest.raises(type(change["fails"])):
            await measured.run(Turn("c", "m", "oi"), 1)
    else:
        assert await measured.run(Turn("c", "m", "oi"), 1) == [{"text": "oi"}]
    assert rasa.seen == [1]
    assert admission.in_flight == 0
    assert (admission.limit() < FIRST) is shrinks
