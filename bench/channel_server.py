"""One of the two channels on a server of its own, with a turn that waits as long as its message says, and answers.

    python -m bench.channel_server <port> <folder> <database> <twilio as JSON>

Without a database it is Rasa's channel. GET /watched gives, in seconds and since it was last asked, the longest time
that the event loop stood still (`stall`), and how long each call to the webhook took (`handled`).
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.core.channels.twilio import TwilioInput, TwilioOutput
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse
from twilio.http.http_client import TwilioHttpClient

from segunda_via.app import App
from segunda_via.rasa_plugin.channel.whatsapp_input import WhatsAppInput
from segunda_via.settings.environment import Environment


class Elsewhere(TwilioHttpClient):
    """Twilio's own client, with the simulator in the place of Twilio's address."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self._url), *rest, **more)


class StockTwilio(TwilioInput):
    """Rasa's channel as it is, but for that address."""

    url = ""

    def get_output_channel(self) -> TwilioOutput:
        output = super().get_output_channel()
        output.http_client = Elsewhere(self.url)
        return output


def channel(port: int, folder: Path, database: str, twilio: dict[str, str]) -> InputChannel:
    if not database:
        stock = StockTwilio(twilio["sid"], twilio["token"], twilio["number"])
        stock.url = twilio["url"]
        return stock
    told = {
        "SEGUNDA_VIA_DATABASE_URL": database,
        "SEGUNDA_VIA_MESSAGES_PER_MINUTE": "1000000",
        "TWILIO_ACCOUNT_SID": twilio["sid"],
        "TWILIO_AUTH_TOKEN": twilio["token"],
        "TWILIO_WHATSAPP_NUMBER": twilio["number"],
        "TWILIO_WEBHOOK_URL": f"http://127.0.0.1:{port}/webhook",
        "TWILIO_API_URL": twilio["url"],
    }
    return WhatsAppInput(App(Environment.read(told), home=folder))


def main() -> None:
    port, folder, database, twilio = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
    server = Sanic("bench")
    stood, handled = [0.0], []

    async def turn(message: UserMessage) -> None:
        await asyncio.sleep(float(message.text.split()[0]))
        await message.output_channel.send_text_message(message.sender_id, f"resposta a {message.text}")

    async def watch() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            stood[0] = max(stood[0], time.perf_counter() - began - 0.005)

    @server.listener("after_server_start")
    async def start(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        app.add_task(watch())

    @server.middleware("request")
    async def begins(request: Request) -> None:
        request.ctx.began = time.perf_counter()

    @server.middleware("response")
    async def ends(request: Request, answer: HTTPResponse) -> None:
        if request.path == "/webhook":
            handled.append(time.perf_counter() - request.ctx.began)

    @server.get("/watched")
    async def watched(request: Request) -> HTTPResponse:
        told = {"stall": stood[0], "handled": handled.copy()}
        stood[0] = 0.0
        handled.clear()
        return response.json(told)

    server.ctx.agent = SimpleNamespace(is_ready=lambda: True)
    server.blueprint(channel(port, folder, database, twilio).blueprint(turn), url_prefix="/")
    server.run("127.0.0.1", port, access_log=False, debug=False)


if __name__ == "__main__":
    main()
