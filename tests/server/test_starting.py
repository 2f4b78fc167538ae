"""What the public server does when it starts: the link for the first operator, and a database that is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support.serving import serving
from web.operator import NAME, PASSWORD, new_app

from segunda_via.app import App
from segunda_via.server.workers import Workers


@asynccontextmanager
async def working(app: App) -> AsyncIterator[None]:
    workers = Workers(app, again_after=0.05, address="http://localhost:8123")
    workers.start()
    try:
        yield
    finally:
        await workers.stop()


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come true")


async def test_the_link_for_the_first_operator_is_in_its_file_and_not_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    app = new_app(tmp_path)
    async with working(app):
        await until(app.first_access.file.exists)
    link = app.first_access.file.read_text().strip()
    token = app.first_access.token("default")
    assert token
    assert link == f"http://localhost:8123/configuracoes/primeiro-acesso/{token}"
    assert token not in caplog.text
    assert str(app.first_access.file) in caplog.text


async def test_with_an_operator_there_is_no_link(tmp_path: Path) -> None:
    app = new_app(tmp_path)
    app.first_access.prepare("default", "http://localhost:8123")
    app.operators.add("default", NAME, PASSWORD, by="test")
    async with working(app):
        await until(lambda: not app.first_access.file.exists())


async def test_a_folder_that_cannot_be_written_is_told_once_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = new_app(tmp_path)
    (tmp_path / "var").write_text("no folder")
    app.first_access.file = tmp_path / "var" / "primeiro-acesso.txt"
    async with working(app):
        await until(lambda: "relay_workers" in app.__dict__ and "first-access" in caplog.text)
    assert caplog.text.count("the first-access link could not be written") == 1


async def test_without_a_database_it_answers_and_takes_up_its_work_once_there_is_one(tmp_path: Path) -> None:
    in_the_way = tmp_path / "away"
    in_the_way.write_text("no folder yet")
    app = new_app(tmp_path, SEGUNDA_VIA_DATABASE_URL=f"sqlite:///{in_the_way}/segunda_via.db")
    async with working(app), serving(app) as client:
        page = await client.get("/configuracoes")
        assert page.status_code == 503
        assert "Traceback" not in page.text
        assert "relay_workers" not in app.__dict__
        in_the_way.unlink()
        await until(lambda: (tmp_path / "primeiro-acesso.txt").exists() and "relay_workers" in app.__dict__)
        app.tickets.open("default", "whatsapp:+1")
        assert app.journal.recent("default")
        assert (await client.get("/configuracoes")).status_code == 200
