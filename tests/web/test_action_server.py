"""An action server whose database is away starts all the same, and begins its rounds when it is back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from rasa_sdk import endpoint
from web.conftest import Serve
from web.operator import new_app

from actions import __name__ as actions_package
from segunda_via.web.action_server import ActionServer


@pytest.mark.slow
async def test_without_a_database_it_answers_and_takes_up_its_work_once_there_is_one(
    serve: Serve, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "away"
    in_the_way.write_text("no folder yet")
    app = new_app(tmp_path, SEGUNDA_VIA_DATABASE_URL=f"sqlite:///{in_the_way}/segunda_via.db")
    server = endpoint.create_app(actions_package, cors_origins=None)
    ActionServer(lambda: app, again_after=0.05).attach_sanic_app_extensions(server)
    client = await serve(server)
    assert (await client.get("/health")).status_code == 200
    page = await client.get("/configuracoes")
    assert page.status_code == 503
    assert "Traceback" not in page.text
    assert "relay_workers" not in app.__dict__
    in_the_way.unlink()
    for _ in range(200):
        if "relay_workers" in app.__dict__:
            break
        await asyncio.sleep(0.05)
    app.tickets.open("default", "whatsapp:+1")
    assert app.journal.recent("default")
    assert (await client.get("/configuracoes")).status_code == 200
