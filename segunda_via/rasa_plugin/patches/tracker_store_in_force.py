"""The tracker store in force is the one that `endpoints.yml` names, or Rasa does not start.

Reason: for a class path that is wrong, or whose import fails, Rasa only warns, and keeps every conversation in memory:
gone at the next start. And it wraps each store into one that hides a failing database: as if nothing had been said.
Remove when: Rasa refuses to start with a tracker store that it cannot load, and lets a store's errors through.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import rasa.core.run
from rasa.core.agent import Agent
from rasa.core.tracker_store import AwaitableTrackerStore, FailSafeTrackerStore, InMemoryTrackerStore, TrackerStore
from rasa.core.utils import AvailableEndpoints

from segunda_via.rasa_plugin.patches import put_around
from segunda_via.rasa_plugin.tracker_store import EncryptedTrackerStore


def install() -> None:
    """Servers that Rasa starts in this process from now on are checked."""
    put_around(rasa.core.run, "load_agent_on_start", _and_check, by=__name__)


def _and_check(load: Callable[..., Awaitable[Agent]]) -> Callable[..., Awaitable[Agent]]:
    async def load_and_check(model_path: Any, endpoints: Any, remote_storage: Any, app: Any, loop: Any) -> Agent:
        agent = await load(model_path, endpoints, remote_storage, app, loop)
        require(agent, endpoints)
        return agent

    return load_and_check


def require(agent: Agent, endpoints: AvailableEndpoints) -> None:
    """SystemExit when conversations are kept elsewhere than configured. Ours is used as it is, and fails aloud."""
    store = primary(agent.tracker_store)
    wanted = endpoints.tracker_store.type if endpoints and endpoints.tracker_store else None
    if wanted and type(store) is InMemoryTrackerStore:
        raise SystemExit(
            f"tracker_store em endpoints.yml: {wanted} não pôde ser carregado, e as conversas ficariam só na memória"
        )
    if isinstance(store, EncryptedTrackerStore):
        agent.tracker_store = store
        if agent.processor is not None:
            agent.processor.tracker_store = store


def primary(store: TrackerStore) -> TrackerStore:
    """The store inside those that Rasa wraps around it."""
    while isinstance(store, (FailSafeTrackerStore, AwaitableTrackerStore)):
        store = store._tracker_store
    return store
