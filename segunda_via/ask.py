"""Asking for the document: what the form makes of each message, from the first "quero meu boleto" to a valid CPF.

Rasa calls a form's validation twice at activation and again when it comes back from an interruption, so nothing is
counted in slots: the answer is derived each time from the events of the conversation (dicts, as the action server
receives them) since the form began, by reading every message again in order. Pure; nothing of Rasa.

Only entities are read as documents (the extractor finds them, `parse` confirms them here). Free text is looked at for
two things: an answer to an offered document, and a number that is plainly something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import phonenumbers
from stdnum.exceptions import ValidationError

from segunda_via import documents

FORM = "segunda_via_form"
DOCUMENT = "segunda_via_document"
SUGGESTION = "segunda_via_suggestion"
CHOICE = "segunda_via_choice"
REQUESTED = "requested_slot"

TRIES = 3
"""Invalid documents until a person takes over."""

LEAVING = frozenset(
    {
        "cancelar",
        "falar_com_atendente",
        "mudar_vencimento",
        "negociar_divida",
        "cancelar_servico",
        "desbloquear_servico",
        "suporte_tecnico",
        "contratar_servico",
        "outro_assunto",
    }
)
"""Intents that leave the form, even with a document in the same message: rules answer them."""

NOT_FOR_THE_FORM = frozenset({"ja_paguei"})
"""Intents that do something else with a document in the same message."""

_WRONG = {
    documents.Reason.CHECK_DIGITS.value: "utter_segunda_via_invalid_check_digits",
    documents.Reason.REPEATED.value: "utter_segunda_via_invalid_repeated",
    documents.Reason.TOO_SHORT.value: "utter_segunda_via_invalid_too_short",
    documents.Reason.TOO_LONG.value: "utter_segunda_via_invalid_too_long",
}
_PHONE = "utter_segunda_via_invalid_phone"
_BOLETO = "utter_segunda_via_invalid_boleto"
_UNKNOWN_REASON = "utter_segunda_via_invalid_check_digits"

_BOLETO_LENGTHS = (44, 47, 48)
_ENDINGS = ("active_loop", "session_started", "restart")
_ONLY_NUMBER = re.compile(r"[\d\s.,/()+*-]*\d[\d\s.,/()+*-]*")
_FEWEST_DIGITS = 4
_ORDINALS = {"primeiro": 1, "primeira": 1, "segundo": 2, "segunda": 2, "terceiro": 3, "terceira": 3}
_PICK = re.compile(r"(?:op[cç][aã]o|n[uú]mero|o|a|é)?\s*(?:(\d)|(\w+))[\s.!)ºª]*", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """One message of the customer, as the NLU read it."""

    text: str = field(repr=False)
    intent: str | None
    entities: tuple[Mapping[str, Any], ...] = field(repr=False)


@dataclass(frozen=True)
class Reading:
    """What one message means to the form; all empty when it does not concern the document."""

    document: str | None = field(default=None, repr=False)
    offered: tuple[str, ...] = field(default=(), repr=False)
    wrong: str | None = None
    """The response that says what is wrong."""
    declined: bool = False


NOT_ABOUT_THE_DOCUMENT = Reading()


@dataclass(frozen=True)
class Step:
    """What the form does now: responses to say, slots to set."""

    says: tuple[str, ...] = ()
    slots: Mapping[str, Any] = field(default_factory=dict, repr=False)


def next_step(events: Iterable[Mapping[str, Any]], tries: int = TRIES) -> Step:
    """The step that follows the last message of `events`."""
    said, began_before = messages_to_the_form(events)
    invalid, latest, offered = _read_all(said)
    if latest.document:
        return Step(slots={**_nothing_kept(), DOCUMENT: latest.document, **_no_outcome()})
    if latest.wrong:
        if invalid < tries:
            return Step((latest.wrong,), _nothing_kept())
        # Without a document the form ends, and the delivery finds the document invalid: a person takes over.
        return Step((latest.wrong,), {**_nothing_kept(), **_no_outcome(), REQUESTED: None})
    if latest == NOT_ABOUT_THE_DOCUMENT and began_before:
        # Setting no slot lets Rasa look for a rule that answers; the question asked again is the one that was open.
        return Step(slots=_question(offered))
    return Step(slots={**_nothing_kept(), **_shown(offered), **_question(offered)})


def tries_taken(events: Iterable[Mapping[str, Any]]) -> int:
    """How many documents were given until the form ended that ended last, the one that it ended with included."""
    told = list(events)
    while told and not (told[-1].get("event") == "active_loop" and told[-1].get("name") is None):
        told.pop()
    said, _ = messages_to_the_form(told[:-1])
    return _read_all(said)[0] + 1


def is_waiting(step: Step) -> bool:
    """Whether the form goes on asking after `step`."""
    return not step.slots.get(DOCUMENT) and step.slots.get(REQUESTED, FORM) is not None


def _read_all(said: Iterable[Said]) -> tuple[int, Reading, tuple[str, ...]]:
    """How many documents were invalid, what the last message means, and what is offered since."""
    invalid, latest = 0, NOT_ABOUT_THE_DOCUMENT
    offered: tuple[str, ...] = ()
    for message in said:
        latest = read(message, offered)
        invalid += latest.wrong is not None
        if latest != NOT_ABOUT_THE_DOCUMENT:
            offered = latest.offered
    return invalid, latest, offered


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


def read(said: Said, offered: tuple[str, ...] = ()) -> Reading:
    """What `said` means, with the documents `offered` before it waiting for an answer."""
    if picked := _picked(said.text, offered):
        return Reading(document=picked)
    if said.intent in LEAVING or said.intent in NOT_FOR_THE_FORM:
        return NOT_ABOUT_THE_DOCUMENT
    valid, almost = _documents(said)
    if len(valid) == 1:
        return Reading(document=valid[0])
    if valid:
        return Reading(offered=valid)
    if offered and (answer := _answer(said, offered)):
        return answer
    meant = tuple(dict.fromkeys(info["suggestion"] for info in almost if info.get("suggestion")))
    if meant:
        return Reading(offered=meant)
    if not almost and not _ONLY_NUMBER.fullmatch(said.text.strip()):
        return Reading(wrong=_PHONE) if _is_phone(said.text) else NOT_ABOUT_THE_DOCUMENT
    if _is_phone(said.text):
        return Reading(wrong=_PHONE)
    if almost:
        return Reading(wrong=_WRONG.get(str(almost[-1].get("reason")), _UNKNOWN_REASON))
    return _bare_number(said.text)


def _documents(said: Said) -> tuple[tuple[str, ...], list[Mapping[str, Any]]]:
    """The different valid documents of a message, and what is known of its almost-documents."""
    valid: list[str] = []
    almost: list[Mapping[str, Any]] = []
    for entity in said.entities:
        if entity.get("entity") in ("cpf", "cnpj"):
            try:
                valid.append(documents.parse(str(entity.get("value"))).value)
            except ValidationError:
                almost.append({})
        elif entity.get("entity") == "documento_invalido":
            almost.append(entity.get("additional_info") or {})
    return tuple(dict.fromkeys(valid)), almost


def _picked(text: str, offered: tuple[str, ...]) -> str | None:
    """The option that `text` is the number of, when there are several."""
    match = _PICK.fullmatch(text.strip())
    if match is None or len(offered) < 2:
        return None
    number = int(match[1]) if match[1] else _ORDINALS.get(match[2].lower(), 0)
    return offered[number - 1] if 1 <= number <= len(offered) else None


def _answer(said: Said, offered: tuple[str, ...]) -> Reading | None:
    """A "sim" or a "não" to what was offered."""
    if said.intent == "negar":
        return Reading(declined=True)
    if said.intent == "afirmar" and len(offered) == 1:
        return Reading(document=offered[0])
    return None


def _is_phone(text: str) -> bool:
    return next(iter(phonenumbers.PhoneNumberMatcher(text, "BR")), None) is not None


def _bare_number(text: str) -> Reading:
    """A message that is a number, which the extractor did not take for a document."""
    digits = sum(char.isdigit() for char in text)
    if digits in _BOLETO_LENGTHS:
        return Reading(wrong=_BOLETO)
    if digits < _FEWEST_DIGITS:
        return NOT_ABOUT_THE_DOCUMENT
    reason = documents.Reason.TOO_SHORT if digits < 11 else documents.Reason.TOO_LONG
    return Reading(wrong=_WRONG[reason.value])


def _said(event: Mapping[str, Any]) -> Said:
    parsed = event.get("parse_data") or {}
    intent = (parsed.get("intent") or {}).get("name")
    return Said(str(event.get("text") or ""), intent, tuple(parsed.get("entities") or ()))


def _nothing_kept() -> dict[str, Any]:
    return {DOCUMENT: None, SUGGESTION: None, CHOICE: None}


def _no_outcome() -> dict[str, Any]:
    """What the last delivery left must not be mistaken for the next one's, should that one fail."""
    return {"segunda_via_outcome": None, "segunda_via_another_try": None}


def _shown(offered: tuple[str, ...]) -> dict[str, Any]:
    if len(offered) == 1:
        return {SUGGESTION: documents.format(offered[0])}
    if offered:
        return {CHOICE: "\n".join(f"{n}) {documents.format(each)}" for n, each in enumerate(offered, 1))}
    return {}


def _question(offered: tuple[str, ...]) -> dict[str, Any]:
    """The slot to ask for: an offer has a question of its own, everything else is the form's."""
    if not offered:
        return {}
    return {REQUESTED: SUGGESTION if len(offered) == 1 else CHOICE}
