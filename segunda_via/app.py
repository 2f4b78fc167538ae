"""The composition root: the one place that knows every adapter and joins them.

`current()` is the process's own App, built from the environment at its first use; `use()` puts another in its place
(tests, the sandbox). Nothing here runs at import. What the App holds stands in the wings of `segunda_via.composition`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from segunda_via.composition.foundation import HOME
from segunda_via.composition.stored_data import StoredData
from segunda_via.desks import registry as desks
from segunda_via.gateways import registry
from segunda_via.settings.environment import Environment
from segunda_via.storage import private_files


class App(StoredData):
    """Everything a process needs, each part built when it is first asked for."""

    async def close(self) -> None:
        """Let go of the connections. The App must not be used afterwards."""
        if "http" in self.__dict__:
            await self.http.aclose()
        if "twilio_http" in self.__dict__:
            await self.twilio_http.aclose()
        if "engine" in self.__dict__:
            self.engine.dispose()


_current: App | None = None


def build(environ: Mapping[str, str] | None = None) -> App:
    """An App by that environment (the process's own by default); ConfigurationError when it is malformed.

    From here on everything that the process writes is private.
    """
    private_files.begin(HOME)
    environment = Environment.read(os.environ if environ is None else environ)
    registry.validate(environment)
    desks.validate(environment)
    return App(environment)


def current() -> App:
    """The process's App."""
    global _current
    if _current is None:
        _current = build()
    return _current


def use(app: App | None) -> None:
    """Put `app` in the place of the process's App; None lets the next `current()` build one."""
    global _current
    _current = app
