"""What the simulators were asked, so that a test can count calls and dependent round trips.

No document is kept: a path is recorded with documents replaced, a query by the names of its parameters.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from segunda_via.boletos import documents


@dataclass
class Call:
    """`depth` is 1 for a call that waited for none, and one more than the deepest call that was over when it came.

    So calls that were sent together share a depth, provided that each takes longer than sending them does: order some
    `latency` before reading anything into it. 0 marks what is no API call (a PDF, an invoice page).
    """

    gateway: str
    method: str
    path: str
    parameters: Sequence[str]
    depth: int


class Calls:
    """The calls since the last reset, in the order in which they came."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=10_000)
        self._over: list[tuple[float, int]] = []

    def clear(self) -> None:
        self._calls.clear()
        self._over = []  # a call that is still being answered belongs to what was forgotten

    def as_json(self) -> list[dict[str, object]]:
        return [asdict(call) for call in self._calls]

    @contextmanager
    def recording(
        self, gateway: str, method: str, path: str, parameters: Sequence[str], *, counts: bool
    ) -> Iterator[Callable[[], None]]:
        """Yields what is to be called when the answer is given, before the caller can act on it."""
        came = time.monotonic()
        depth = 1 + max((depth for over, depth in self._over if over <= came), default=0) if counts else 0
        self._calls.append(Call(gateway, method, _without_documents(path), parameters, depth))
        over = self._over
        yield lambda: over.append((time.monotonic(), depth))


def _without_documents(path: str) -> str:
    parts = re.split("([/=&])", path)
    return "".join("{document}" if documents.is_valid(part) else part for part in parts)
