"""What is at hand for some seconds: fresh after them, never failing, and in nobody's way."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from segunda_via.settings.cached import Cached


class Source:
    """What can be changed, broken and hung under the cache; and its clock."""

    def __init__(self, patience: float | None = None) -> None:
        self.value = "um"
        self.broken = False
        self.open = threading.Event()
        self.open.set()
        self.loads = 0
        self.time = 100.0
        self.cache = Cached("words", self.load, "nada", seconds=3, patience=patience, clock=lambda: self.time)

    def load(self, company: str) -> str:
        self.loads += 1
        self.open.wait(5)
        if self.broken:
            raise OSError("the database is down")
        return f"{self.value} de {company}"


def test_it_is_loaded_again_after_its_seconds_and_not_before() -> None:
    source = Source()
    assert source.cache.get("a") == "um de a"
    source.value = "dois"
    source.time += 2.9
    assert (source.cache.get("a"), source.loads) == ("um de a", 1)
    source.time += 0.1
    assert (source.cache.get("a"), source.loads) == ("dois de a", 2)


def test_each_company_has_its_own() -> None:
    source = Source()
    assert (source.cache.get("a"), source.cache.get("b")) == ("um de a", "um de b")


def test_what_cannot_be_loaded_is_what_it_was_and_the_log_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    source = Source()
    source.broken = True
    assert source.cache.get("a") == "nada"
    source.broken, source.time = False, source.time + 3
    assert source.cache.get("a") == "um de a"
    source.broken = True
    for _ in range(3):
        source.time += 3
        assert source.cache.get("a") == source.cache.get("a") == "um de a"
    assert source.loads == 5, "a failure is not tried again at every message"
    assert [record.getMessage() for record in caplog.records] == [
        "words: cannot be loaded (OSError); the last one counts"
    ] * 2


def test_while_one_thread_loads_the_others_go_on_with_what_is_known() -> None:
    source = Source()
    source.cache.get("a")
    source.time += 3
    source.open.clear()
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(source.cache.get, "a")
        while source.loads < 2:
            time.sleep(0.001)
        source.value = "dois"
        assert source.cache.get("a") == "um de a"
        source.open.set()
        assert slow.result(5) == "dois de a"


async def test_the_event_loop_goes_on_and_one_load_serves_all_who_wait() -> None:
    source = Source()
    source.open.clear()
    waiting = [asyncio.ensure_future(source.cache.soon("a")) for _ in range(20)]
    await asyncio.sleep(0.05)
    assert not any(each.done() for each in waiting)
    source.open.set()
    assert set(await asyncio.gather(*waiting)) == {"um de a"}
    assert source.loads == 1


async def test_a_database_that_hangs_delays_one_message_by_the_patience_and_no_more() -> None:
    source = Source(patience=0.05)
    source.open.clear()
    said = await asyncio.wait_for(asyncio.gather(*(source.cache.soon("a") for _ in range(20))), 2)
    assert set(said) == {"nada"}
    assert source.loads == 1
    source.open.set()
    await asyncio.sleep(0.1)
    source.time += 3
    assert await source.cache.soon("a") == "um de a"


def test_it_serves_one_event_loop_after_another() -> None:
    source = Source()
    assert asyncio.run(source.cache.soon("a")) == "um de a"
    source.value, source.time = "dois", source.time + 3
    assert asyncio.run(source.cache.soon("a")) == "dois de a"
