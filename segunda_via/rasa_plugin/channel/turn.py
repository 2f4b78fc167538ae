"""One message of a customer becomes one turn of Rasa, and what was said in it is given back: the same, asked twice.

Rasa saves a conversation when its turn has ended. Whoever asks again with `attempt` > 1 therefore finds the message
there, or it was never answered: then it is run. One turn at a time, by Rasa's own lock for the conversation.
"""

from __future__ import annotations

import asyncio
import copy
import inspect
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import LockError
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.shared.core.events import BotUttered, Event, UserUttered

from segunda_via.conversation.document_form import FORM
from segunda_via.conversation.inactivity import INACTIVE
from segunda_via.http.rasa_client import LONGEST_TURN
from segunda_via.rasa_plugin.channel.patient_actions import PatientEndpoint

logger = logging.getLogger(__name__)

NAME = "whatsapp"
"""What conversations call the channel, and responses that have a variant for it."""

Message = Mapping[str, Any]
"""`text`, with `buttons` ([{title, payload}]) and the `response` it was made of where there are some; `image` or
`attachment` (a URL); or `custom` (JSON)."""


class TurnError(Exception):
    """Nothing may be sent. The text holds nothing of the conversation."""


class TurnUnavailable(TurnError):
    """No turn could be run or read now: it is to be asked for again."""


class TurnBroken(TurnError):
    """The turn was run, and raised."""


class TurnTooLong(TurnError):
    """The turn was run, and given up."""


class TurnCallError(ValueError):
    """What was asked for is no turn."""


@dataclass(frozen=True)
class TurnCall:
    """What is asked for: the customer's words, or what they mean when that is known already."""

    conversation_id: str
    message_id: str
    attempt: int = 1
    text: str = ""
    intent: str | None = None
    entities: Sequence[Mapping[str, Any]] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, body: object) -> TurnCall:
        """Of the JSON of a request; TurnCallError, without what was sent, when it is no such thing."""
        if not isinstance(body, dict):
            raise TurnCallError("an object is expected")
        known = {name: body[name] for name in cls.__dataclass_fields__ if body.get(name) is not None}
        kinds: dict[str, type] = {"attempt": int, "entities": list, "metadata": dict}
        for name, value in known.items():
            if not isinstance(value, kinds.get(name, str)) or isinstance(value, bool):
                raise TurnCallError(f"{name} is not a {kinds.get(name, str).__name__}")
        missing = [name for name in ("conversation_id", "message_id") if not known.get(name)]
        if missing or not (known.get("text") or known.get("intent")):
            raise TurnCallError(f"missing: {', '.join(missing) or 'text or intent'}")
        return cls(**known)

    def as_message(self, output: OutputChannel) -> UserMessage:
        """What Rasa is told. Words that begin with a slash are words: only `intent` names an intent."""
        words, parsed = self.text.lstrip().lstrip("/"), None
        if self.intent:
            certain = {"name": self.intent, "confidence": 1.0}
            words = self.text or f"/{self.intent}"
            parsed = {
                "text": words,
                "intent": certain,
                "intent_ranking": [certain],
                "entities": [{"start": 0, "end": 0, "confidence": 1.0, **entity} for entity in self.entities],
            }
        return UserMessage(
            words,
            output,
            self.conversation_id,
            input_channel=NAME,
            message_id=self.message_id,
            metadata={**self.metadata, "message_id": self.message_id},
            parse_data=parsed,
        )


class RecordingOutput(OutputChannel):
    """Keeps what is said, in order. `send_*` never raises."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    @classmethod
    def name(cls) -> str:
        return NAME

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        try:
            # Rasa takes the dictionary apart, which is the one that the conversation keeps.
            await super().send_response(recipient_id, copy.deepcopy(message))
        except Exception as error:
            logger.error("a message was left out: it cannot be read (%s)", type(error).__name__)

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        self.messages.append({"text": str(text)})

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        self.messages.append({"image": str(image)})

    async def send_attachment(self, recipient_id: str, attachment: str, **kwargs: Any) -> None:
        self.messages.append({"attachment": str(attachment)})

    async def send_text_with_buttons(
        self, recipient_id: str, text: str, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        offered = [{"title": str(each.get("title")), "payload": str(each.get("payload"))} for each in buttons]
        self.messages.append({"text": str(text), "buttons": offered, "response": kwargs.get("utter_action")})

    async def send_quick_replies(
        self, recipient_id: str, text: str, quick_replies: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        await self.send_text_with_buttons(recipient_id, text, quick_replies, **kwargs)

    async def send_custom_json(self, recipient_id: str, json_message: dict[str, Any], **kwargs: Any) -> None:
        self.messages.append({"custom": json_message})


async def run(agent: Agent, call: TurnCall, longest: float = LONGEST_TURN) -> list[Message]:
    """What was said in the turn, now or when it was run; TurnError when there is none to be had.

    Whoever asks may go away: the turn goes on to its end, so that what it did is known to the conversation.
    """
    task = asyncio.ensure_future(_locked(agent, call))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    done, _ = await asyncio.wait({task}, timeout=longest)
    if not done:
        task.cancel()  # Rasa's lock is freed on the way out
        raise TurnTooLong(f"it took more than {longest:.0f} s")
    return task.result()


_under_way: set[asyncio.Future[list[Message]]] = set()


async def _locked(agent: Agent, call: TurnCall) -> list[Message]:
    if not agent.is_ready():
        raise TurnUnavailable("no model is loaded")
    output = RecordingOutput()
    store = _TellingStore(agent.tracker_store)
    processor = copy.copy(agent.processor)
    processor.tracker_store = store
    if processor.action_endpoint is not None:
        processor.action_endpoint = PatientEndpoint(processor.action_endpoint)
    try:
        async with agent.lock_store.lock(call.conversation_id):
            if call.attempt > 1:
                tracker = await store.retrieve_full_tracker(call.conversation_id)
                answered = _answers(tracker.events if tracker else (), call.message_id)
                if answered is not None:
                    for each in answered:
                        await output.send_response(call.conversation_id, each.message())
                    return output.messages
            if call.intent == INACTIVE and not await _is_asking(store, call.conversation_id):
                return []  # nothing is closed, and a form of the bot's must not take it for an answer
            await _run_now(processor, call.as_message(output))
    except TurnError:
        raise
    except LockError as error:
        raise TurnUnavailable("the conversation is locked") from error
    except Exception as error:  # its text may quote the conversation
        raise TurnUnavailable(type(error).__name__) from None
    return output.messages


async def _is_asking(store: _TellingStore, conversation_id: str) -> bool:
    """Whether our form waits for an answer."""
    tracker = await store.retrieve(conversation_id)
    return tracker is not None and tracker.active_loop_name == FORM


async def _run_now(processor: MessageProcessor, message: UserMessage) -> None:
    try:
        await processor.handle_message(message)
    except TurnUnavailable:
        raise
    except Exception as error:
        raise TurnBroken(type(error).__name__) from None


class _TellingStore:
    """A tracker store whose own failures are TurnUnavailable, so that they are told from those of a turn.

    It stands on the store itself: what Rasa wraps around it hides a database that is gone as a conversation that never
    was.
    """

    def __init__(self, store: TrackerStore) -> None:
        while isinstance(store, FailSafeTrackerStore):
            store = store._tracker_store
        self._store = store

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def telling(*args: Any, **kwargs: Any) -> Any:
            try:
                return await found(*args, **kwargs)
            except Exception as error:  # its text may quote the conversation
                raise TurnUnavailable(type(error).__name__) from None

        return telling


def _answers(events: Sequence[Event], message_id: str) -> list[BotUttered] | None:
    """What was said to that message; None when the conversation does not hold it."""
    found: list[BotUttered] | None = None
    for event in events:
        if isinstance(event, UserUttered):
            if found is not None:
                break
            if event.message_id == message_id:
                found = []
        elif found is not None and isinstance(event, BotUttered):
            found.append(event)
    return found
