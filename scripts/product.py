"""The three servers of the product, as `make run` and `make demo` start them.

The action server and the Rasa server answer this machine alone. The public server stands before them: it is the last
to start and the first to end, since what it has taken on still needs the others.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts import endpoints
from scripts.processes import RETRIES, DidNotStart, Server, Servers, free_port, public_server
from scripts.train import model_path

LOADING = 120.0
"""Seconds that Rasa may take to load."""


@dataclass(frozen=True)
class Product:
    """What one run consists of.

    settings          the environment of all three, by the public server's port; SEGUNDA_VIA_ACTION_SECRET is in it
    endpoints_file    where Rasa's endpoints of this run are written
    tracker_db        Rasa's SQLite file, when it is not that of `endpoints.yml`
    rasa_arguments    of `rasa run`, beside our own
    host, port        of the public server; a port that is given is the only one
    """

    settings: Callable[[int], Mapping[str, str]]
    endpoints_file: Path
    tracker_db: Path | None = None
    rasa_arguments: Sequence[str] = ()
    host: str = "127.0.0.1"
    port: int | None = None

    def start(self, servers: Servers) -> tuple[Server, Server, Server]:
        """Action, Rasa and public server, once they answer. On other ports when one is taken meanwhile."""
        tried: set[int] = set()
        while True:
            rasa, actions = free_port(5005, avoid=tried), free_port(5055, avoid=tried)
            public = free_port(self.port or 8000, tries=1 if self.port else 50, avoid=tried)
            started = self._begin(servers, public, rasa, actions)
            try:
                _wait(*started)
            except DidNotStart:
                words = " ".join(server.last_words(40) for server in started).lower()
                if len(tried) >= 3 * RETRIES or "address already in use" not in words:
                    raise
                tried |= {public, rasa, actions}
                servers.stop(started)
            else:
                return started

    def _begin(self, servers: Servers, public: int, rasa: int, actions: int) -> tuple[Server, Server, Server]:
        """Side by side, since Rasa takes long to load."""
        module = [sys.executable, "-m"]
        told = {**self.settings(public), "SEGUNDA_VIA_RASA_URL": f"http://127.0.0.1:{rasa}"}
        secret = told["SEGUNDA_VIA_ACTION_SECRET"]
        config = endpoints.write(self.endpoints_file, f"http://127.0.0.1:{actions}/webhook", secret, self.tracker_db)
        run_actions = [*module, "rasa_sdk", "--actions", "actions", "--port", str(actions)]
        run_rasa = [*module, "scripts.rasa_run", "--model", str(model_path()), "--endpoints", str(config)]
        run_rasa += ["--port", str(rasa), "--interface", "127.0.0.1", *self.rasa_arguments]
        return (
            servers.start("action server", run_actions, actions, told),
            servers.start("rasa server", run_rasa, rasa, told),
            servers.start("public server", [*public_server(public), "--host", self.host], public, told),
        )


def _wait(actions: Server, rasa: Server, public: Server) -> None:
    actions.wait()
    public.wait("/health/live")
    rasa.wait("/", LOADING)


def first_access(told: Mapping[str, str], server: str) -> tuple[str, Path] | None:
    """The link that makes the first operator, and the file that it stands in; None when there is an operator."""
    from segunda_via.app import build
    from segunda_via.company import COMPANY
    from segunda_via.operators.first_access import PATH

    root = build(told)
    waits = root.first_access.prepare(COMPANY, server)
    found = (f"{server}{PATH}{root.first_access.token(COMPANY)}", root.first_access.file) if waits else None
    asyncio.run(root.close())
    return found
