"""Whether the public server says truly that it lives and that it can serve, at no price."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.serving import serving
from support.stub_rasa import StubRasa, listening
from web.operator import new_app

from segunda_via.app import App
from segunda_via.server.health_routes import Readiness

FINE = {"database": "ok", "migrations": "ok", "rasa": "ok"}


@pytest.fixture
def app(tmp_path: Path) -> App:
    return new_app(tmp_path)


@pytest.fixture
async def rasa(app: App) -> AsyncIterator[StubRasa]:
    stub = StubRasa(app.turn_secret)
    async with listening(stub) as url:
        app.environment = dataclasses.replace(app.environment, rasa_url=url)
        yield stub


async def test_it_is_ready_when_all_is_there(app: App, rasa: StubRasa) -> None:
    async with serving(app) as client:
        answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, FINE)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("status", [401, 404, 503])
async def test_a_rasa_that_cannot_run_turns_is_no_rasa(app: App, rasa: StubRasa, status: int) -> None:
    rasa.status = status
    async with serving(app) as client:
        answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {**FINE, "rasa": "failed"})


async def test_without_rasa_it_lives_and_is_not_ready(app: App) -> None:
    app.environment = dataclasses.replace(app.environment, rasa_url="http://127.0.0.1:9")
    async with serving(app) as client:
        assert (await client.get("/health/live")).json() == {"status": "ok"}
        assert (await client.get("/health/ready")).json() == {**FINE, "rasa": "failed"}
        taken = await client.get("/health/receiving")
    assert (taken.status_code, taken.json()) == (200, {"database": "ok", "migrations": "ok"}), "what is written waits"


async def test_without_a_database_it_lives_and_says_no_more_than_that(tmp_path: Path) -> None:
    (tmp_path / "away").write_text("no folder")
    app = new_app(tmp_path, SEGUNDA_VIA_DATABASE_URL=f"sqlite:///{tmp_path}/away/x.db")
    async with serving(app) as client:
        live, ready = await client.get("/health/live"), await client.get("/health/ready")
    assert (live.status_code, live.json()) == (200, {"status": "ok"})
    assert ready.status_code == 503
    assert (ready.json()["database"], ready.json()["migrations"]) == ("failed", "failed")


async def test_a_schema_that_is_behind_is_not_served(app: App, rasa: StubRasa) -> None:
    with app.engine.begin() as connection:
        connection.execute(sa.text("UPDATE segunda_via_version SET version_num = '0017'"))
    async with serving(app) as client:
        answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {**FINE, "migrations": "failed"})


class Counted:
    """A check that counts how often it is asked, and how often at once."""

    def __init__(self, gate: asyncio.Event | None = None) -> None:
        self.asked = 0
        self._gate = gate

    async def __call__(self) -> bool:
        self.asked += 1
        if self._gate is not None:
            await self._gate.wait()
        return True


async def test_a_flood_of_questions_is_one_look() -> None:
    now = [100.0]
    check = Counted()
    readiness = Readiness({"x": check}, clock=lambda: now[0])
    await asyncio.gather(*(readiness.found() for _ in range(200)))
    now[0] += 0.9
    await readiness.found()
    assert check.asked == 1
    now[0] += 0.2
    await readiness.found()
    assert check.asked == 2


async def test_a_check_that_hangs_has_failed_and_does_not_pile_up() -> None:
    gate = asyncio.Event()
    hanging, fine = Counted(gate), Counted()
    readiness = Readiness({"hanging": hanging, "fine": fine}, limit=0.02, fresh=0)
    for _ in range(3):
        assert await readiness.found() == {"hanging": False, "fine": True}
    assert (hanging.asked, fine.asked) == (1, 3)
    gate.set()
    assert await readiness.found() == {"hanging": True, "fine": True}


async def test_checks_are_asked_beside_each_other() -> None:
    met = [asyncio.Event(), asyncio.Event()]

    def meeting(mine: int) -> Callable[[], Awaitable[bool]]:
        async def check() -> bool:
            met[mine].set()
            return await met[1 - mine].wait()

        return check

    assert await Readiness({"a": meeting(0), "b": meeting(1)}, limit=1).found() == {"a": True, "b": True}
