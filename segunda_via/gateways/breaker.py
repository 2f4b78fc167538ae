"""A circuit breaker per company and gateway: a gateway that is down answers customers in milliseconds.

It opens after so many *different* conversations in a row met a gateway that could not be reached, was too slow or
answered 5xx: one customer who tries again and again says nothing about the others. Any answer of the gateway closes it,
a refusal, a 429 or a body that cannot be read included: whoever answers is not down. While it is open, one request is
let through every `probe_after` seconds, to see.

State is this process's own: another process learns as quickly by itself, and a shared state would be one more thing
that can be down.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from segunda_via.errors import GatewayRateLimited, GatewayUnavailable

CONVERSATIONS = 5
PROBE_AFTER = 10.0
"""Seconds between the probes of an open circuit."""


@dataclass
class _Circuit:
    met_failure: set[str] = field(default_factory=set)
    next_probe: float | None = None
    """When the next request may pass; None while the circuit is closed."""


class CircuitBreaker:
    """`now` is a clock in seconds that only goes forward."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        *,
        conversations: int = CONVERSATIONS,
        probe_after: float = PROBE_AFTER,
    ) -> None:
        self._now = now
        self._conversations = conversations
        self._probe_after = probe_after
        self._circuits: dict[tuple[str, str], _Circuit] = {}

    @contextmanager
    def watch(self, company: str, gateway: str, conversation: str) -> Iterator[None]:
        """Run what asks the gateway inside; GatewayUnavailable at once while the circuit is open."""
        circuit = self._circuits.setdefault((company, gateway), _Circuit())
        if circuit.next_probe is not None:
            if self._now() < circuit.next_probe:
                raise GatewayUnavailable(gateway, "not asked: the last conversations found it down")
            circuit.next_probe = self._now() + self._probe_after  # this request probes, the others still wait
        try:
            yield
        except GatewayRateLimited:
            self._close(circuit)
            raise
        except GatewayUnavailable:
            circuit.met_failure.add(conversation)
            if len(circuit.met_failure) >= self._conversations:
                circuit.next_probe = self._now() + self._probe_after
            raise
        except Exception:
            self._close(circuit)
            raise
        self._close(circuit)

    def is_open(self, company: str, gateway: str) -> bool:
        """Whether customers are being answered without asking the gateway."""
        circuit = self._circuits.get((company, gateway))
        return circuit is not None and circuit.next_probe is not None

    @staticmethod
    def _close(circuit: _Circuit) -> None:
        circuit.met_failure.clear()
        circuit.next_probe = None
