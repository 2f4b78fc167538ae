"""The channel on a real server, a simulated Twilio over HTTP; in Rasa's place, somebody who says what a test wants."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import UserUttered
from sanic import Sanic
from support.http import local_client

from sandbox.server import RunningSandbox
from sandbox.twilio import Inbound, Message
from segunda_via import app as composition
from segunda_via.app import App
from segunda_via.rasa_plugin.channel.whatsapp_input import WhatsAppInput
from segunda_via.settings import whatsapp
from segunda_via.settings.environment import Environment

CUSTOMER = "whatsapp:+5547999990001"
COMPANY = "default"
Script = Callable[["FakeRasa", UserMessage], Awaitable[None]]


async def echo(rasa: FakeRasa, message: UserMessage) -> None:
    await message.output_channel.send_text_message(message.sender_id, f"eco: {message.text}")


@dataclass
class FakeRasa:
    """An agent as far as the channel sees one; `script` is the turn. Trackers are saved when it has ended."""

    script: Script = echo
    seen: list[UserMessage] = field(default_factory=list)
    saved: dict[str, list[Any]] = field(default_factory=dict)

    async def on_new_message(self, message: UserMessage) -> None:
        self.seen.append(message)
        await self.script(self, message)
        event = UserUttered(message.text, message_id=message.message_id)
        event.message_id = message.message_id
        self.saved.setdefault(message.sender_id, []).append(event)

    @property
    def agent(self) -> Any:
        async def generate(response: str, *_: Any, **__: Any) -> dict[str, str]:
            return {"text": response}

        async def retrieve_full_tracker(sender: str) -> Any:
            return SimpleNamespace(events=self.saved.get(sender, []))

        return SimpleNamespace(
            is_ready=lambda: True,
            tracker_store=SimpleNamespace(retrieve_full_tracker=retrieve_full_tracker),
            processor=SimpleNamespace(nlg=SimpleNamespace(generate=generate)),
        )


@dataclass
class Site:
    """Everything running: what a customer writes goes in at Twilio's side, what they get is read there."""

    app: App
    rasa: FakeRasa
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
    account = running.twilio.account
    environment = Environment.read(
        {
            "SEGUNDA_VIA_DATABASE_URL": database_url,
            "TWILIO_ACCOUNT_SID": account.sid,
            "TWILIO_AUTH_TOKEN": account.token,
            "TWILIO_WHATSAPP_NUMBER": account.number,
            "TWILIO_WEBHOOK_URL": f"{address}/webhooks/whatsapp/webhook",
            "TWILIO_API_URL": running.twilio_url,
        }
    )
    running.twilio.configure(f"{address}/webhooks/whatsapp/webhook", f"{address}/webhooks/whatsapp/status")
    app, rasa = App(environment, home=tmp_path), FakeRasa()
    sids = {name: await asyncio.to_thread(content_sid, running, each) for name, each in templates.items()}
    whatsapp.save_templates(app.settings, COMPANY, sids, by="test", at=app.now())
    composition.use(app)
    Sanic.test_mode = True
    server = Sanic("whatsapp")
    server.ctx.agent = rasa.agent
    channel = WhatsAppInput.from_credentials(None)
    server.blueprint(channel.blueprint(rasa.on_new_message), url_prefix="/webhooks/whatsapp")
    started = await server.create_server(sock=listener, return_asyncio_server=True)
    await started.startup()
    await started.before_start()
    await started.start_serving()
    await started.after_start()
    async with local_client(address) as client:
        yield Site(app, rasa, running, address, client)
    await started.before_stop()
    started.close()
    await started.wait_closed()
    for connection in started.connections:
        connection.close()
    await started.after_stop()
    await app.close()
    composition.use(None)
    Sanic._app_registry.clear()
    Sanic.test_mode = False
