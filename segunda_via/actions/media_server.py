"""The server of the media links inside the action server's process: in a module of its own, since few ever need it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from segunda_via.app import App
from segunda_via.server import media_routes, serve
from segunda_via.server.access_log import AccessLog


class MediaServer(uvicorn.Server):
    """Serves the media routes alone. Its process's signals are somebody else's."""

    def __init__(self, app: App) -> None:
        asgi = Starlette(routes=media_routes.routes(app), middleware=[Middleware(AccessLog)])
        super().__init__(serve.config(asgi, app, lifespan="off"))

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
