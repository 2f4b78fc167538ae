"""Runs the public server: uvicorn, strict with what comes in, ending in time when it is told to end."""

from __future__ import annotations

import ipaddress
import resource
import socket

import uvicorn
from starlette.types import ASGIApp

from segunda_via.app import App
from segunda_via.server import application
from segunda_via.server.http_protocol import ConnectionLimits, protocol_with
from segunda_via.server.workers import Workers

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1"))
LAST_ANSWERS = 3
"""Seconds that open requests have when the server ends. After them its workers have theirs: ten in all."""


def config(asgi: ASGIApp, app: App, *, lifespan: str = "on") -> uvicorn.Config:
    """Without uvicorn's own access log, which would write the links' tokens.

    A proxy on this machine may hold as many connections as it likes, declared or not.
    """
    limits = ConnectionLimits(trusted=(*LOOPBACK, *app.environment.trusted_proxies))
    return uvicorn.Config(
        asgi,
        http=protocol_with(limits),
        ws="none",
        lifespan=lifespan,  # type: ignore[arg-type]
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=LAST_ANSWERS,
    )


def serve(app: App, listener: socket.socket) -> None:
    """Until a signal ends it."""
    _allow_as_many_connections_as_may_be()
    workers = Workers(app, address=f"http://localhost:{listener.getsockname()[1]}")
    asgi = application.create(app, workers)
    uvicorn.Server(config(asgi, app)).run([listener])


def _allow_as_many_connections_as_may_be() -> None:
    """A login shell allows 1,024 open files, which a few hundred idle connections use up."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
