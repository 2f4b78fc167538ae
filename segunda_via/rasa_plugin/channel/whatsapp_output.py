"""What Rasa says becomes messages of the turn, kept as they come and queued when it ends. `send_*` never raises."""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from rasa.core.channels.channel import OutputChannel

from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.whatsapp import buttons as choices
from segunda_via.whatsapp.reply_drafts import ReplyDrafts, Step
from segunda_via.whatsapp.splitting import LIMIT, split

logger = logging.getLogger(__name__)

NAME = "whatsapp"
_CONVERSATION = re.compile(r"(whatsapp:[^:]+):(whatsapp:[^:]+)")
_MOST_BUTTONS = 3


def addresses(conversation: str, number: WhatsAppNumber | None) -> tuple[str, str]:
    """The company's address and the customer's, of a conversation id.

    >>> addresses("whatsapp:+551140000000:whatsapp:+5547999990000", None)
    ('whatsapp:+551140000000', 'whatsapp:+5547999990000')
    """
    match = _CONVERSATION.fullmatch(conversation)
    if match:
        return match[1], match[2]
    return number.number if number else "", conversation


class WhatsAppOutput(OutputChannel):
    """The voice of one turn. `closed` once the turn was given up: what it says later is not heard."""

    @classmethod
    def name(cls) -> str:
        return NAME

    def __init__(self, turns: ReplyDrafts, company: str, turn: str, run: str, number: WhatsAppNumber | None) -> None:
        self._turns = turns
        self._company = company
        self._turn = turn
        self._run = run
        self._number = number
        self._steps: list[Step] = []
        self._shown: list[Mapping[str, str]] = []
        self._kept = True
        self.closed = False

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Everything that Rasa says comes through here; what cannot be said does not end the turn."""
        try:
            await super().send_response(recipient_id, message)
        except Exception as error:
            logger.error("a message was left out: it cannot be read (%s)", type(error).__name__)

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        await self._say(recipient_id, *({"kind": "text", "body": part} for part in split(str(text))))

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        await self._say(recipient_id, {"kind": "image", "url": str(image)})

    async def send_attachment(self, recipient_id: str, attachment: str, **kwargs: Any) -> None:
        await self._say(recipient_id, {"kind": "document", "url": str(attachment)})

    async def send_text_with_buttons(
        self, recipient_id: str, text: str, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """By the template that stands for the response, when one is configured and fits; else numbered.

        The template's variables are the text and the titles; which choice was pressed is told by the button's ID, its
        number. The numbered text goes along, should Twilio refuse the template.
        """
        offered = choices.read(buttons)
        self._shown = [{"title": each.title, "payload": each.payload} for each in offered]
        template, body = self._template(kwargs.get("utter_action")), choices.numbered(str(text), offered)
        if template is None or not 0 < len(offered) <= _MOST_BUTTONS or len(body) > LIMIT:
            await self.send_text_message(recipient_id, body)
            return
        titles = {str(place): choices.short(each.title) for place, each in enumerate(offered, 2)}
        variables = {"1": str(text), **titles}
        await self._say(recipient_id, {"kind": "template", "template": template, "variables": variables, "body": body})

    async def send_quick_replies(
        self, recipient_id: str, text: str, quick_replies: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        await self.send_text_with_buttons(recipient_id, text, quick_replies, **kwargs)

    async def send_custom_json(self, recipient_id: str, json_message: dict[str, Any], **kwargs: Any) -> None:
        logger.warning("a custom message was left out: WhatsApp has nothing to show it with")

    def _template(self, response: object) -> str | None:
        if self._number is None or not isinstance(response, str):
            return None
        return self._number.templates.get(response.removeprefix("utter_segunda_via_"))

    async def _say(self, recipient_id: str, *said: Step) -> None:
        if self.closed:
            return
        company, customer = addresses(recipient_id, self._number)
        self._steps += [{**each, "from": company, "to": customer} for each in said]
        try:
            self._kept = False
            await asyncio.to_thread(self._turns.draft, self._turn, self._run, self._steps, self._shown)
            self._kept = True
        except Exception as error:  # the turn's end writes them again
            logger.error("a message could not be kept as a draft (%s)", type(error).__name__)

    async def seal(self) -> int | None:
        """The turn has ended: queue what it said. None when another process has taken the turn over."""
        if not self._kept:
            await asyncio.to_thread(self._turns.draft, self._turn, self._run, self._steps, self._shown)
        return await asyncio.to_thread(self._turns.seal, self._turn, self._run)


class WhatsAppPush(WhatsAppOutput):
    """Outside any turn of the inbox (`trigger_intent`): each message is queued as it comes, and `queued` tells so."""

    def __init__(
        self, turns: ReplyDrafts, company: str, number: WhatsAppNumber | None, queued: Callable[[], None]
    ) -> None:
        super().__init__(turns, company, "", "", number)
        self._queued = queued

    async def _say(self, recipient_id: str, *said: Step) -> None:
        company, customer = addresses(recipient_id, self._number)
        conversation, turn = f"{company}:{customer}", f"push-{uuid.uuid4().hex}"
        steps = [{**each, "from": company, "to": customer} for each in said]
        try:
            await asyncio.to_thread(self._turns.say, self._company, conversation, turn, steps, self._shown)
        except Exception as error:
            logger.error("a pushed message could not be queued (%s)", type(error).__name__)
        else:
            self._queued()
