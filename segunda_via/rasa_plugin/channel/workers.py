"""The workers of inbox and outbox inside the Rasa process, and what erases what has lived its time."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Sanic

from segunda_via.app import App
from segunda_via.job_queue.worker import Worker
from segunda_via.rasa_plugin.channel.turn_runner import TurnRunner
from segunda_via.rasa_plugin.channel.whatsapp_output import NAME
from segunda_via.rasa_plugin.patches.tracker_store_in_force import primary

logger = logging.getLogger(__name__)

TURNS_AT_ONCE = 64
"""Conversations that are served together; a turn mostly waits for the gateway."""

SENDING_AT_ONCE = 64
_RESUMING = 60.0
_TYPING_PAUSE = 600.0
"""Seconds without typing indicators after Twilio refused one."""


class RasaServer:
    """The port to Rasa, over the agent that the server has loaded."""

    def __init__(self, server: Sanic, handler: Callable[[UserMessage], Awaitable[Any]]) -> None:
        self._server = server
        self._handler = handler

    @property
    def ready(self) -> bool:
        agent = getattr(self._server.ctx, "agent", None)
        return agent is not None and agent.is_ready()

    async def handle(self, message: UserMessage) -> None:
        if not self.ready:
            raise RuntimeError("no model is loaded")  # Rasa itself would drop the message
        await self._handler(message)

    async def has_seen(self, conversation: str, message_id: str) -> bool:
        # The whole of it: a delivery restarts the session, and the message stands before that. And from the database
        # itself: what Rasa wraps around it says that nothing was said when it cannot be read.
        tracker = await primary(self._server.ctx.agent.tracker_store).retrieve_full_tracker(conversation)
        if tracker is None:
            return False
        return any(isinstance(event, UserUttered) and event.message_id == message_id for event in tracker.events)

    async def words(self, response: str) -> str:
        nobody = DialogueStateTracker("nobody", [])
        said = await self._server.ctx.agent.processor.nlg.generate(response, nobody, NAME)
        return str((said or {}).get("text") or "")


class ChannelWorkers:
    """Started and stopped with the server."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._tasks: list[asyncio.Task[None]] = []
        self._inbox: Worker | None = None
        self._outbox: Worker | None = None
        self._typing_again = float("-inf")

    def start(self, server: Sanic, handler: Callable[[UserMessage], Awaitable[Any]]) -> None:
        app, rasa = self._app, RasaServer(server, handler)
        runner = TurnRunner(
            rasa,
            turns=app.reply_drafts,
            finishing=app.ticket_completion,
            tickets=app.tickets,
            number=app.whatsapp_number.get,
            now=app.now,
            typing=self._typing,
            queued=self.queued,
        )
        self._inbox = Worker(app.whatsapp_inbox, runner, name="inbox", concurrency=TURNS_AT_ONCE)
        self._outbox = Worker(app.outbox, app.sender, name="outbox", concurrency=SENDING_AT_ONCE)
        for work in (self._serve(rasa, self._inbox), self._outbox.run(), self._resume(), app.retention.run()):
            self._tasks.append(asyncio.get_running_loop().create_task(work))
        _keep_what_was_loaded()

    async def stop(self) -> None:
        """Let what is under way end; the rest is taken up at the next start."""
        workers = [worker for worker in (self._inbox, self._outbox) if worker is not None]
        await asyncio.gather(*(worker.stop(grace=8.0) for worker in workers))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def received(self) -> None:
        """Something entered the inbox."""
        if self._inbox is not None:
            self._inbox.wake()

    def queued(self) -> None:
        """Something was queued to be sent."""
        if self._outbox is not None:
            self._outbox.wake()

    @staticmethod
    async def _serve(rasa: RasaServer, worker: Worker) -> None:
        """Nothing is taken before the model is loaded: each take counts as a try."""
        while not rasa.ready:  # noqa: ASYNC110  Rasa tells nobody when it has loaded one
            await asyncio.sleep(0.5)
        await worker.run()

    async def _typing(self, company: str, sid: str) -> None:
        """Show "typing…", where Twilio lets us; errors are ignored."""
        if time.monotonic() < self._typing_again:
            return
        with contextlib.suppress(Exception):
            number = await self._app.whatsapp_number.soon(company)
            if number is not None and not await self._app.twilio.typing(number, sid):
                self._typing_again = time.monotonic() + _TYPING_PAUSE

    async def _resume(self) -> None:
        """Hand over what a process that died was about to."""
        while True:
            try:
                await asyncio.to_thread(self._app.ticket_completion.resume)
            except Exception as error:
                logger.error("what was to be handed over could not be looked for (%s)", type(error).__name__)
            await asyncio.sleep(_RESUMING)


def _keep_what_was_loaded() -> None:
    """To look through all of TensorFlow for garbage takes half a second, in which nobody is answered: never again."""
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
