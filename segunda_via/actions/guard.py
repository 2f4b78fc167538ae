"""What every action shares: it never raises, and it knows the conversation it serves.

An exception in an action would be silence for the customer, and Rasa would log the whole tracker with it. So the guard
logs the kind of error and where it arose, without its data, and answers with the polite error instead.
"""

from __future__ import annotations

import copy
import logging
import traceback
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.app import App, current
from segunda_via.boletos import documents
from segunda_via.company import COMPANY
from segunda_via.conversation import slots
from segunda_via.conversation.document_answer import is_document
from segunda_via.conversation.document_form import FORM
from segunda_via.conversation.shared_intents import ours
from segunda_via.intents import doubts
from segunda_via.whatsapp import turn_request

logger = logging.getLogger(__name__)


class GuardedAction(Action, ABC):
    """An action whose work is `serve`; anything unexpected becomes `utter_segunda_via_error` and a hand-over.

    Where the customer is not waiting for this action's words (`speaks` is False), the failure is only logged: an
    apology after a delivery would say that it had failed.
    """

    speaks: ClassVar[bool] = True

    @abstractmethod
    def name(self) -> str:
        """The action's name; abstract, so that the SDK does not register this class."""

    @property
    def app(self) -> App:
        """The process's own, since the SDK builds the actions and passes nothing on."""
        return current()

    @abstractmethod
    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """The action's work, as `run` of the SDK."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        try:
            told = in_our_words(tracker)
            self._note_what_is_doubtful(told)
            return await self.serve(dispatcher, told, domain)
        except Exception as error:
            logger.error("%s failed: %s", self.name(), _where(error))
            if self.speaks:
                self._apologise(dispatcher, tracker)
            return _failed(tracker)

    def _note_what_is_doubtful(self, tracker: Tracker) -> None:
        """Once a turn, by its first action; the store does not raise."""
        if tracker.latest_action_name == "action_listen" and (text := doubts.doubtful(tracker.events)):
            self.app.misunderstood_store.note(COMPANY, text)

    def _apologise(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        dispatcher.messages.clear()  # half a delivery is worse than none
        dispatcher.utter_message(response="utter_segunda_via_error")
        try:
            self.app.tickets.hand_over(COMPANY, tracker.sender_id, "error", self.name(), ticket_id(tracker))
        except Exception as error:
            logger.error("%s could not hand over either: %s", self.name(), _where(error))


def in_our_words(tracker: Tracker) -> Tracker:
    """The tracker with our names for the intents that the bot calls otherwise."""
    names = tracker.slots.get(slots.INTENTS)
    if not names:
        return tracker
    state = copy.deepcopy(tracker.current_state())
    for said in [state["latest_message"], *(event.get("parse_data") for event in state["events"])]:
        if said and (intent := said.get("intent")) and intent.get("name"):
            intent["name"] = ours(intent["name"], names)
    return Tracker.from_dict(state)


def unchanged(tracker: Tracker) -> list[EventType]:
    """What an action leaves that changes nothing: one that left no event would be taken for one whose call failed."""
    return [SlotSet(slots.OUTCOME, tracker.get_slot(slots.OUTCOME))]


def nothing_ended() -> list[EventType]:
    """Neither an outcome nor a fate: what an earlier delivery left does not count any more."""
    return [SlotSet(slot, None) for slot in slots.ENDED]


def _failed(tracker: Tracker) -> list[EventType]:
    """Nothing of this delivery counts; our form, if it was asking, ends: its question must not follow an apology."""
    asking = [SlotSet(slots.REQUESTED, None)] if tracker.active_loop_name == FORM else []
    return [SlotSet(slots.DOCUMENT, None), *nothing_ended(), *asking]


def intent_of(tracker: Tracker) -> str | None:
    """What the latest message means."""
    name = ((tracker.latest_message or {}).get("intent") or {}).get("name")
    return str(name) if name else None


def document_of(tracker: Tracker) -> str | None:
    """The valid document of the latest message, the last one when there are several."""
    entities = (tracker.latest_message or {}).get("entities") or []
    said = [str(each.get("value")) for each in entities if is_document(each)]
    return next((each for each in reversed(said) if documents.is_valid(each)), None)


def masked(document: str | None) -> str | None:
    return documents.mask(document) if document and documents.is_valid(document) else None


def metadata_of(tracker: Tracker) -> Mapping[str, Any]:
    """What came with the latest message."""
    return (tracker.latest_message or {}).get("metadata") or {}


def message_id_of(tracker: Tracker) -> str:
    """The latest message's id; the same when its turn is run again."""
    return str(metadata_of(tracker).get("message_id") or (tracker.latest_message or {}).get("message_id") or "")


def speaks_unasked(tracker: Tracker) -> bool:
    """Whether what is said goes through an outbox: it is only queued when this turn ends, and may come at any time."""
    return bool(metadata_of(tracker).get(turn_request.OUTBOX))


def is_said_by_job(tracker: Tracker, kind: str) -> bool:
    """Whether a job of that kind said the latest message, and no customer."""
    return metadata_of(tracker).get(turn_request.INPUT) == kind


def ticket_id(tracker: Tracker) -> str | None:
    """The desk's own ticket, when the desk carries the conversation."""
    value = metadata_of(tracker).get("ticket_id")
    return str(value)[:255] if value else None


def _where(error: BaseException) -> str:
    """The error's class and the line it arose on; never its text, which may quote the data it choked on."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} in {place}"
