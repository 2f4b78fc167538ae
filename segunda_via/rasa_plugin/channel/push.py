"""What Rasa says outside a turn, such as after `trigger_intent`: put into the outbox, from where it is sent."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any

from segunda_via.app import App
from segunda_via.company import COMPANY
from segunda_via.rasa_plugin.channel.turn import Message, RecordingOutput
from segunda_via.whatsapp import replies

logger = logging.getLogger(__name__)


class OutboxOutput(RecordingOutput):
    """Each message is queued as it comes; the public server's worker finds it."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self._app = app

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        await super().send_response(recipient_id, message)
        said, self.messages = self.messages, []
        if not said:
            return
        if not replies.is_on_whatsapp(recipient_id):
            logger.warning("a message was left out: its conversation is not on WhatsApp")
            return
        try:
            await asyncio.to_thread(self._queue, recipient_id, said)
        except Exception as error:
            logger.error("a pushed message could not be queued (%s)", type(error).__name__)

    def _queue(self, conversation_id: str, said: list[Message]) -> None:
        app, message_id = self._app, f"push-{uuid.uuid4().hex}"
        found = replies.read(said, conversation_id, app.whatsapp_number.get(COMPANY))
        with app.repeatable.begin() as connection:
            app.reply_writer.put(connection, COMPANY, conversation_id, message_id, found)
