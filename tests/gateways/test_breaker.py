"""A dead gateway is asked no more than it takes to see that it is back."""

from __future__ import annotations

import pytest

from segunda_via.errors import GatewayError, GatewayProtocolError, GatewayRateLimited, GatewayUnavailable, TokenRejected
from segunda_via.gateways.breaker import CircuitBreaker

DOWN = GatewayUnavailable("asaas", "HTTP 503")


class Caller:
    """Calls through a breaker whose clock stands still unless told otherwise."""

    def __init__(self) -> None:
        self.time = 0.0
        self.asked = 0
        self.breaker = CircuitBreaker(now=lambda: self.time)

    def call(self, conversation: str, error: GatewayError | None = None, company: str = "default") -> bool:
        """Whether the gateway gave an answer."""
        try:
            with self.breaker.watch(company, "asaas", conversation):
                self.asked += 1
                if error:
                    raise error
        except GatewayError:
            return False
        return True

    def break_it(self) -> None:
        for number in range(5):
            self.call(f"customer {number}", DOWN)
        self.asked = 0


@pytest.fixture
def caller() -> Caller:
    return Caller()


def test_the_fifth_different_conversation_opens_it(caller: Caller) -> None:
    for number in range(4):
        caller.call(f"customer {number}", DOWN)
    assert not caller.breaker.is_open("default", "asaas")
    caller.call("customer 4", DOWN)
    assert caller.breaker.is_open("default", "asaas")
    assert not caller.call("somebody else")
    assert caller.asked == 5


def test_one_customer_who_insists_opens_nothing(caller: Caller) -> None:
    for _ in range(20):
        caller.call("ana", DOWN)
    assert not caller.breaker.is_open("default", "asaas")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        TokenRejected("asaas", "HTTP 401"),
        GatewayRateLimited("asaas", "HTTP 429", 60),
        GatewayProtocolError("asaas", "is missing", "dueDate"),
    ],
)
def test_any_answer_breaks_the_row(caller: Caller, answer: GatewayError | None) -> None:
    for number in range(4):
        caller.call(f"customer {number}", DOWN)
    caller.call("in between", answer)
    for number in range(4):
        caller.call(f"customer {number}", DOWN)
    assert not caller.breaker.is_open("default", "asaas")


def test_an_open_circuit_is_probed_by_one_every_ten_seconds(caller: Caller) -> None:
    caller.break_it()
    caller.time = 9.9
    caller.call("early")
    assert caller.asked == 0
    caller.time = 10
    assert not caller.call("probe", DOWN)
    assert not caller.call("another")
    assert caller.asked == 1
    caller.time = 20
    assert caller.call("probe")
    assert caller.call("another")
    assert not caller.breaker.is_open("default", "asaas")


def test_while_the_probe_is_under_way_the_others_wait(caller: Caller) -> None:
    caller.break_it()
    caller.time = 10
    with caller.breaker.watch("default", "asaas", "probe"):
        assert not caller.call("another")
    assert caller.call("another")


def test_companies_have_circuits_of_their_own(caller: Caller) -> None:
    caller.break_it()
    assert caller.call("customer", company="other")
