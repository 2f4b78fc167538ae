"""Guards the action server that rasa_sdk starts, and sees to it that the links that its actions make open.

rasa_sdk calls its plugins' `attach_sanic_app_extensions(app)` between making the Sanic app and running it.
`segunda_via/actions/__init__.py` registers an `ActionServer`. It is another bot's server, unless that bot says
otherwise: there only calls of our own actions are guarded. Where it is ours alone, all of it is: every call, the length
of what may be sent, what errors say, and it listens on this machine unless told otherwise.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable

import pluggy
from rasa_sdk import utils
from sanic import Sanic

from segunda_via import log_redaction
from segunda_via.actions.guard import GuardedAction
from segunda_via.actions.local_media import LocalMedia
from segunda_via.app import App
from segunda_via.errors import SegundaViaError
from segunda_via.private_servers import access, binding, request_bounds

hookimpl = pluggy.HookimplMarker("rasa_sdk")


class ActionServer:
    """The plugin. `services` gives the composition root, and is first asked when the server starts.

    `alone`: whether no actions but ours and the stand-alone assistant's run there.
    """

    def __init__(self, services: Callable[[], App], *, alone: bool = False) -> None:
        self._services = services
        self.alone = alone

    @hookimpl
    def attach_sanic_app_extensions(self, app: Sanic) -> None:
        """Attach everything. A malformed variable ends the start with its one line."""
        log_redaction.install()
        try:
            services = self._services()
            services.start_serving()
        except SegundaViaError as error:
            raise SystemExit(str(error)) from None
        secret = services.environment.action_secret
        if self.alone:
            _keep_private(app, secret)
        else:
            ours = own_actions()
            access.guard_calls(app, secret, ours)
            access.protect_errors(app, ours)
        _serve_links(app, LocalMedia(services))


def own_actions() -> frozenset[str]:
    """The names of the plugin's actions."""
    ours = (each for each in utils.all_subclasses(GuardedAction) if each.__module__.startswith(f"{__package__}."))
    return frozenset(each().name() for each in ours if not inspect.isabstract(each))


def _keep_private(app: Sanic, secret: str | None) -> None:
    address = binding.prefer_loopback(os.environ)
    binding.warn("the action server", address, "Without SANIC_HOST it listens on 127.0.0.1 alone.")
    request_bounds.install(app, largest_body)
    app.config.REQUEST_MAX_SIZE = request_bounds.CALLS
    access.install_guard(app, secret)
    access.protect_errors(app)


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
