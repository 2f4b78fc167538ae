"""What Rasa says in a turn, as messages of WhatsApp; and how they are put into the outbox."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.engine import Connection

from segunda_via.boletos.outcome import Outcome
from segunda_via.job_queue.queue import JobQueue
from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.whatsapp import buttons
from segunda_via.whatsapp.sent_messages import DELIVERED, MESSAGES
from segunda_via.whatsapp.shown_choices import ShownChoices
from segunda_via.whatsapp.splitting import LIMIT, split

logger = logging.getLogger(__name__)

Message = Mapping[str, Any]
"""One message: `kind` (text, image, document, template), `from`, `to`; `body`, `url`, or `template`, `variables`."""

_CONVERSATION = re.compile(r"(whatsapp:[^:]+):(whatsapp:[^:]+)")
_MOST_BUTTONS = 3
_DELIVERED = "segunda_via_delivered"


@dataclass(frozen=True)
class Replies:
    """`choices` are those that the customer sees last, None where what was shown before still counts.

    `delivered` is the outcome of a delivery that is made of these messages.
    """

    messages: Sequence[Message] = field(default=(), repr=False)
    choices: Sequence[buttons.ButtonChoice] | None = None
    delivered: Outcome | None = None


def announcement(outcome: Outcome) -> dict[str, str]:
    """What an action says, as a custom message, for the channel: the ticket ends when these messages have arrived."""
    return {_DELIVERED: outcome.value}


def is_on_whatsapp(conversation_id: str) -> bool:
    return _CONVERSATION.fullmatch(conversation_id) is not None


def read(said: Iterable[Mapping[str, Any]], conversation_id: str, number: WhatsAppNumber | None) -> Replies:
    """Of what Rasa said in a conversation of WhatsApp, in its order; what WhatsApp cannot show is left out."""
    company, customer = _addresses(conversation_id)
    messages: list[Message] = []
    choices: Sequence[buttons.ButtonChoice] = ()
    delivered = None
    for each in said:
        if isinstance(each.get("custom"), Mapping) and _DELIVERED in each["custom"]:
            delivered = Outcome(each["custom"][_DELIVERED])
        elif "buttons" in each:
            choices = buttons.read(each["buttons"])
            messages += _with_buttons(str(each.get("text") or ""), choices, _template(each.get("response"), number))
        else:
            messages += _plain(each)
    addressed = [{**each, "from": company, "to": customer} for each in messages]
    return Replies(addressed, choices, delivered)


def texts(said: Iterable[str], conversation_id: str) -> Replies:
    """Texts that no turn said, and that answer no question."""
    return replace(read(({"text": each} for each in said), conversation_id, None), choices=None)


class ReplyWriter:
    """Puts what a turn said into the outbox, as one job, in a transaction of the caller's."""

    def __init__(self, outbox: JobQueue, choices: ShownChoices) -> None:
        self._outbox = outbox
        self._choices = choices

    def put(
        self, connection: Connection, company: str, conversation_id: str, message_id: str, replies: Replies
    ) -> None:
        """Once for each `message_id`: the same again changes nothing."""
        if not replies.messages:
            return
        said = {MESSAGES: replies.messages, DELIVERED: replies.delivered is not None}
        self._outbox.put(
            conversation_id, message_id, MESSAGES, said, company=company, batch=message_id, connection=connection
        )
        if replies.choices is not None:
            self._choices.show(connection, company, conversation_id, replies.choices)


def _addresses(conversation_id: str) -> tuple[str, str]:
    """The company's address and the customer's.

    >>> _addresses("whatsapp:+551140000000:whatsapp:+5547999990000")
    ('whatsapp:+551140000000', 'whatsapp:+5547999990000')
    """
    match = _CONVERSATION.fullmatch(conversation_id)
    if match is None:
        raise ValueError("the conversation is not on WhatsApp")
    return match[1], match[2]


def _plain(said: Mapping[str, Any]) -> list[Message]:
    if said.get("text"):
        return [{"kind": "text", "body": part} for part in split(str(said["text"]))]
    if said.get("image"):
        return [{"kind": "image", "url": str(said["image"])}]
    if said.get("attachment"):
        return [{"kind": "document", "url": str(said["attachment"])}]
    logger.warning("a message was left out: WhatsApp has nothing to show it with")
    return []


def _with_buttons(text: str, offered: Sequence[buttons.ButtonChoice], template: str | None) -> list[Message]:
    """By the template that stands for the response, when one is configured and fits; else numbered.

    The template's variables are the text and the titles; which choice was pressed is told by the button's ID, its
    number. The numbered text goes along, should Twilio refuse the template.
    """
    body = buttons.numbered(text, offered)
    if template is None or not 0 < len(offered) <= _MOST_BUTTONS or len(body) > LIMIT:
        return _plain({"text": body})
    titles = {str(place): buttons.short(each.title) for place, each in enumerate(offered, 2)}
    variables = {"1": text, **titles}
    return [{"kind": "template", "template": template, "variables": variables, "body": body}]


def _template(response: object, number: WhatsAppNumber | None) -> str | None:
    if number is None or not isinstance(response, str):
        return None
    return number.templates.get(response.removeprefix("utter_segunda_via_"))
