"""Rasa's conversations in a SQL database, encrypted; see `segunda_via.storage.conversation_events`.

    tracker_store:
      type: segunda_via.rasa_plugin.tracker_store.EncryptedTrackerStore
      dialect: sqlite           # url, port, username, password, db and query as for Rasa's own SQL store
      db: var/tracker.db
      redact_logs: true         # whatever this process logs, Rasa's own lines too; else what segunda_via logs alone

What that store wrote there before is read, and encrypted at the first start. A failing database raises:
`patches.tracker_store_in_force` takes it out of Rasa's `FailSafeTrackerStore`, which would let the customer begin anew
as if nothing had been said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from segunda_via import log_redaction
from segunda_via.rasa_plugin.process import configured_or_exit, process_app
from segunda_via.storage import conversation_events, endpoints_file

_THREADS = 8
_WRITTEN = "segunda_via_written"
"""How many of a tracker's events stand in the database: it was read, or written, by this store."""
Result = TypeVar("Result")


class EncryptedTrackerStore(TrackerStore):
    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        redact_logs: bool = False,
        **settings: Any,
    ) -> None:
        """A configuration that is malformed, or a database that cannot be reached, ends the start with one line."""
        super().__init__(domain, event_broker)
        log_redaction.install(everything=bool(redact_logs))
        with configured_or_exit():
            process_app().start_serving()
            url = endpoints_file.database_url({"url": host, **settings})
            self._kept = conversation_events.connect(url, process_app().keys)
        # Threads of its own: those of the loop may all be waiting for another database.
        self._threads = ThreadPoolExecutor(_THREADS, "conversations")

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The latest session of that conversation."""
        return await self._tracker(sender_id, self._kept.read)

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """All its sessions."""
        return await self._tracker(conversation_id, self._kept.read_all)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write what is not yet written: the tracker holds its latest session from its first event on."""
        await self.stream_events(tracker)
        events = list(tracker.events)
        await self._in_thread(self._append, tracker.sender_id, events, getattr(tracker, _WRITTEN, None))
        setattr(tracker, _WRITTEN, len(events))

    async def exists(self, conversation_id: str) -> bool:
        return await self._in_thread(self._kept.exists, conversation_id)

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations, in clear."""
        return await self._in_thread(self._kept.ids)

    async def delete(self, conversation_id: str) -> None:
        await self._in_thread(self._kept.delete, conversation_id)

    def _append(self, conversation_id: str, events: list[Event], written: int | None) -> None:
        known = self._kept.count(conversation_id) if written is None else written
        self._kept.append(conversation_id, [event.as_dict() for event in events[known:]])

    async def _tracker(
        self, conversation_id: str, read: Callable[[str], list[dict[str, Any]]]
    ) -> DialogueStateTracker | None:
        events = await self._in_thread(read, conversation_id)
        if not events:
            return None
        tracker = DialogueStateTracker.from_dict(conversation_id, events, self.domain.slots)
        setattr(tracker, _WRITTEN, len(events))
        return tracker

    async def _in_thread(self, work: Callable[..., Result], *arguments: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(*arguments))
