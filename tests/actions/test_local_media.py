"""An action server without a public server beside it serves its links itself; with one, or an address, never."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet
from support.databases import migrated_sqlite
from support.factories import pix_code
from support.http import local_client
from support.serving import serving

from sandbox.server import RunningSandbox, listing
from scripts.processes import Servers
from segunda_via.actions.local_media import LocalMedia
from segunda_via.app import App
from segunda_via.conversation import domain_file, slots
from segunda_via.settings import public_address
from segunda_via.settings.environment import Environment

PIX = pix_code(Decimal("99.90"))
KEY = Fernet.generate_key().decode()
NOBODY = "http://127.0.0.1:9"
"""Where nothing listens."""


@pytest.fixture
def app_with(tmp_path: Path) -> Callable[..., App]:
    database = migrated_sqlite(tmp_path)

    def build(key: str = KEY, **variables: str) -> App:
        told = {"SEGUNDA_VIA_SECRET_KEY": key, "SEGUNDA_VIA_DATABASE_URL": database, **variables}
        return App(Environment.read(told), home=tmp_path)

    return build


@asynccontextmanager
async def started(app: App, default_url: str) -> AsyncIterator[None]:
    media = LocalMedia(app, default_url)
    await media.start_if_needed()
    try:
        yield
    finally:
        await media.stop()


async def opened(url: str) -> httpx.Response:
    async with local_client("") as client:
        return await client.get(url)


async def test_where_nothing_answers_links_open_all_the_same(app_with: Callable[..., App]) -> None:
    app = app_with()
    async with started(app, NOBODY):
        url = app.media_links.qr(PIX)
        answer = await opened(url)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert (await opened(url.partition("/media/")[0] + "/configuracoes")).status_code == 404, "nothing else"
        assert url.startswith("http://127.0.0.1:")
    with pytest.raises(httpx.ConnectError):
        await opened(url)


async def test_two_on_one_machine_each_open_their_own(app_with: Callable[..., App]) -> None:
    first, second = app_with(), app_with(Fernet.generate_key().decode())
    async with started(first, NOBODY), started(second, NOBODY):
        for app in (first, second):
            assert (await opened(app.media_links.qr(PIX))).status_code == 200


async def test_beside_a_public_server_links_lead_there(
    app_with: Callable[..., App], caplog: pytest.LogCaptureFixture
) -> None:
    app, public = app_with(), app_with()
    with caplog.at_level(logging.DEBUG):
        async with serving(public) as client, started(app, str(client.base_url).rstrip("/")):
            assert app.local_media_url is None
    assert "HEAD media 200" in caplog.text
    assert "/media/" not in caplog.text, "the link that was tried"


async def test_another_installations_public_server_is_not_ours(app_with: Callable[..., App]) -> None:
    app, foreign = app_with(), app_with(Fernet.generate_key().decode())
    async with serving(foreign) as client, started(app, str(client.base_url).rstrip("/")):
        assert (await opened(app.media_links.qr(PIX))).status_code == 200


TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_WHATSAPP_NUMBER": "+5511999998888",
    "TWILIO_WEBHOOK_URL": "https://bot.example.com/webhooks/whatsapp/webhook",
}


@pytest.mark.parametrize(
    ("variables", "base"),
    [
        ({"SEGUNDA_VIA_PUBLIC_URL": "https://bot.example.com"}, "https://bot.example.com"),
        ({"SEGUNDA_VIA_PUBLIC_URL": public_address.DEFAULT}, public_address.DEFAULT),
        (TWILIO, "https://bot.example.com"),
    ],
    ids=["told", "told what is the default", "told by Twilio's webhook"],
)
async def test_with_an_address_of_its_own_never(
    app_with: Callable[..., App], variables: dict[str, str], base: str
) -> None:
    app = app_with(**variables)
    async with started(app, NOBODY):
        assert app.local_media_url is None
        assert app.media_links.qr(PIX).startswith(f"{base}/media/")


async def test_an_address_that_is_saved_later_counts(app_with: Callable[..., App]) -> None:
    app, later = app_with(), app_with(**TWILIO)
    async with started(app, NOBODY):
        assert app.media_links.qr(PIX).startswith("http://127.0.0.1:")
        app.whatsapp_number = later.whatsapp_number
        assert app.media_links.qr(PIX).startswith("https://bot.example.com/media/")


async def test_the_processs_signals_stay_the_action_servers(app_with: Callable[..., App]) -> None:
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    async with started(app := app_with(), NOBODY):
        assert (await opened(app.media_links.qr(PIX))).status_code == 200
        assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == handlers


async def test_a_key_that_is_malformed_keeps_nobody_from_starting(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("no key")
    app = App(Environment(), home=tmp_path)
    async with started(app, NOBODY):
        assert app.local_media_url is None


@pytest.mark.slow
def test_the_real_action_server_alone_delivers_links_that_open(tmp_path: Path) -> None:
    with RunningSandbox() as sandbox, Servers(tmp_path / "log") as servers:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
        told = {
            **kept,
            "SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(tmp_path),
            "SEGUNDA_VIA_SECRET_KEY": KEY,
            "SEGUNDA_VIA_GATEWAY": "asaas",
            "SEGUNDA_VIA_CREDENTIALS": json.dumps(sandbox.credentials("asaas")),
        }
        command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port"]
        server = servers.start_on_free_port("actions", 25985, lambda port: [*command, str(port)], told)
        bundle = httpx.post(f"{server.address}/webhook", json=call(sandbox), timeout=60).json()["responses"]
        links = [message[kind] for message in bundle for kind in ("image", "attachment") if message.get(kind)]
        files = [httpx.get(link) for link in links]
        assert [file.headers["content-type"] for file in files] == ["image/png", "application/pdf"]
        assert files[1].content.startswith(b"%PDF-")
        written = server.log.read_text("utf-8")
        assert not any(link.rpartition("/")[2] in written for link in links)
        server.process.terminate()
        assert server.process.wait(timeout=10) is not None
        with pytest.raises(httpx.ConnectError):
            httpx.get(links[0])


def call(sandbox: RunningSandbox) -> dict[str, object]:
    """What Rasa asks of the action server when the document is known."""
    today = sandbox.sandbox.today()
    document = next(row["document"] for row in listing(today) if "entrega completa" in row["shows"])
    message = {"text": "segunda via", "intent": {"name": "pedir_segunda_via"}, "entities": [], "metadata": {}}
    tracker = {
        "sender_id": "ana",
        "slots": {slots.DOCUMENT: document},
        "latest_message": message,
        "latest_event_time": datetime.now(timezone.utc).timestamp(),
        "followup_action": None,
        "paused": False,
        "events": [],
        "latest_input_channel": "cmdline",
        "active_loop": {},
        "latest_action_name": "action_listen",
    }
    domain = {"responses": domain_file.responses()}
    return {"next_action": "action_send_boleto", "sender_id": "ana", "tracker": tracker, "domain": domain}
