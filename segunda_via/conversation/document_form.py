"""Asking for the document: what the form does after each message, from the first "quero meu boleto" to a valid CPF.

Rasa calls a form's validation twice at activation and again when it comes back from an interruption, so nothing is
counted in slots: where the form stands is derived each time from the events of the conversation (dicts, as the action
server receives them) since the form began, by reading every message again in order (`document_answer`). Pure; nothing
of Rasa.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from segunda_via.boletos import documents
from segunda_via.conversation.document_answer import (
    LEAVING,
    MOST_DIGITS_OF_PIECES,
    NOT_ABOUT_THE_DOCUMENT,
    NOT_FOR_THE_FORM,
    Offer,
    Reading,
    Said,
    read,
)
from segunda_via.conversation.slots import CHOICE, DOCUMENT, ENDED, REQUESTED, SPELLED, SUGGESTION

__all__ = ["LEAVING", "NOT_FOR_THE_FORM", "FormStep", "is_waiting", "messages_to_the_form", "next_step", "tries_taken"]

FORM = "segunda_via_form"

TRIES = 3
"""Invalid documents until a person takes over."""

_ENDINGS = ("active_loop", "session_started", "restart")


@dataclass(frozen=True)
class FormStep:
    """What the form does now: responses to say, slots to set."""

    says: tuple[str, ...] = ()
    slots: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Standing:
    """Where the form stands after some messages."""

    tries: int = 0
    """Documents that were none."""
    offer: Offer | None = None
    """It waits for an answer."""
    pieces: tuple[str, ...] = field(default=(), repr=False)
    """Of a document, one a message. They become a try when what follows does not complete them."""
    latest: Reading = NOT_ABOUT_THE_DOCUMENT

    def after(self, message: Said) -> Standing:
        reading = read(message, self.offer, self.pieces)
        if reading.piece:
            pieces = (*self.pieces, reading.piece)
            if not self.pieces or sum(map(len, pieces)) <= MOST_DIGITS_OF_PIECES:
                return Standing(self.tries, None, pieces, reading)
            return Standing(self.tries + 1, None, (reading.piece,), reading)
        if reading.is_try or reading.offer or reading.document or reading.declined:
            pieces_were_a_try = bool(self.pieces) and not reading.document
            return Standing(self.tries + reading.is_try + pieces_were_a_try, reading.offer, (), reading)
        return replace(self, latest=reading)


def next_step(events: Iterable[Mapping[str, Any]], tries: int = TRIES) -> FormStep:
    """The step that follows the last message of `events`."""
    said, began_before = messages_to_the_form(events)
    now = _standing(said)
    latest = now.latest
    if latest.document:
        return FormStep(slots={**_nothing_kept(), DOCUMENT: latest.document, **_no_outcome()})
    says = (latest.says,) if latest.says else ()
    if now.tries >= tries:
        # Without a document the form ends, and the delivery finds the document invalid: a person takes over.
        return FormStep(says, {**_nothing_kept(), **_no_outcome(), REQUESTED: None})
    if latest == NOT_ABOUT_THE_DOCUMENT and began_before:
        # Setting no slot lets Rasa look for a rule that answers; the question asked again is the one that was open.
        return FormStep(slots=_question(now.offer))
    return FormStep(says, {**_nothing_kept(), **_shown(now.offer), **_question(now.offer)})


def tries_taken(events: Iterable[Mapping[str, Any]]) -> int:
    """How many documents were given until the form ended that ended last, the one that it ended with included."""
    told = list(events)
    while told and not (told[-1].get("event") == "active_loop" and told[-1].get("name") is None):
        told.pop()
    said, _ = messages_to_the_form(told[:-1])
    return _standing(said).tries + 1


def is_waiting(step: FormStep) -> bool:
    """Whether the form goes on asking after `step`."""
    return not step.slots.get(DOCUMENT) and step.slots.get(REQUESTED, FORM) is not None


def _standing(said: Iterable[Said]) -> Standing:
    now = Standing()
    for message in said:
        now = now.after(message)
    return now


def messages_to_the_form(events: Iterable[Mapping[str, Any]]) -> tuple[list[Said], bool]:
    """The messages the running form has to read, and whether it began before the last of them.

    The message that starts the form belongs to it; once the form ends, what was said to it is used up.
    """
    said: list[Said] = []
    running = began_before = False
    for event in events:
        kind = event.get("event")
        if kind == "user":
            said = [*said, _said(event)] if running else [_said(event)]
            began_before = running
        elif kind == "active_loop" and event.get("name") == FORM:
            running, began_before = True, False
        elif kind in _ENDINGS:
            said, running, began_before = [], False, False
    return said, began_before


def _said(event: Mapping[str, Any]) -> Said:
    parsed = event.get("parse_data") or {}
    intent = (parsed.get("intent") or {}).get("name")
    return Said(str(event.get("text") or ""), intent, tuple(parsed.get("entities") or ()))


def _nothing_kept() -> dict[str, Any]:
    return {DOCUMENT: None, SUGGESTION: None, SPELLED: None, CHOICE: None}


def _no_outcome() -> dict[str, Any]:
    """What the last delivery left must not be mistaken for the next one's, should that one fail."""
    return dict.fromkeys(ENDED)


def _shown(offer: Offer | None) -> dict[str, Any]:
    if offer is None:
        return {}
    if len(offer.documents) > 1:
        return {CHOICE: "\n".join(f"{n}) {documents.format(each)}" for n, each in enumerate(offer.documents, 1))}
    (document,) = offer.documents
    return {SPELLED: documents.ends(document)} if offer.spelled else {SUGGESTION: documents.format(document)}


def _question(offer: Offer | None) -> dict[str, Any]:
    """The slot to ask for: an offer has a question of its own, everything else is the form's."""
    return {REQUESTED: next(iter(_shown(offer)))} if offer else {}
