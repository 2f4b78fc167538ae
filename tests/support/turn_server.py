"""Rasa's server as far as the public server calls it: the turn channel on a real Sanic server, over a given agent."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from segunda_via.app import App
from segunda_via.rasa_plugin.channel.turn_channel import TurnChannel


@asynccontextmanager
async def turn_server(app: App, agent: Any) -> AsyncIterator[str]:
    """Its address."""
    Sanic.test_mode = True
    server = Sanic("turns")
    server.ctx.agent = agent
    channel = TurnChannel(app)

    async def unused(message: UserMessage) -> Any:
        raise AssertionError("a turn goes by the agent, under its lock")

    server.blueprint(channel.blueprint(unused), url_prefix=f"/webhooks/{channel.url_prefix()}")
    listener = socket.socket()  # with port 0 Sanic takes its default one, which another test may have
    listener.bind(("127.0.0.1", 0))
    running = await server.create_server(sock=listener, return_asyncio_server=True)
    assert running is not None
    await running.startup()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        running.close()
        await running.wait_closed()
        for connection in running.connections:
            connection.close()
        Sanic._app_registry.clear()
        Sanic.test_mode = False
