"""Guards the action server that rasa_sdk starts, and sees to it that the links that its actions make open.

rasa_sdk calls its plugins' `attach_sanic_app_extensions(app)` between making the Sanic app and running it.
`actions/__init__.py` registers an `ActionServer`.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pluggy
from sanic import Sanic

from segunda_via import log_redaction
from segunda_via.actions.local_media import LocalMedia
from segunda_via.app import App
from segunda_via.errors import SegundaViaError
from segunda_via.private_servers import access, binding, request_bounds

hookimpl = pluggy.HookimplMarker("rasa_sdk")


class ActionServer:
    """The plugin. `services` gives the composition root, and is first asked when the server starts."""

    def __init__(self, services: Callable[[], App]) -> None:
        self._services = services

    @hookimpl
    def attach_sanic_app_extensions(self, app: Sanic) -> None:
        """Attach everything. A malformed variable ends the start with its one line."""
        log_redaction.install()
        try:
            services = self._services()
            services.start_serving()
        except SegundaViaError as error:
            raise SystemExit(str(error)) from None
        address = binding.prefer_loopback(os.environ)
        binding.warn("the action server", address, "Without SANIC_HOST it listens on 127.0.0.1 alone.")
        request_bounds.install(app, largest_body)
        app.config.REQUEST_MAX_SIZE = request_bounds.CALLS
        access.install_guard(app, services.environment.action_secret)
        access.protect_errors(app)
        _serve_links(app, LocalMedia(services))


def _serve_links(app: Sanic, media: LocalMedia) -> None:
    async def start(*_: object) -> None:
        await media.start_if_needed()

    async def stop(*_: object) -> None:
        await media.stop()

    app.register_listener(start, "before_server_start")
    app.register_listener(stop, "before_server_stop")


def largest_body(path: str) -> int:
    """What may be sent to that route of the action server, in bytes."""
    return request_bounds.CALLS if path == "/webhook" else request_bounds.CUSTOMERS
