"""Puts the guard and the media routes on the action server that rasa_sdk starts.

rasa_sdk calls its plugins' `attach_sanic_app_extensions(app)` between making the Sanic app and running it.
`actions/__init__.py` registers an `ActionServer`. The hook's marker is pluggy's own: nothing of rasa_sdk is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pluggy
from sanic import Sanic

from segunda_via import privacy
from segunda_via.errors import SegundaViaError
from segunda_via.tickets.courier import Rounds
from segunda_via.web import desk_routes, guard, media_routes

hookimpl = pluggy.HookimplMarker("rasa_sdk")


class _Environment(Protocol):
    @property
    def action_secret(self) -> str | None: ...


class Services(media_routes.MediaServices, desk_routes.DeskServices, Protocol):
    """What the action server needs of the composition root (`segunda_via.app.App`)."""

    @property
    def rounds(self) -> Rounds: ...

    @property
    def environment(self) -> _Environment: ...


class ActionServer:
    """The plugin. `services` gives the composition root, and is first asked when the server starts."""

    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services

    @hookimpl
    def attach_sanic_app_extensions(self, app: Sanic) -> None:
        """Attach everything. A malformed variable ends the start with its one line."""
        privacy.install()
        try:
            secret = self._services().environment.action_secret
        except SegundaViaError as error:
            raise SystemExit(str(error)) from None
        guard.install_guard(app, secret)
        guard.protect_errors(app)
        media_routes.mount(app, self._services)
        desk_routes.mount(app, self._services)
        app.register_listener(self._start, "after_server_start")
        app.register_listener(self._stop, "before_server_stop")

    async def _start(self, *_: object) -> None:
        """The courier to the ticket desk runs in this process."""
        self._services().rounds.start()

    async def _stop(self, *_: object) -> None:
        await self._services().rounds.stop()
