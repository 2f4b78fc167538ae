"""The public server with its workers, a simulated Twilio; in Rasa's place, somebody who says what a test wants."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.serving import serving
from support.stub_rasa import StubRasa, listening

from sandbox.server import RunningSandbox
from sandbox.twilio import Inbound, Message
from segunda_via.app import App
from segunda_via.server import application
from segunda_via.server.workers import Workers
from segunda_via.settings import whatsapp
from segunda_via.settings.environment import Environment

CUSTOMER = "whatsapp:+5547999990001"
COMPANY = "default"

@dataclass
class Site:
    """Everything running: what a customer writes goes in at Twilio's side, what they get is read there."""

    app: App
    rasa: StubRasa
    sandbox: RunningSandbox
    address: str
    client: httpx.AsyncClient

    async def writes(self, text: str, sender: str = CUSTOMER, **act: Any) -> tuple[Message, Any]:
        return await asyncio.to_thread(self.sandbox.write, Inbound(sender, text=text, **act))

    def received(self, customer: str = CUSTOMER) -> list[str]:
        """What the customer was sent, in order of acceptance."""
        return [m.body or m.kind for m in self.sandbox.twilio.account.of(customer) if not m.inbound]

    async def until(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        async with _timeout(seconds):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.02)


class _timeout:  # noqa: N801  asyncio.timeout comes with Python 3.11
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    async def __aenter__(self) -> None:
        self.handle = asyncio.get_running_loop().call_later(self.seconds, asyncio.current_task().cancel)

    async def __aexit__(self, kind: Any, *_: Any) -> None:
        self.handle.cancel()
        if kind is asyncio.CancelledError:
            raise TimeoutError(f"it did not happen within {self.seconds} s")


@pytest.fixture(scope="session")
def running() -> Iterator[RunningSandbox]:
    with RunningSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def templates() -> Mapping[str, Any]:
    """By response: a Content SID, or the template to make at Twilio."""
    return {}


def content_sid(running: RunningSandbox, template: Any) -> str:
    if isinstance(template, str):
        return template
    account = running.twilio.account
    made = httpx.post(f"{running.twilio_url}/v1/Content", json=template, auth=(account.sid, account.token))
    return str(made.json()["sid"])


@pytest.fixture
async def site(
    running: RunningSandbox, database_url: str, tmp_path: Path, templates: Mapping[str, Any]
) -> AsyncIterator[Site]:
    """On SQLite and PostgreSQL in turn."""
    running.reset()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    account, rasa = running.twilio.account, StubRasa("the secret of the turn channel")
    running.twilio.configure(f"{address}/webhooks/whatsapp/webhook", f"{address}/webhooks/whatsapp/status")
    async with listening(rasa) as rasa_url:
        environment = Environment.read(
            {
                "SEGUNDA_VIA_DATABASE_URL": database_url,
                "SEGUNDA_VIA_RASA_URL": rasa_url,
                "SEGUNDA_VIA_TURN_SECRET": rasa.secret,
                "TWILIO_ACCOUNT_SID": account.sid,
                "TWILIO_AUTH_TOKEN": account.token,
                "TWILIO_WHATSAPP_NUMBER": account.number,
                "SEGUNDA_VIA_PUBLIC_URL": address,
                "TWILIO_API_URL": running.twilio_url,
            }
        )
        app = App(environment, home=tmp_path)
        sids = {name: await asyncio.to_thread(content_sid, running, each) for name, each in templates.items()}
        whatsapp.save_templates(app.settings, COMPANY, sids, by="test", at=app.now())
        asgi = application.create(app, Workers(app))
        async with serving(app, asgi, lifespan="on", listener=listener) as client:
            yield Site(app, rasa, running, address, client)
