"""The tracker store in force is the one that `endpoints.yml` names, or Rasa does not start.

For a class path that is wrong, or whose import fails, Rasa only warns, and keeps every conversation in memory: in clear
for who reads a core dump, and gone at the next start.
"""

from __future__ import annotations

from typing import Any

import rasa.core.run
from rasa.core.agent import Agent
from rasa.core.tracker_store import AwaitableTrackerStore, FailSafeTrackerStore, InMemoryTrackerStore, TrackerStore
from rasa.core.utils import AvailableEndpoints

from segunda_via.rasa_plugin.tracker_store import EncryptedTrackerStore


def install() -> None:
    """Servers that Rasa starts in this process from now on are checked. Doing it again changes nothing."""
    load = rasa.core.run.load_agent_on_start
    if getattr(load, "checks", False):
        return

    async def load_and_check(model_path: Any, endpoints: Any, remote_storage: Any, app: Any, loop: Any) -> Agent:
        agent = await load(model_path, endpoints, remote_storage, app, loop)
        require(agent, endpoints)
        return agent

    load_and_check.checks = True  # type: ignore[attr-defined]  # a function is an object: the mark of `install`
    rasa.core.run.load_agent_on_start = load_and_check


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
