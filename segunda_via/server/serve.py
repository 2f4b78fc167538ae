"""Runs the public server: uvicorn, strict with what comes in, ending in time when it is told to end."""

from __future__ import annotations

import socket

import uvicorn
from starlette.types import ASGIApp

from segunda_via.app import App
from segunda_via.server import application
from segunda_via.server.http_protocol import ConnectionLimits, protocol_with
from segunda_via.server.workers import Workers

LAST_ANSWERS = 8
"""Seconds that open requests have when the server ends."""


def config(asgi: ASGIApp, app: App, *, lifespan: str = "on") -> uvicorn.Config:
    """Without uvicorn's own access log, which would write the links' tokens."""
    limits = ConnectionLimits(trusted=app.environment.trusted_proxies)
    return uvicorn.Config(
        asgi,
        http=protocol_with(limits),
        ws="none",
        lifespan=lifespan,  # type: ignore[arg-type]
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=LAST_ANSWERS,
    )


def serve(app: App, listener: socket.socket) -> None:
    """Until a signal ends it."""
    asgi = application.create(app, Workers(app))
    uvicorn.Server(config(asgi, app)).run([listener])
