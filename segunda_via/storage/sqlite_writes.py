"""SQLite has one writer at a time: here its writers queue up, first come, first served, and some before all others.

Left to itself SQLite makes a second writer sleep and try again, for longer each time; with many threads some are
overtaken for seconds. Other processes still wait in that way: they are few, and a transaction takes milliseconds.

Every transaction begins as a writer (`BEGIN IMMEDIATE`), and reads need none (`engine.connect()`). A commit waits for
the disk unless the engine is `repeatable`.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

PATIENCE = 10.0
"""Seconds that a writer waits for the others before it gives up, in this process and again among all."""

_URGENT, _REPEATABLE, _HOLDS = "segunda_via_urgent", "segunda_via_repeatable", "segunda_via_writes"


def urgent(engine: Engine) -> Engine:
    """The same engine for what somebody waits for: its transactions go before all others that wait."""
    return engine.execution_options(**{_URGENT: True})


def repeatable(engine: Engine) -> Engine:
    """The same engine for what would be done again if the last of it were lost with the machine's power.

    A process that dies loses nothing. On PostgreSQL it makes no difference.
    """
    return engine.execution_options(**{_REPEATABLE: True})


class WriteLock:
    """A lock that is handed on in the order of `rank`, then of arrival."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._arrivals = itertools.count()
        self._waiting: list[tuple[int, int, threading.Lock]] = []

    def enter(self, rank: int, timeout: float) -> bool:
        """Whether it was entered; False after `timeout` seconds."""
        mine = threading.Lock()
        mine.acquire()
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            place = (rank, next(self._arrivals), mine)
            heapq.heappush(self._waiting, place)
        if mine.acquire(timeout=timeout):
            return True
        with self._guard:
            if place not in self._waiting:  # it was handed over in this very moment
                return True
            self._waiting.remove(place)
            heapq.heapify(self._waiting)
            return False

    def leave(self) -> None:
        with self._guard:
            if self._waiting:
                heapq.heappop(self._waiting)[2].release()
            else:
                self._taken = False


def queue_writers(engine: Engine) -> None:
    """Have the writers of this SQLite file queue up from now on."""
    write_lock = WriteLock()

    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # Python's module begins no transactions of its own

    def begin(connection: Connection) -> None:
        told, kept = connection.get_execution_options(), connection.connection.record_info
        if not kept.get(_HOLDS):  # until the connection is given back, through all its transactions
            if not write_lock.enter(0 if told.get(_URGENT) else 1, PATIENCE):
                raise OperationalError("BEGIN IMMEDIATE", {}, TimeoutError("the other writers take too long"))
            kept[_HOLDS] = True
        connection.exec_driver_sql(f"PRAGMA synchronous={'NORMAL' if told.get(_REPEATABLE) else 'FULL'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def checkin(connection: Any, record: Any) -> None:
        if record.record_info.pop(_HOLDS, False):
            write_lock.leave()

    for listener in (connect, begin, checkin):
        sa.event.listen(engine, listener.__name__, listener)
