"""A running server loads a newly trained model by itself, from `phrases add`, `make train` or `rasa train` alike.

Reason: Rasa looks for a model in a folder once, when it starts; it polls model servers alone.
Remove when: Rasa polls the folder of its model too, or our models are served by a model server.

The folder of the model in use is looked at every few seconds, and a model that was written there since is loaded by
`Agent.load_model`, as Rasa itself does with one from a model server. Turns under way end with the model that they began
with; conversations, slots and locks stay as they are.

What stood there at the start is left alone, so that `--model` of an older one means what it says. A model is taken up
once its size has stood still; one that cannot be loaded is told of in the log, and the one in use stays in use.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import rasa.core.run

from segunda_via.rasa_plugin.patches import put_around

EVERY = 2.0
"""Seconds between two looks."""

_log = logging.getLogger(__name__)


class Model(NamedTuple):
    written: int
    path: Path
    size: int


def newest(folder: Path) -> Model | None:
    """The model written last, as `rasa run` would choose."""
    found = []
    for path in folder.glob("*.tar.gz"):
        try:
            about = path.stat()
        except FileNotFoundError:  # cleared away meanwhile
            continue
        found.append(Model(about.st_mtime_ns, path, about.st_size))
    return max(found, default=None)


class ModelReload:
    """Keeps `agent` (of Rasa) at the newest model of `folder`, from those written after `known`."""

    def __init__(self, agent: Any, folder: Path, known: Model | None) -> None:
        self._agent = agent
        self._folder = folder
        self._known = known
        self._growing: Model | None = None

    async def look(self) -> bool:
        """Whether another model is in use now. The loading happens beside the turns, in a thread."""
        found = newest(self._folder)
        if found is None or (self._known is not None and found <= self._known):
            return False
        if found != self._growing:
            self._growing = found  # perhaps still being written: the next look tells
            return False
        self._known = found
        try:
            await asyncio.to_thread(self._agent.load_model, str(found.path))
        except Exception as error:  # whatever is wrong with the new one, the old one serves
            name = type(error).__name__
            _log.error("the new model %s cannot be loaded (%s); the old one stays", found.path.name, name)
            return False
        _log.info("the new model %s is in use", found.path.name)
        return True

    async def keep_looking(self, every: float = EVERY) -> None:
        while True:
            await asyncio.sleep(every)
            await self.look()


def _folder(model_path: str | None) -> Path:
    """Where `rasa run --model` looks: a folder of models, or that of the one named."""
    path = Path(model_path or "models").resolve()
    return path if path.is_dir() else path.parent


def install() -> None:
    """Servers that Rasa starts in this process from now on renew their model. Before `rasa run` or `shell`."""
    put_around(rasa.core.run, "load_agent_on_start", _and_renew, by=__name__)


def _and_renew(load: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def load_and_renew(model_path: Any, endpoints: Any, remote_storage: Any, app: Any, loop: Any) -> Any:
        folder = _folder(model_path)
        known = newest(folder)
        agent = await load(model_path, endpoints, remote_storage, app, loop)
        app.add_task(ModelReload(agent, folder, known).keep_looking())
        return agent

    return load_and_renew
