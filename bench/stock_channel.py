"""Rasa's own `twilio` channel on a server of its own; a turn waits as long as its message says, and is answered once.

    python -m bench.stock_channel <port> <twilio as JSON>
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.core.channels.twilio import TwilioInput, TwilioOutput
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse
from twilio.http.http_client import TwilioHttpClient

from bench.channel_load import WEBHOOK
from bench.watched import WATCHED, Watch


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


def main() -> None:
    port, twilio = int(sys.argv[1]), json.loads(sys.argv[2])
    server, watch = Sanic("bench"), Watch()
    channel = StockTwilio(twilio["sid"], twilio["token"], twilio["number"])
    channel.url = twilio["url"]

    async def turn(message: UserMessage) -> None:
        await asyncio.sleep(float(message.text.split()[0]))
        await message.output_channel.send_text_message(message.sender_id, f"resposta a {message.text}")

    @server.listener("after_server_start")
    async def start(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        app.add_task(watch.the_loop())

    @server.middleware("request")
    async def begins(request: Request) -> None:
        request.ctx.began = time.perf_counter()

    @server.middleware("response")
    async def ends(request: Request, answer: HTTPResponse) -> None:
        if request.path == WEBHOOK:
            watch.handled.append(time.perf_counter() - request.ctx.began)

    @server.get(WATCHED)
    async def watched(request: Request) -> HTTPResponse:
        return response.json(watch.told())

    server.blueprint(channel.blueprint(turn), url_prefix=WEBHOOK.rsplit("/", 1)[0])
    server.run("127.0.0.1", port, access_log=False, debug=False)


if __name__ == "__main__":
    main()
