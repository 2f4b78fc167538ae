"""Puts the guard and the media and desk routes on the action server that rasa_sdk starts.

rasa_sdk calls its plugins' `attach_sanic_app_extensions(app)` between making the Sanic app and running it.
`actions/__init__.py` registers an `ActionServer`. The hook's marker is pluggy's own: nothing of rasa_sdk is needed.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable

import pluggy
from sanic import Sanic
from sqlalchemy.exc import SQLAlchemyError

from segunda_via import log_redaction
from segunda_via.app import App
from segunda_via.desks.relay import RelayWorkers
from segunda_via.errors import SegundaViaError
from segunda_via.operations.health_watch import HealthWatch
from segunda_via.web import access, binding, desk_routes, media_routes, prometheus, request_bounds

logger = logging.getLogger(__name__)
hookimpl = pluggy.HookimplMarker("rasa_sdk")


class ActionServer:
    """The plugin. `services` gives the composition root, and is first asked when the server starts."""

    def __init__(self, services: Callable[[], App], *, again_after: float = 5.0) -> None:
        self._services = services
        self._again_after = again_after
        self._rounds: RelayWorkers | None = None

    @hookimpl
    def attach_sanic_app_extensions(self, app: Sanic) -> None:
        """Attach everything. A malformed variable ends the start with its one line."""
        log_redaction.install()
        try:
            secret = self._services().environment.action_secret
        except SegundaViaError as error:
            raise SystemExit(str(error)) from None
        address = binding.prefer_loopback(os.environ)
        binding.warn("the action server", address, "Without SANIC_HOST it listens on 127.0.0.1 alone.")
        request_bounds.install(app, largest_body)
        app.config.REQUEST_MAX_SIZE = request_bounds.CALLS
        access.install_guard(app, secret)
        access.protect_errors(app)
        media_routes.mount(app, self._services)
        desk_routes.mount(app, self._services)
        prometheus.mount(app, self._services)
        app.register_listener(self._start, "after_server_start")
        app.register_listener(self._stop, "before_server_stop")

    async def _start(self, app: Sanic, *_: object) -> None:
        """What runs beside the requests: the relay to the desk, the watch over the gateway, retention."""
        if not await self._start_rounds():
            app.add_task(self._keep_trying())
        app.add_task(HealthWatch(self._services).run())
        app.add_task(self._erase_what_is_old())

    async def _stop(self, *_: object) -> None:
        if self._rounds:
            await self._rounds.stop()

    async def _start_rounds(self) -> bool:
        """False while the database is away, which keeps nobody from being answered that something went wrong."""
        try:
            rounds = await asyncio.to_thread(lambda: self._services().relay_workers)
        except (SegundaViaError, SQLAlchemyError, OSError) as error:
            logger.error("the desk is not told of anything until the database is back (%s)", type(error).__name__)
            return False
        self._rounds = rounds
        rounds.start()
        return True

    async def _keep_trying(self) -> None:
        while True:
            await asyncio.sleep(self._again_after)
            if await self._start_rounds():
                return

    async def _erase_what_is_old(self) -> None:
        while True:
            try:
                retention = await asyncio.to_thread(lambda: self._services().retention)
            except (SegundaViaError, SQLAlchemyError, OSError) as error:
                logger.warning("what is old is not erased until the database is back (%s)", type(error).__name__)
                await asyncio.sleep(self._again_after)
            else:
                await retention.run()


def largest_body(path: str) -> int:
    """What may be sent to that route of the action server, in bytes. The screen's forms have a bound of their own."""
    if path == "/webhook":
        return request_bounds.CALLS
    return desk_routes.MAX_BODY if path.startswith("/desk/") else request_bounds.CUSTOMERS
