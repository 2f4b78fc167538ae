"""What one message means to the form that asks for the document.

Documents are the entities that the extractor found, and confirmed here by their check digits. The text itself is looked
at for an answer to what was offered, for the next piece of a document that comes in several messages, and for a number
that is plainly something else. Pure; nothing of Rasa.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stdnum.exceptions import ValidationError

from segunda_via.boletos import documents
from segunda_via.boletos.documents import OtherKind, Reason
from segunda_via.conversation.keywords import normalise

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

ENTITIES = frozenset({"cpf", "cnpj", "documento_invalido"})
EXTRACTOR = "DocumentExtractor"
"""How Rasa calls the component that finds them."""

_WRONG = {
    Reason.CHECK_DIGITS.value: "utter_segunda_via_invalid_check_digits",
    Reason.REPEATED.value: "utter_segunda_via_invalid_repeated",
    Reason.TOO_SHORT.value: "utter_segunda_via_invalid_too_short",
    Reason.TOO_LONG.value: "utter_segunda_via_invalid_too_long",
}
_BOLETO = "utter_segunda_via_invalid_boleto"
_PIX = "utter_segunda_via_invalid_pix"
_PHONE = "utter_segunda_via_invalid_phone"
_ONLY_NUMBER = re.compile(r"[\d\s.,/()+*-]*\d[\d\s.,/()+*-]*")
_FEWEST_DIGITS = 3
"""Of a number that may be a document, or its first piece; fewer answer a menu."""
_FEWEST_DIGITS_OF_A_PIECE = 2
MOST_DIGITS_OF_PIECES = 9
"""Of several that await yet another: a CPF without its check digits."""
_BESIDE_A_PIECE = frozenset({"ai", "aqui", "com", "depois", "e", "eh", "final", "mais", "o", "resto", "termina"})
_ORDINALS = {"primeiro": 1, "primeira": 1, "segundo": 2, "segunda": 2, "terceiro": 3, "terceira": 3}
_PICK = re.compile(r"(?:op[cç][aã]o|n[uú]mero|o|a|é)?\s*(?:(\d)|(\w+))[\s.!)ºª]*", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """One message of the customer, as the NLU read it."""

    text: str = field(repr=False)
    intent: str | None
    entities: tuple[Mapping[str, Any], ...] = field(repr=False)


@dataclass(frozen=True)
class Offer:
    """Documents of which one is to be confirmed or chosen."""

    documents: tuple[str, ...] = field(repr=False)
    spelled: bool = False
    """It was spelled in words."""


@dataclass(frozen=True)
class Reading:
    """What one message means; all empty when it does not concern the document."""

    document: str | None = field(default=None, repr=False)
    offer: Offer | None = None
    says: str | None = None
    """The response that says what is wrong, or what it is instead."""
    is_try: bool = False
    """A document was meant, and it is none."""
    piece: str = field(default="", repr=False)
    """The digits of a piece of a document, of which the rest may follow."""
    declined: bool = False


NOT_ABOUT_THE_DOCUMENT = Reading()


def read(said: Said, offer: Offer | None = None, pieces: tuple[str, ...] = ()) -> Reading:
    """What `said` means, with an `offer` that waits for an answer, after `pieces` of a document came in messages."""
    offered = offer.documents if offer else ()
    if picked := _picked(said.text, offered):
        return Reading(document=picked)
    is_number = _ONLY_NUMBER.fullmatch(said.text.strip()) is not None
    if not is_number and (said.intent in LEAVING or said.intent in NOT_FOR_THE_FORM):
        return NOT_ABOUT_THE_DOCUMENT
    valid, almost = _documents(said)
    if len(valid) == 1:
        return Reading(document=valid[0])
    if valid:
        return Reading(offer=Offer(valid))
    if whole := _joined(said.text, pieces):
        return Reading(document=whole)
    if offered and (answer := _answer(said, offered)):
        return answer
    if to_confirm := [info for info in almost if info.get("suggestion")]:
        meant = tuple(dict.fromkeys(str(info["suggestion"]) for info in to_confirm))
        return Reading(offer=Offer(meant, to_confirm[0].get("reason") == Reason.SPELLED.value))
    return _not_a_document(said.text, almost, is_number, pieces)


def is_document(entity: Mapping[str, Any]) -> bool:
    """Whether our extractor found it; the bot's own may call other things so, by a model."""
    return entity.get("entity") in ENTITIES and entity.get("extractor") in (None, EXTRACTOR)


def _documents(said: Said) -> tuple[tuple[str, ...], list[Mapping[str, Any]]]:
    """The different valid documents of a message, and what is known of its almost-documents."""
    valid: list[str] = []
    almost: list[Mapping[str, Any]] = []
    for entity in filter(is_document, said.entities):
        if entity.get("entity") in ("cpf", "cnpj"):
            try:
                valid.append(documents.parse(str(entity.get("value"))).value)
            except ValidationError:
                almost.append({})
        else:
            almost.append({"value": entity.get("value"), **(entity.get("additional_info") or {})})
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


def _joined(text: str, pieces: tuple[str, ...]) -> str | None:
    """The document that the message completes: "529.982", then "247-25"."""
    last = _piece(text)
    wholes = ("".join(pieces[first:]) + last for first in range(len(pieces)) if last)
    return next((documents.parse(whole).value for whole in wholes if documents.is_valid(whole)), None)


def _piece(text: str) -> str:
    """The digits of a message that is nothing but a number, or hands over the rest of one."""
    words = normalise(text).split()
    numbers = [word for word in words if word.isdigit()]
    return "".join(numbers) if all(word in _BESIDE_A_PIECE for word in words if not word.isdigit()) else ""


def _not_a_document(text: str, almost: list[Mapping[str, Any]], is_number: bool, pieces: tuple[str, ...]) -> Reading:
    """A message without a document: what is wrong with the one that was meant, or what it holds instead."""
    instead = {other.kind for other in documents.others(text)}
    if not almost and OtherKind.BOLETO in instead:
        return Reading(says=_BOLETO)
    if not almost and OtherKind.PIX in instead:
        return Reading(says=_PIX)
    if OtherKind.PHONE in instead:
        return Reading(says=_PHONE, is_try=True)
    if almost:
        return _almost(almost[-1])
    return _bare_number(text, pieces) if is_number else NOT_ABOUT_THE_DOCUMENT


def _almost(info: Mapping[str, Any]) -> Reading:
    reason = str(info.get("reason"))
    if reason == Reason.TOO_SHORT.value:
        return Reading(says=_WRONG[reason], is_try=True, piece=str(info.get("value") or ""))
    return Reading(says=_WRONG.get(reason, _WRONG[Reason.CHECK_DIGITS.value]), is_try=True)


def _bare_number(text: str, pieces: tuple[str, ...]) -> Reading:
    """A message that is a number, which the extractor did not take for a document."""
    digits = _piece(text)
    fewest = _FEWEST_DIGITS_OF_A_PIECE if pieces else _FEWEST_DIGITS
    if len(digits) < fewest:
        return NOT_ABOUT_THE_DOCUMENT
    if len(digits) < 11:
        return Reading(says=_WRONG[Reason.TOO_SHORT.value], is_try=True, piece=digits)
    return Reading(says=_WRONG[Reason.TOO_LONG.value], is_try=True)
